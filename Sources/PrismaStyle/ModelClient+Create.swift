public import PrivataCore

extension ModelClient {
  /// Adds a record, with related ones where `data` says so, and answers it: all or nothing.
  ///
  /// ```swift
  /// try await db["User"].create([
  ///   "data": ["email": "ada@example.org", "sessions": ["create": [["kind": "video"]]]],
  ///   "include": ["sessions": true]])
  /// ```
  ///
  /// - Throws: P2002 where a unique value is taken, P2025 where a `connect` names no record.
  @discardableResult
  public func create(_ arguments: Document) async throws(PrivataError) -> Document {
    let arguments = try self.arguments(arguments, Selection.words.union(["data"]))
    let selection = try Selection(arguments, client.schema)
    let data = try arguments.required("data")
    let nests = try !RecordData(data, arguments.model, client.schema).related.isEmpty
    return try await translating(name) { () async throws(PrivataError) in
      guard nests else {
        let record = try await RecordWriter(client: client, origin: name)
          .create(data, arguments.model)
        return try await RecordLoader(client: client)
          .complete([record], selection, arguments.model)[0]
      }
      return try await client.atomically { scope throws(PrivataError) in
        let record = try await RecordWriter(client: scope, origin: name)
          .create(data, arguments.model)
        return try await RecordLoader(client: scope)
          .complete([record], selection, arguments.model)[0]
      }
    }
  }

  /// Adds records in one statement and answers how many: all or nothing, but for those that
  /// `skipDuplicates` leaves out.
  public func createMany(_ arguments: Document) async throws(PrivataError) -> Int {
    let arguments = try self.arguments(arguments, ["data", "skipDuplicates"])
    let skips = arguments["skipDuplicates"] == true
    if skips, client.store.traits.kind != .postgres {
      throw .refused(
        "skipDuplicates needs Postgres; use upsert", model: name, fields: ["skipDuplicates"])
    }
    let records = try self.records(arguments)
    guard !records.isEmpty else { return 0 }
    return try await translating(name) { () async throws(PrivataError) in
      try await insert(records, arguments.model, skips: skips).inserted
    }
  }

  /// Adds records and answers them; only to-one relations may be included.
  public func createManyAndReturn(
    _ arguments: Document
  ) async throws(PrivataError) -> [Document] {
    let arguments = try self.arguments(
      arguments, Selection.words.union(["data", "skipDuplicates"]))
    let selection = try Selection(arguments, client.schema)
    if let many = selection.related.first(where: { $0.link.kind == .many }) {
      throw .refused(
        "createManyAndReturn includes no lists", model: name, fields: [many.link.name])
    }
    let records = try self.records(arguments)
    guard !records.isEmpty else { return [] }
    return try await translating(name) { () async throws(PrivataError) in
      _ = try await insert(records, arguments.model, skips: arguments["skipDuplicates"] == true)
      return try await RecordLoader(client: client).complete(records, selection, arguments.model)
    }
  }

  private func records(_ arguments: Arguments) throws(PrivataError) -> [Document] {
    var records: [Document] = []
    for document in try arguments.list("data") {
      let data = try RecordData(document, arguments.model, client.schema)
      if let related = data.related.first {
        throw .refused(
          "createMany takes no related records; use create", model: name,
          fields: [related.link.name])
      }
      records.append(try data.record(arguments.model, keys: [:], now: client.clock()))
    }
    return records
  }

  private func insert(
    _ records: [Document], _ model: PrismaModel, skips: Bool
  ) async throws(PrivataError) -> WriteOutcome {
    let given = Set(records.flatMap(\.keys))
    let fields = model.schema.fields.map(\.name).filter { given.contains($0) }
    var batch = RowBatch(width: fields.count)
    for record in records { for field in fields { batch.append(record[field] ?? .null) } }
    return try await client.store.write(
      .insert(
        Insert(
          model.schema, .cells(fields: fields, batch), onConflict: skips ? .ignore([]) : .fail)))
  }
}

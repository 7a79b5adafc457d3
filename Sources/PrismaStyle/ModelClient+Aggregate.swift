public import PrivataCore

extension ModelClient {
  /// How many records match, within `skip` and `take`.
  ///
  /// ```swift
  /// try await db["User"].count(["where": ["role": "patient"]])
  /// ```
  public func count(_ arguments: Document = [:]) async throws(PrivataError) -> Int {
    let words: Set<String> = ["where", "orderBy", "take", "skip", "cursor"]
    let arguments = try self.arguments(arguments, words)
    let page = try Page(arguments)
    return try await translating(name) { () async throws(PrivataError) in
      guard page.take == nil, page.skip == 0, !page.isWindowed else {
        return try await RecordLoader(client: client).records(arguments).count
      }
      let filter = try await WhereCompiler(client: client)
        .filter(try arguments.document("where"), arguments.model)
      return try await count(filter, arguments.model)
    }
  }

  /// How many records match and how many of them have a value in each chosen field.
  ///
  /// ```swift
  /// try await db["User"].counts(["select": ["_all": true, "phone": true]])
  /// // ["_all": 8, "phone": 5]
  /// ```
  public func counts(_ arguments: Document) async throws(PrivataError) -> Document {
    var aggregate = arguments
    aggregate["_count"] = arguments["select"]
    aggregate["select"] = nil
    return try await self.aggregate(aggregate)["_count"]?.asDocument ?? [:]
  }

  /// Figures over all matching records.
  ///
  /// ```swift
  /// try await db["User"].aggregate(["where": ["role": "patient"], "_avg": ["age": true]])
  /// ```
  public func aggregate(_ arguments: Document) async throws(PrivataError) -> Document {
    let words = Accumulation.words.union(["where", "orderBy", "take", "skip", "cursor"])
    let arguments = try self.arguments(arguments, words)
    let accumulation = try Accumulation(arguments)
    return try await translating(name) { () async throws(PrivataError) in
      accumulation.figures(try await rows(arguments, accumulation.fields))
    }
  }

  /// Figures per group of records that agree in the fields of `by`.
  ///
  /// ```swift
  /// try await db["Payment"].groupBy([
  ///   "by": ["currency"], "_sum": ["amount": true], "orderBy": ["currency": "asc"]])
  /// ```
  public func groupBy(_ arguments: Document) async throws(PrivataError) -> [Document] {
    let words = Accumulation.words.union(["by", "where", "having", "orderBy", "take", "skip"])
    let arguments = try self.arguments(arguments, words)
    let accumulation = try Accumulation(arguments)
    let grouping = try Grouping(arguments)
    return try await translating(name) { () async throws(PrivataError) in
      let plain = try self.arguments(
        arguments["where"].map { ["where": $0] } ?? [:], ["where"])
      let fields = accumulation.fields + grouping.fields
      return grouping.groups(try await rows(plain, fields), accumulation)
    }
  }

  /// The fields of all matching records that figures are made of.
  private func rows(
    _ arguments: Arguments, _ fields: [String]
  ) async throws(PrivataError) -> [Document] {
    var selection = try Selection(arguments, client.schema)
    selection.fields = fields + [arguments.model.schema.key.name]
    return try await RecordLoader(client: client).records(arguments, selecting: selection)
  }
}

internal import PrivataCore

/// Writes records with what hangs on them, inside one transaction.
struct RecordWriter: Sendable {
  let client: PrismaClient
  /// The model of the call, which errors about missing related records name.
  let origin: String

  /// Adds a record with its related ones and answers its values.
  func create(
    _ data: Document, _ model: PrismaModel, keys: Document = [:]
  ) async throws(PrivataError) -> Document {
    let data = try RecordData(data, model, client.schema)
    var keys = keys
    for (link, operations) in data.parents {
      keys[link.localField] = try await parentKey(link, operations, of: nil, model)
    }
    var record = try data.record(model, keys: keys, now: client.clock())
    let key = model.schema.key.name
    var batch = RowBatch(width: max(1, record.count))
    for element in record.elements { batch.append(element.value) }
    let isMade = record[key] == nil
    let outcome = try await client.store.write(
      .insert(
        Insert(
          model.schema, .cells(fields: record.keys, batch), returning: isMade ? [key] : [])))
    if isMade, let made = outcome.rows?.value(row: 0, column: 0) { record[key] = made }
    for (link, operations) in data.children {
      try await children(link, operations, of: record, model, isNew: true)
    }
    return record
  }

  /// Changes the one record that matches and what hangs on it, and answers its key.
  ///
  /// - Throws: P2025 where none matches.
  func update(
    _ data: Document, _ model: PrismaModel, where filter: Filter
  ) async throws(PrivataError) -> Value {
    let data = try RecordData(data, model, client.schema)
    guard let record = try await first(model, where: filter) else {
      throw .recordNotFound(origin)
    }
    var keys = Document()
    for (link, operations) in data.parents {
      keys[link.localField] = try await parentKey(link, operations, of: record, model)
    }
    let changes = try data.assignments(model, keys: keys, now: client.clock())
    let key = model.schema.key.name
    let same = Filter.compare(key, .equal, record[key] ?? .null)
    if !changes.isEmpty {
      // The filter is asked again, so that a change since the look-up is not overwritten.
      let outcome = try await client.store.write(
        .update(Update(model.schema, where: RecordLoader.both(same, filter), .assign(changes))))
      guard outcome.matched > 0 else { throw .recordNotFound(origin) }
    }
    for (link, operations) in data.children {
      try await children(link, operations, of: record, model, isNew: false)
    }
    return changes.last { $0.field == key && $0.operation == .set }?.value ?? record[key] ?? .null
  }

  /// Removes the records that match, with what the relations' rules say about records naming them.
  func delete(_ model: PrismaModel, where filter: Filter) async throws(PrivataError) -> Int {
    if !client.store.traits.abilities.contains(.foreignKeys) {
      try await actOnHolders(model, where: filter)
    }
    return try await client.store.write(.delete(Delete(model.schema, where: filter))).deleted
  }

  /// The whole record that matches first, `nil` where none does.
  func first(_ model: PrismaModel, where filter: Filter) async throws(PrivataError) -> Document? {
    let batch = try await client.store.rows(
      for: Query(model.schema, where: filter, limit: 1, layout: .cells))
    guard !batch.isEmpty else { return nil }
    return Document(
      model.schema.fields.enumerated().map { column, field in
        .init(key: field.name, value: batch.value(row: 0, column: column) ?? .null)
      })
  }

  func filter(_ document: Document, _ model: PrismaModel) async throws(PrivataError) -> Filter {
    try await WhereCompiler(client: client).filter(document, model)
  }
}

// MARK: - Stores without foreign keys

extension RecordWriter {
  /// Does what a database's foreign keys would do on delete.
  private func actOnHolders(_ model: PrismaModel, where filter: Filter) async throws(PrivataError) {
    let holders = client.schema.holders(of: model.name)
    let joins = client.schema.joins(of: model.name)
    guard !holders.isEmpty || !joins.isEmpty else { return }
    for (holder, link) in holders {
      let keys = try await column(link.remoteField, model, filter)
      guard !keys.isEmpty else { continue }
      let named = Filter.isIn(link.localField, keys)
      switch link.onDelete {
      case .cascade: _ = try await delete(holder, where: named)
      case .setNull, .setDefault:
        let changes = Changes.assign([Assignment(link.localField, .null)])
        _ = try await client.store.write(
          .update(Update(holder.schema, where: named, changes, isMany: true)))
      case .restrict, .noAction:
        guard try await first(holder, where: named) == nil else {
          throw PrivataError(
            .foreignKey, "records of \(holder.name) still name records of \(model.name)",
            fields: [link.localField], model: model.name)
        }
      }
    }
    for case let link in joins {
      guard let join = link.join else { continue }
      let keys = try await column(link.localField, model, filter)
      _ = try await client.store.write(.delete(Delete(join.schema, where: .isIn(join.own, keys))))
    }
  }

  private func column(
    _ field: String, _ model: PrismaModel, _ filter: Filter
  ) async throws(PrivataError) -> [Value] {
    let batch = try await client.store.rows(
      for: Query(model.schema, where: filter, projection: .fields([field]), layout: .cells))
    return (0..<batch.count).compactMap { batch.value(row: $0, column: 0) }
  }
}

public import PrivataCore
internal import PrivataSQL

/// Records of a model to add.
///
/// ```swift
/// let new = try await db.insert(Tag.self).values(Tag(id: 7, name: "new")).returning()
/// try await db.insert(Tag.self).values { $0.name = "new" }.onConflictDoNothing(\.name).run()
/// ```
public struct ModelInsert<M: Model>: Sendable {
  /// Whole records as cells, as long as no others are given.
  private var whole: RowBatch?
  private var parts: [[String: FieldChange]] = []
  private var conflict: Conflict?
  let database: DatabaseHandle

  private struct Conflict: Sendable {
    var fields: [String]
    var changes: Changeset<M>?
    var condition: SQL?
  }

  init(database: DatabaseHandle) { self.database = database }

  /// Adds whole records.
  public func values(_ records: M...) throws(PrivataError) -> ModelInsert<M> {
    try values(records)
  }

  /// Adds whole records. More than a statement can carry go in several, in one transaction.
  public func values(_ records: [M]) throws(PrivataError) -> ModelInsert<M> {
    var writer = RowWriter(width: M.schema.fields.count)
    for record in records { try record.write(to: &writer) }
    var copy = self
    if whole == nil, parts.isEmpty {
      copy.whole = writer.rows
    } else {
      copy.parts = rows + Self.parts(writer.rows)
      copy.whole = nil
    }
    return copy
  }

  /// The records by field, in the order in which they were given.
  private var rows: [[String: FieldChange]] { whole.map(Self.parts) ?? parts }

  private static func parts(_ batch: RowBatch) -> [[String: FieldChange]] {
    (0..<batch.count).map { row in
      var part: [String: FieldChange] = [:]
      for (position, field) in M.schema.fieldNames.enumerated() {
        part[field] = .value(batch.value(row: row, column: position) ?? .null)
      }
      return part
    }
  }

  /// Adds a record of some of its fields; the others get their defaults.
  public func values(_ set: (inout Changeset<M>) -> Void) -> ModelInsert<M> {
    var changes = Changeset<M>()
    set(&changes)
    var copy = self
    copy.parts = rows + [changes.values]
    copy.whole = nil
    return copy
  }

  /// Skips records whose unique values are taken.
  public func onConflictDoNothing() -> ModelInsert<M> { conflicting([], nil, nil) }

  /// Skips records whose value of a field is taken.
  public func onConflictDoNothing<V>(_ path: FieldPath<M, V>) -> ModelInsert<M> {
    conflicting([M.fields[keyPath: path].name], nil, nil)
  }

  /// Changes the record that is there where the value of a field is taken.
  ///
  /// ```swift
  /// db.insert(Tag.self).values(tags).onConflictDoUpdate(\.name) { $0.category = .excluded }
  /// ```
  public func onConflictDoUpdate<V>(
    _ path: FieldPath<M, V>, where condition: SQL? = nil, set: (inout Changeset<M>) -> Void
  ) -> ModelInsert<M> {
    var changes = Changeset<M>()
    set(&changes)
    return conflicting([M.fields[keyPath: path].name], changes, condition)
  }

  private func conflicting(
    _ fields: [String], _ changes: Changeset<M>?, _ condition: SQL?
  ) -> ModelInsert<M> {
    var copy = self
    copy.conflict = Conflict(fields: fields, changes: changes, condition: condition)
    return copy
  }
}

extension ModelInsert {
  /// Adds the records and answers how many.
  @discardableResult
  public func run() async throws(PrivataError) -> RunResult {
    guard let session = database.session, session.executor != nil else {
      let outcome = try await write(returning: false)
      return RunResult(affected: outcome.inserted, lastInsertRowID: outcome.lastRowID)
    }
    if let whole, conflict == nil, session.isUnwatched { return try await add(whole, session) }
    var total = RunResult(affected: 0)
    for query in queries() {
      let result = try await query.run()
      total.affected = (total.affected ?? 0) + (result.affected ?? 0)
      total.lastInsertRowID = result.lastInsertRowID
    }
    return total
  }

  /// Adds whole records through the store, whose statement is compiled once.
  private func add(_ rows: RowBatch, _ session: Session) async throws(PrivataError) -> RunResult {
    let insert = Insert(M.schema, .cells(fields: M.schema.fieldNames, rows))
    do throws(PrivataError) {
      let outcome = try await session.store.write(.insert(insert))
      return RunResult(affected: outcome.inserted, lastInsertRowID: outcome.lastRowID)
    } catch {
      throw QueryError.wrap(error, try toSQL().text)
    }
  }

  /// Adds the records and answers them as they are then.
  public func returning() async throws(PrivataError) -> [M] {
    guard let session = database.session, session.executor != nil else {
      return try (try await write(returning: true)).rows?.decode(M.self) ?? []
    }
    var records: [M] = []
    for query in queries() {
      let rendered = try query.returning().toSQL(session.dialect)
      records += try (try await session.run(rendered)).result.rows.decode(M.self)
      await session.cache?.forget(rendered)
    }
    return records
  }

  /// The text and the parameters of the statement, without running it.
  public func toSQL() throws(PrivataError) -> RenderedSQL {
    try query(rows[...]).toSQL()
  }

  /// The statements, each within what the database takes as parameters.
  private func queries() -> [InsertQuery] {
    let rows = rows
    let limit = database.session?.dialect == .postgres ? 65_535 : 32_766
    let size = Swift.max(1, limit / Swift.max(1, M.schema.fields.count))
    return stride(from: 0, to: Swift.max(rows.count, 1), by: size).map { start in
      query(rows[start..<Swift.min(start + size, rows.count)])
    }
  }

  private func query(_ rows: ArraySlice<[String: FieldChange]>) -> InsertQuery {
    let table = M.table.table
    let values = rows.map { row in
      var values: [String: SQLValue] = [:]
      for (key, change) in row { values[key] = change.sqlValue(table[key]) }
      return values
    }
    var query = InsertQuery(plan: InsertPlan(table: table), database: database).values(values)
    guard let conflict else { return query }
    let target = conflict.fields.map { table[$0].sql }
    if let changes = conflict.changes {
      query = query.onConflictDoUpdate(
        target: target, set: changes.sqlValues(table), setWhere: conflict.condition)
    } else {
      query = query.onConflictDoNothing(target: target)
    }
    return query
  }

  /// Adds the records through the store's own door.
  private func write(returning: Bool) async throws(PrivataError) -> WriteOutcome {
    guard let session = database.session else {
      throw PrivataError(.badArgument, "there is no database to run on")
    }
    let names = M.schema.fieldNames
    let rows = rows
    let given = names.filter { name in rows.contains { $0[name] != nil } }
    var batch = RowBatch(width: Swift.max(1, given.count))
    for row in rows {
      for name in given { batch.append(try row[name].plainValue(name, M.schema)) }
    }
    let insert = Insert(
      M.schema, .cells(fields: given, batch), onConflict: try onConflict(),
      returning: returning ? names : [])
    return try await session.store.write(.insert(insert))
  }

  private func onConflict() throws(PrivataError) -> Insert.OnConflict {
    guard let conflict else { return .fail }
    guard let changes = conflict.changes else { return .ignore(conflict.fields) }
    if conflict.condition != nil {
      throw PrivataError(
        .unsupported, "a store behind policies takes no condition on a conflict",
        model: M.schema.name)
    }
    return .update(fields: conflict.fields, .assign(try changes.assignments()))
  }
}

extension Optional<FieldChange> {
  fileprivate func plainValue(
    _ field: String, _ model: ModelSchema
  ) throws(PrivataError) -> Value? {
    switch self {
    case nil: return nil
    case .value(let value)?: return value
    default:
      throw PrivataError(
        .unsupported, "a store behind policies takes values alone: give '\(field)' a value",
        fields: [field], model: model.name)
    }
  }
}

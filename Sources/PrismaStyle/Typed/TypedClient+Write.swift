public import PrivataCore

extension TypedClient {
  /// Adds a record.
  ///
  /// - Throws: P2002 where a unique value is taken; `fields` names it.
  @inlinable
  public func create(_ record: M) async throws(PrivataError) { _ = try await createMany([record]) }

  /// Adds records in one statement and answers how many: all or nothing.
  @inlinable @discardableResult
  public func createMany(_ records: [M]) async throws(PrivataError) -> Int {
    guard !records.isEmpty else { return 0 }
    var writer = RowWriter(width: M.schema.fields.count)
    for record in records { try record.write(to: &writer) }
    return try await write(
      .insert(Insert(M.schema, .cells(fields: M.schema.fieldNames, writer.rows)))
    ).inserted
  }

  /// Changes the one record whose unique field has this value.
  ///
  /// ```swift
  /// try await db[User.self].update(\.id, "u1", [.set(\.role, "admin"), .increment(\.score, 1)])
  /// ```
  ///
  /// - Throws: P2025 where there is none.
  @inlinable
  public func update<V>(
    _ path: FieldPath<M, V>, _ value: V, _ changes: [Change<M>]
  ) async throws(PrivataError) {
    let changed = try await updateMany(where: try unique(path, value), changes)
    guard changed > 0 else { throw .missing(M.schema.name) }
  }

  /// Changes all matching records and answers how many.
  @inlinable @discardableResult
  public func updateMany(
    where condition: Condition<M>, _ changes: [Change<M>]
  ) async throws(PrivataError) -> Int {
    guard !changes.isEmpty else { return try await count(where: condition) }
    return try await write(
      .update(
        Update(
          M.schema, where: condition.filter, .assign(changes.map(\.assignment)), isMany: true))
    ).matched
  }

  /// Adds the record, or changes the one whose unique field has its value already.
  @inlinable
  public func upsert<V>(
    _ path: FieldPath<M, V>, _ record: M, _ changes: [Change<M>]
  ) async throws(PrivataError) {
    let field = M.fields[keyPath: path]
    var writer = RowWriter(width: M.schema.fields.count)
    try record.write(to: &writer)
    let value = writer.rows.value(row: 0, column: field.position) ?? .null
    let condition = Condition<M>(.compare(field.name, .equal, value))
    if try await updateMany(where: condition, changes) == 0 { try await create(record) }
  }

  /// Removes the one record whose unique field has this value.
  ///
  /// - Throws: P2025 where there is none.
  @inlinable
  public func delete<V>(_ path: FieldPath<M, V>, _ value: V) async throws(PrivataError) {
    guard try await deleteMany(where: try unique(path, value)) > 0 else {
      throw .missing(M.schema.name)
    }
  }

  /// Removes all matching records and answers how many.
  @inlinable @discardableResult
  public func deleteMany(where condition: Condition<M>) async throws(PrivataError) -> Int {
    try await write(.delete(Delete(M.schema, where: condition.filter))).deleted
  }

  @inlinable
  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    do throws(PrivataError) {
      return try await store.write(write)
    } catch {
      throw error.asPrisma(model: M.schema.name)
    }
  }
}

extension PrivataError {
  /// No record has the unique value that a call names.
  @usableFromInline static func missing(_ model: String) -> PrivataError { .recordNotFound(model) }
}

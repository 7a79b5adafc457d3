public import PrivataCore

extension TypedModel {
  /// Adds a record and answers it.
  ///
  /// ```swift
  /// let ada = try await User.create(User(id: "u1", email: "ada@example.org", role: "patient"))
  /// // insert users [{_id: "u1", email: …, role: "patient"}]
  /// ```
  ///
  /// - Throws: ``ValidationError`` where a field holds none of its allowed values, `duplicateKey`.
  @discardableResult
  public func create(_ record: M, session: MongoSession? = nil) async throws(PrivataError) -> M {
    try await insertMany([record], session: session)
    return record
  }

  /// Adds records in one statement, all or none, and answers how many.
  @discardableResult
  public func insertMany(
    _ records: [M], session: MongoSession? = nil
  ) async throws(PrivataError) -> Int {
    guard !records.isEmpty else { return 0 }
    let schema = M.schema
    let batch = try rows(of: records)
    let insert = Insert(schema, .cells(fields: schema.fieldNames, batch))
    return try await write(.insert(insert), session).inserted
  }

  /// Changes the first record that fulfils the condition.
  ///
  /// ```swift
  /// try await User.updateOne(\.email == "ada@example.org", .set(\.role, "admin"), .increment(\.visits, 1))
  /// // update users {email: …} {$set: {role: "admin"}, $inc: {visits: 1}}
  /// ```
  @discardableResult
  public func updateOne(
    _ condition: Condition<M>, _ changes: Change<M>..., session: MongoSession? = nil
  ) async throws(PrivataError) -> UpdateResult {
    try await update(condition, changes, isMany: false, session)
  }

  /// Changes every record that fulfils the condition; `.all` for every one.
  @discardableResult
  public func updateMany(
    _ condition: Condition<M>, _ changes: Change<M>..., session: MongoSession? = nil
  ) async throws(PrivataError) -> UpdateResult {
    try await update(condition, changes, isMany: true, session)
  }

  /// Changes the record of an id and answers it, as it is after the change where nothing else is
  /// said; `nil` where there is none.
  public func findByIdAndUpdate(
    _ id: some FieldValue, _ changes: Change<M>..., returning: Returning = .after,
    session: MongoSession? = nil
  ) async throws(PrivataError) -> M? {
    let request = byID(id)
    if let refusal = request.refusal { throw refusal }
    return try await findAndUpdate(request.query.filter, changes, [], returning, session)
  }

  /// Changes the first record of an order that fulfils the condition and answers it, as it is after
  /// the change where nothing else is said; `nil` where none does.
  public func findOneAndUpdate(
    _ condition: Condition<M>, _ changes: Change<M>..., sort: [Order<M>] = [],
    returning: Returning = .after, session: MongoSession? = nil
  ) async throws(PrivataError) -> M? {
    try await findAndUpdate(condition.filter, changes, sort, returning, session)
  }

  /// Replaces the first record that fulfils the condition; its key stays.
  @discardableResult
  public func replaceOne(
    _ condition: Condition<M>, _ record: M, session: MongoSession? = nil
  ) async throws(PrivataError) -> UpdateResult {
    let schema = M.schema
    let batch = try rows(of: [record])
    let changes = schema.fields.indices.filter { !schema.primaryKey.contains($0) }.map { position in
      Change<M>(
        schema.fields[position].name, batch.value(row: 0, column: position) ?? .null, .set)
    }
    return try await update(condition, changes, isMany: false, session)
  }

  /// Removes the first record that fulfils the condition.
  @discardableResult
  public func deleteOne(
    _ condition: Condition<M>, session: MongoSession? = nil
  ) async throws(PrivataError) -> DeleteResult {
    try await delete(condition, isMany: false, session)
  }

  /// Removes every record that fulfils the condition; `.all` for every one.
  @discardableResult
  public func deleteMany(
    _ condition: Condition<M>, session: MongoSession? = nil
  ) async throws(PrivataError) -> DeleteResult {
    try await delete(condition, isMany: true, session)
  }

  /// Removes the record of an id and answers what it was; `nil` where there is none.
  public func findByIdAndDelete(
    _ id: some FieldValue, session: MongoSession? = nil
  ) async throws(PrivataError) -> M? {
    let request = byID(id)
    if let refusal = request.refusal { throw refusal }
    let delete = Delete(
      M.schema, where: request.query.filter, isMany: false, returning: .before, layout: .cells)
    return try first(try await write(.delete(delete), session))
  }
}

extension TypedModel {
  private func rows(of records: [M]) throws(PrivataError) -> RowBatch {
    var writer = RowWriter(width: M.schema.fields.count)
    for record in records { try record.write(to: &writer) }
    try check(writer.rows)
    return writer.rows
  }

  /// Enumerations kept as strings hold one of their values.
  private func check(_ batch: RowBatch) throws(PrivataError) {
    let schema = M.schema
    for position in schema.restricted {
      for row in 0..<batch.count {
        try check(batch.value(row: row, column: position) ?? .null, schema.fields[position])
      }
    }
  }

  private func check(_ value: Value, _ field: FieldSchema) throws(PrivataError) {
    guard !field.allowed.isEmpty, case .string(let text) = value, !field.allowed.contains(text)
    else { return }
    let broken = ValidatorError(
      kind: "enum", path: field.name, value: value,
      message: "Path `\(field.name)` holds none of its allowed values.")
    throw ValidationError(
      model: M.schema.name, errors: [ValidationError.Entry(path: field.name, error: broken)]
    ).wrapped
  }

  private func update(
    _ condition: Condition<M>, _ changes: [Change<M>], isMany: Bool, _ session: MongoSession?
  ) async throws(PrivataError) -> UpdateResult {
    var result = UpdateResult()
    guard !changes.isEmpty else {
      result.acknowledged = false
      return result
    }
    let update = Update(
      M.schema, where: condition.filter, .assign(try checked(changes)), isMany: isMany,
      layout: .cells)
    let outcome = try await write(.update(update), session)
    result.matchedCount = outcome.matched
    result.modifiedCount = outcome.modified
    return result
  }

  private func findAndUpdate(
    _ filter: Filter, _ changes: [Change<M>], _ sort: [Order<M>], _ returning: Returning,
    _ session: MongoSession?
  ) async throws(PrivataError) -> M? {
    let update = Update(
      M.schema, where: filter, .assign(try checked(changes)), sort: sort.map(\.key),
      returning: returning, layout: .cells)
    return try first(try await write(.update(update), session))
  }

  private func delete(
    _ condition: Condition<M>, isMany: Bool, _ session: MongoSession?
  ) async throws(PrivataError) -> DeleteResult {
    let delete = Delete(M.schema, where: condition.filter, isMany: isMany, layout: .cells)
    return DeleteResult(deletedCount: try await write(.delete(delete), session).deleted)
  }

  private func checked(_ changes: [Change<M>]) throws(PrivataError) -> [Assignment] {
    let schema = M.schema
    for change in changes
    where !schema.restricted.isEmpty && change.assignment.operation == .set {
      guard let position = schema.position(of: change.assignment.field) else { continue }
      try check(change.assignment.value, schema.fields[position])
    }
    return changes.map(\.assignment)
  }

  private func first(_ outcome: WriteOutcome) throws(PrivataError) -> M? {
    guard let rows = outcome.rows, !rows.isEmpty else { return nil }
    return try M(from: rows.row(0))
  }

  private func write(
    _ write: Write, _ session: MongoSession?
  ) async throws(PrivataError) -> WriteOutcome {
    try await store(session).writing(write)
  }
}

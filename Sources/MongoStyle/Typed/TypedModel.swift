public import PrivataCore

/// A model of a Swift type: the same verbs, with fields that the compiler checks.
///
/// ```swift
/// let User = try await mongo.model(User.self)
/// let adults = try await User.find(\.role == "patient" && \.age >= 18).sort(\.name).exec()
/// // find users {role: "patient", age: {$gte: 18}} sort {name: 1}
/// ```
///
/// Answers are values of the type: nothing is tracked, and changes are said by the caller.
///
/// Privacy: goes through the connection's store, a vault included.
public struct TypedModel<Root: Model>: Sendable {
  /// The connection that the model belongs to.
  public let connection: MongoConnection

  /// The collection or table.
  public var collection: String { Root.schema.collection }
}

extension MongoConnection {
  /// The model of a Swift type; makes its collection or table.
  public func model<Root: Model>(_ type: Root.Type) async throws(PrivataError) -> TypedModel<Root> {
    (store as? any ModelRegistering)?.register([Root.schema])
    if profile.preparesModels { try await store.prepare([Root.schema]) }
    return TypedModel(connection: self)
  }
}

extension TypedModel {
  /// Answers the records that match; all of them without a condition.
  public func find(_ condition: Condition<Root>? = nil) -> TypedQuery<Root> {
    TypedQuery(model: self, filter: condition?.filter ?? .all)
  }

  /// Answers the first record that matches, `nil` where none does.
  public func findOne(_ condition: Condition<Root>? = nil) async throws -> Root? {
    try await find(condition).limit(1).exec().first
  }

  /// True where a record matches.
  public func exists(_ condition: Condition<Root>) async throws -> Bool {
    try await findOne(condition) != nil
  }

  /// Counts the records that match.
  public func countDocuments(_ condition: Condition<Root>? = nil) async throws -> Int {
    let query = Query(
      Root.schema, where: condition?.filter ?? .all, answer: .count, layout: .cells)
    return try await store().rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
  }

  /// Adds records with one statement: all or none.
  ///
  /// - Throws: `duplicateKey`.
  public func create(_ records: Root...) async throws {
    guard !records.isEmpty else { return }
    var writer = RowWriter(width: Root.schema.fields.count)
    for record in records { try record.write(to: &writer) }
    let rows = Insert.Rows.cells(fields: Root.schema.fields.map(\.name), writer.rows)
    _ = try await store().writing(.insert(Insert(Root.schema, rows)))
  }

  /// Changes the records that match.
  ///
  /// ```swift
  /// try await User.updateMany(\.age >= 18, .set(\.role, "adult"), .increment(\.visits, 1))
  /// ```
  @discardableResult
  public func updateMany(
    _ condition: Condition<Root>, _ changes: TypedChange<Root>...
  ) async throws -> UpdateResult {
    try await update(condition, changes, isMany: true)
  }

  /// Changes the first record that matches.
  @discardableResult
  public func updateOne(
    _ condition: Condition<Root>, _ changes: TypedChange<Root>...
  ) async throws -> UpdateResult {
    try await update(condition, changes, isMany: false)
  }

  private func update(
    _ condition: Condition<Root>, _ changes: [TypedChange<Root>], isMany: Bool
  ) async throws -> UpdateResult {
    var result = UpdateResult()
    result.acknowledged = !changes.isEmpty
    guard !changes.isEmpty else { return result }
    let update = Update(
      Root.schema, where: condition.filter, .assign(changes.map(\.assignment)), isMany: isMany)
    return UpdateResult(try await store().writing(.update(update)))
  }

  /// Removes the records that match.
  @discardableResult
  public func deleteMany(_ condition: Condition<Root>) async throws -> DeleteResult {
    let outcome = try await store().writing(.delete(Delete(Root.schema, where: condition.filter)))
    return DeleteResult(deletedCount: outcome.deleted)
  }

  /// Removes the first record that matches.
  @discardableResult
  public func deleteOne(_ condition: Condition<Root>) async throws -> DeleteResult {
    let delete = Delete(Root.schema, where: condition.filter, isMany: false)
    return DeleteResult(deletedCount: try await store().writing(.delete(delete)).deleted)
  }

  func store() async throws(PrivataError) -> any Store {
    if connection.profile.joinsTransactions, let current = MongoSession.current {
      return try await current.active()
    }
    return connection.store
  }
}

/// A query of a typed model as a value.
public struct TypedQuery<Root: Model>: Sendable {
  let model: TypedModel<Root>
  var filter: Filter
  var sort: [SortKey] = []
  var skip = 0
  var limit: Int?

  /// Adds a condition.
  public func `where`(_ condition: Condition<Root>) -> Self {
    changed {
      $0.filter = $0.filter == .all ? condition.filter : .and([$0.filter, condition.filter])
    }
  }

  /// Orders by a field; later calls decide between records that are equal so far.
  public func sort<V>(_ path: FieldPath<Root, V>, descending: Bool = false) -> Self {
    changed { $0.sort.append(SortKey(Root.fields[keyPath: path].name, descending: descending)) }
  }

  /// Answers at most so many.
  public func limit(_ count: Int) -> Self { changed { $0.limit = count } }

  /// Leaves out the first so many.
  public func skip(_ count: Int) -> Self { changed { $0.skip = count } }

  /// Runs the query.
  ///
  /// - Throws: `wrongType` where a stored value does not fit its field; what the store answers.
  public func exec() async throws -> [Root] {
    let query = Query(
      Root.schema, where: filter, sort: sort, skip: skip, limit: limit, layout: .cells)
    let batch = try await model.store().rows(for: query)
    return try (0..<batch.count).map { try Root(from: batch.row($0)) }
  }

  private func changed(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}

/// One change of a typed record.
public struct TypedChange<Root: Model>: Sendable, Hashable {
  let assignment: Assignment

  /// Sets the field.
  public static func set<V>(_ path: FieldPath<Root, V>, _ value: V) -> TypedChange {
    TypedChange(assignment: Assignment(Root.fields[keyPath: path].name, value.value))
  }

  /// Adds to the field in the store, so that concurrent calls all count.
  public static func increment<V>(_ path: FieldPath<Root, V>, _ value: V) -> TypedChange {
    TypedChange(assignment: Assignment(Root.fields[keyPath: path].name, value.value, .increment))
  }
}

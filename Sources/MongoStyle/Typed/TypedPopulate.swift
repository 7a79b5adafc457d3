public import PrivataCore

/// What a reference of a typed record turned out to name.
public enum Populated<Record: Sendable>: Sendable {
  /// The field holds no id.
  case none
  /// The field holds an id that no record has; the id as the store holds it.
  case missing(Value)
  /// The record.
  case record(Record)

  /// The record, where there is one.
  public var record: Record? { if case .record(let record) = self { record } else { nil } }
}

extension Populated: Equatable where Record: Equatable {}

/// A typed read whose records come with those they refer to: one query more, however many records.
///
/// ```swift
/// let rows = try await Session.find(\.kind == "video").populate(\.userID, User).exec()
/// for (session, user) in rows { print(session.id, user.record?.role ?? "gone") }
/// // find sessions {kind: "video"}; find users {_id: {$in: [...]}}
/// ```
public struct TypedPopulation<M: Model, Other: Model>: Sendable {
  let query: TypedQuery<M, [M]>
  let position: Int
  let other: TypedModel<Other>

  /// Runs both queries.
  ///
  /// - Throws: `badArgument` where the other model's key is more than one field; what the store answers.
  /// - Privacy: the second query is a read of the other model, audited as such by a vault.
  public func exec() async throws(PrivataError) -> [(M, Populated<Other>)] {
    let session = query.request.session
    if let refusal = query.request.refusal { throw refusal }
    let schema = Other.schema
    guard schema.primaryKey.count == 1 else {
      throw PrivataError(
        .badArgument, "the key of '\(schema.name)' is more than one field", model: schema.name)
    }
    let key = schema.primaryKey[0]
    let rows = try await query.model.store(session).rows(for: query.request.query)
    let ids = (0..<rows.count).map { rows.value(row: $0, column: position) ?? .null }
    let wanted = Set(ids.filter { !$0.isNullish })
    var found: [Value: Other] = [:]
    if !wanted.isEmpty {
      let others = try await other.store(session).rows(
        for: Query(schema, where: .isIn(schema.fields[key].name, Array(wanted)), layout: .cells))
      for row in 0..<others.count {
        found[others.value(row: row, column: key) ?? .null] = try Other(from: others.row(row))
      }
    }
    var pairs: [(M, Populated<Other>)] = []
    pairs.reserveCapacity(rows.count)
    for (row, id) in ids.enumerated() {
      let state: Populated<Other> =
        id.isNullish ? .none : found[id].map { .record($0) } ?? .missing(id)
      pairs.append((try M(from: rows.row(row)), state))
    }
    return pairs
  }
}

extension TypedQuery where Answer == [M] {
  /// Answers each record with the one that a field of it refers to.
  ///
  /// ```swift
  /// Session.find().populate(\.userID, User)
  /// ```
  public func populate<Key: FieldValue, Other: Model>(
    _ path: FieldPath<M, Key>, _ other: TypedModel<Other>
  ) -> TypedPopulation<M, Other> {
    TypedPopulation(query: self, position: M.fields[keyPath: path].position, other: other)
  }
}

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
  @inlinable
  public func exec() async throws(PrivataError) -> [(M, Populated<Other>)] {
    let loaded = try await load()
    let others = try loaded.others.decode(Other.self)
    let found = loaded.firstOfKeys
    var pairs: [(M, Populated<Other>)] = []
    pairs.reserveCapacity(loaded.records.count)
    guard !loaded.records.isEmpty else { return pairs }
    var view = loaded.records.row(0)
    for place in loaded.places {
      let state: Populated<Other> =
        place < 0
        ? .none : found[place] < 0 ? .missing(loaded.key(place)) : .record(others[found[place]])
      pairs.append((try M(from: view), state))
      view.advance()
    }
    return pairs
  }

  @usableFromInline func load() async throws(PrivataError) -> RelatedRows {
    let session = query.request.session
    if let refusal = query.request.refusal { throw refusal }
    let schema = Other.schema
    let key = try schema.onlyKey
    var loaded = RelatedRows(
      try await query.model.store(session).rows(for: query.request.query), key: position)
    guard !loaded.keys.keys.isEmpty else { return loaded }
    let others = try await other.store(session).rows(
      for: Query(
        schema, where: .isIn(schema.fields[key].name, loaded.keys.keys), layout: .cells))
    loaded.add(others, key)
    return loaded
  }
}

extension ModelSchema {
  /// The position of the one field that is the key.
  fileprivate var onlyKey: Int {
    get throws(PrivataError) {
      guard primaryKey.count == 1 else {
        throw PrivataError(
          .badArgument, "the key of '\(name)' is more than one field", model: name)
      }
      return primaryKey[0]
    }
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

// MARK: - The other side

/// A typed read whose records come with those that refer to them: one query more, however many
/// records.
///
/// ```swift
/// let rows = try await User.find().limit(100).populate(Session, by: \.userID).exec()
/// for (user, sessions) in rows { print(user.id, sessions.count) }
/// // find users limit 100; find sessions {userID: {$in: [...]}}
/// ```
public struct TypedListPopulation<M: Model, Other: Model>: Sendable {
  let query: TypedQuery<M, [M]>
  let other: TypedModel<Other>
  let field: String
  let position: Int

  /// Runs both queries. The lists are in the order in which the store answers.
  ///
  /// - Throws: `badArgument` where the model's key is more than one field; what the store answers.
  /// - Privacy: the second query is a read of the other model, audited as such by a vault.
  @inlinable
  public func exec() async throws(PrivataError) -> [(M, [Other])] {
    let loaded = try await load()
    var lists: [[Other]] = []
    lists.reserveCapacity(loaded.counts.count)
    for count in loaded.counts {
      var list: [Other] = []
      list.reserveCapacity(count)
      lists.append(list)
    }
    if !loaded.others.isEmpty {
      var view = loaded.others.row(0)
      for place in loaded.otherPlaces {
        if place >= 0 { lists[place].append(try Other(from: view)) }
        view.advance()
      }
    }
    var pairs: [(M, [Other])] = []
    pairs.reserveCapacity(loaded.records.count)
    guard !loaded.records.isEmpty else { return pairs }
    var view = loaded.records.row(0)
    for place in loaded.places {
      pairs.append((try M(from: view), place < 0 ? [] : lists[place]))
      view.advance()
    }
    return pairs
  }

  /// The rows of both queries, and which belong together.
  @usableFromInline func load() async throws(PrivataError) -> RelatedRows {
    if let refusal = query.request.refusal { throw refusal }
    let session = query.request.session
    let key = try M.schema.onlyKey
    var loaded = RelatedRows(
      try await query.model.store(session).rows(for: query.request.query), key: key)
    guard !loaded.keys.keys.isEmpty else { return loaded }
    let others = try await other.store(session).rows(
      for: Query(Other.schema, where: .isIn(field, loaded.keys.keys), layout: .cells))
    loaded.add(others, position)
    return loaded
  }
}

/// Rows and those that refer to them, grouped by key.
@usableFromInline struct RelatedRows {
  @usableFromInline let records: RowBatch
  /// For each row the number of its key.
  @usableFromInline private(set) var places: [Int] = []
  @usableFromInline private(set) var others = RowBatch(width: 1)
  /// For each row of the others the number of the key that it names, -1 for none.
  @usableFromInline private(set) var otherPlaces: [Int] = []
  /// For each key how many name it.
  @usableFromInline private(set) var counts: [Int] = []
  private(set) var keys: CellKeys

  init(_ records: RowBatch, key: Int) {
    self.records = records
    keys = CellKeys(capacity: records.count)
    places.reserveCapacity(records.count)
    for row in 0..<records.count {
      places.append(keys.add(records.cell(row: row, column: key), of: records))
    }
    counts = [Int](repeating: 0, count: keys.keys.count)
  }

  /// The key of a number.
  @usableFromInline func key(_ place: Int) -> Value { keys.keys[place] }

  /// For each key the first row of the others that names it, -1 for none.
  @usableFromInline var firstOfKeys: [Int] {
    var first = [Int](repeating: -1, count: counts.count)
    for (row, place) in otherPlaces.enumerated() where place >= 0 && first[place] < 0 {
      first[place] = row
    }
    return first
  }

  mutating func add(_ others: RowBatch, _ column: Int) {
    keys.appendPlaces(of: others, column: column, to: &otherPlaces)
    for place in otherPlaces where place >= 0 { counts[place] += 1 }
    self.others = others
  }
}

extension TypedQuery where Answer == [M] {
  /// Answers each record with those of another model whose field refers to it.
  ///
  /// ```swift
  /// User.find().populate(Session, by: \.userID)
  /// ```
  public func populate<Key: FieldValue, Other: Model>(
    _ other: TypedModel<Other>, by path: FieldPath<Other, Key>
  ) -> TypedListPopulation<M, Other> {
    let field = Other.fields[keyPath: path]
    return TypedListPopulation(
      query: self, other: other, field: field.name, position: field.position)
  }
}

public import PrivataCore

// Inlined into the program, where the model's type and the key paths are known: a call is then a
// query built of constants and one decode without generic code.

extension TypedClient {
  /// The records that match.
  @inlinable
  public func findMany(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0
  ) async throws(PrivataError) -> [M] {
    try await rows(condition, orderBy, take, skip, .all).decode(M.self)
  }

  /// The chosen fields of the records that match, as tuples.
  ///
  /// ```swift
  /// let pairs: [(String, Int?)] = try await db[User.self].findMany(select: \.email, \.age)
  /// ```
  @inlinable
  public func findMany<each V: FieldValue>(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    select fields: repeat FieldPath<M, each V>
  ) async throws(PrivataError) -> [(repeat each V)] {
    var names: [String] = []
    for path in repeat each fields { names.append(M.fields[keyPath: path].name) }
    let batch = try await rows(condition, orderBy, take, skip, .fields(names))
    var tuples: [(repeat each V)] = []
    tuples.reserveCapacity(batch.count)
    for index in 0..<batch.count {
      let row = batch.row(index)
      var column = 0
      func next<T: FieldValue>(_: FieldPath<M, T>) throws(PrivataError) -> T {
        defer { column += 1 }
        return try row.decode(T.self, at: column)
      }
      tuples.append((repeat try next(each fields)))
    }
    return tuples
  }

  /// The records that match, each with its related ones: two queries, however many records.
  ///
  /// ```swift
  /// let sessions = ToMany<User, Session>(\.userId, \.id)
  /// for (user, sessions) in try await db[User.self].findMany(include: sessions) { … }
  /// ```
  @inlinable
  public func findMany<Child: Model>(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    include relation: ToMany<M, Child>
  ) async throws(PrivataError) -> [(M, [Child])] {
    let parents = try await rows(condition, orderBy, take, skip, .all)
    var groups = RelatedGroups(parents, column: relation.parent)
    let rows = try await store.rows(
      for: Query(Child.schema, where: .isIn(relation.child, groups.keys), layout: .cells))
    let children = try rows.decode(Child.self)
    groups.assign(rows, column: relation.childPosition)
    let records = try parents.decode(M.self)
    var pairs: [(M, [Child])] = []
    pairs.reserveCapacity(records.count)
    for (index, record) in records.enumerated() {
      pairs.append((record, groups.members(of: index).map { children[$0] }))
    }
    return pairs
  }

  /// The first record that matches, `nil` where none does.
  @inlinable
  public func findFirst(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = []
  ) async throws(PrivataError) -> M? {
    try await rows(condition, orderBy, 1, 0, .all).first()
  }

  /// The record whose unique field has this value, `nil` where there is none.
  ///
  /// ```swift
  /// let ada = try await db[User.self].findUnique(\.email, "ada@example.org")
  /// ```
  ///
  /// - Throws: a refusal where the field is not unique.
  @inlinable
  public func findUnique<V>(
    _ path: FieldPath<M, V>, _ value: V
  ) async throws(PrivataError) -> M? {
    try await rows(try unique(path, value), [], 1, 0, .all).first()
  }

  /// How many records match.
  @inlinable
  public func count(where condition: Condition<M>? = nil) async throws(PrivataError) -> Int {
    let batch = try await store.rows(
      for: Query(M.schema, where: condition?.filter ?? .all, answer: .count, layout: .cells))
    return batch.value(row: 0, column: 0)?.asInt ?? 0
  }

  /// The condition on a unique field.
  @inlinable
  func unique<V>(_ path: FieldPath<M, V>, _ value: V) throws(PrivataError) -> Condition<M> {
    let field = M.fields[keyPath: path]
    guard M.schema.isUnique(at: field.position) else {
      throw .notUnique(field.name, model: M.schema.name)
    }
    return field == value
  }

  @inlinable
  func rows(
    _ condition: Condition<M>?, _ orderBy: [Order<M>], _ take: Int?, _ skip: Int,
    _ projection: Projection
  ) async throws(PrivataError) -> RowBatch {
    let query = Query(
      M.schema, where: condition?.filter ?? .all, projection: projection,
      sort: orderBy.isEmpty ? [] : orderBy.map(\.key), skip: skip, limit: take, layout: .cells)
    do throws(PrivataError) {
      return try await store.rows(for: query)
    } catch {
      throw error.asPrisma(model: M.schema.name)
    }
  }
}

extension PrivataError {
  /// A call that asks for one record by a field that several may share.
  @usableFromInline static func notUnique(_ field: String, model: String) -> PrivataError {
    .refused("'\(field)' is not unique", model: model, fields: [field])
  }
}

/// Which rows of a child belong to which parent, found with one look-up per row.
@usableFromInline struct RelatedGroups {
  /// The parents' different keys.
  @usableFromInline private(set) var keys: [Value] = []
  /// For each parent the place of its key, -1 where it has none.
  private var places: [Int] = []
  /// The places of keys that their cells hold themselves, such as ids and numbers.
  private var placeOfCell: [InlineKey: Int] = [:]
  private var placeOfKey: [Value: Int] = [:]
  /// For each key the rows of the children that name it.
  private var groups: [[Int]] = []

  /// A key as its cell holds it; hashed without a value between.
  private struct InlineKey: Hashable {
    let kind: Cell.Tag
    let word: UInt64
    let rest: UInt32

    init?(_ cell: Cell) {
      switch cell.tag {
      case .objectID, .int64, .date, .bool: kind = cell.tag
      case .int32: kind = .int64
      default: return nil
      }
      word = cell.word
      rest = cell.rest
    }

    func hash(into hasher: inout Hasher) { hasher.combine(word ^ UInt64(rest)) }
  }

  @usableFromInline init(_ parents: RowBatch, column: Int) {
    places.reserveCapacity(parents.count)
    for row in 0..<parents.count {
      let cell = parents.cell(row: row, column: column)
      if let key = InlineKey(cell) {
        places.append(place(of: key, cell, parents))
      } else if let key = parents.value(of: cell), !key.isNull {
        places.append(place(of: key))
      } else {
        places.append(-1)
      }
    }
    groups = Array(repeating: [], count: keys.count)
  }

  private mutating func place(of key: InlineKey, _ cell: Cell, _ parents: RowBatch) -> Int {
    if let place = placeOfCell[key] { return place }
    placeOfCell[key] = keys.count
    keys.append(parents.value(of: cell) ?? .null)
    return keys.count - 1
  }

  private mutating func place(of key: Value) -> Int {
    if let place = placeOfKey[key] { return place }
    placeOfKey[key] = keys.count
    keys.append(key)
    return keys.count - 1
  }

  /// Sorts the children's rows to their keys.
  @usableFromInline mutating func assign(_ children: RowBatch, column: Int) {
    for row in 0..<children.count {
      let cell = children.cell(row: row, column: column)
      let place =
        InlineKey(cell).map { placeOfCell[$0] }
        ?? children.value(of: cell).flatMap { placeOfKey[$0] }
      if let place { groups[place].append(row) }
    }
  }

  /// The children's rows that belong to a parent.
  @usableFromInline func members(of parent: Int) -> [Int] {
    places[parent] < 0 ? [] : groups[places[parent]]
  }
}

public import PrivataCore

extension TypedClient {
  /// The records that match.
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
  public func findMany<Child: Model>(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    include relation: ToMany<M, Child>
  ) async throws(PrivataError) -> [(M, [Child])] {
    let parents = try await rows(condition, orderBy, take, skip, .all)
    let keys = (0..<parents.count).map {
      parents.value(row: $0, column: relation.parent) ?? .null
    }
    let children = try await store.rows(
      for: Query(
        Child.schema, where: .isIn(relation.child, RecordLoader.distinct(keys)), layout: .cells))
    var groups: [Value: [Child]] = [:]
    for row in 0..<children.count {
      let key = children.value(row: row, column: relation.childPosition) ?? .null
      groups[key, default: []].append(try Child(from: children.row(row)))
    }
    var pairs: [(M, [Child])] = []
    for row in 0..<parents.count {
      pairs.append((try M(from: parents.row(row)), groups[keys[row]] ?? []))
    }
    return pairs
  }

  /// The first record that matches, `nil` where none does.
  public func findFirst(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = []
  ) async throws(PrivataError) -> M? {
    try await findMany(where: condition, orderBy: orderBy, take: 1).first
  }

  /// The record whose unique field has this value, `nil` where there is none.
  ///
  /// ```swift
  /// let ada = try await db[User.self].findUnique(\.email, "ada@example.org")
  /// ```
  ///
  /// - Throws: a refusal where the field is not unique.
  public func findUnique<V>(
    _ path: FieldPath<M, V>, _ value: V
  ) async throws(PrivataError) -> M? {
    try await findFirst(where: try unique(path, value))
  }

  /// How many records match.
  public func count(where condition: Condition<M>? = nil) async throws(PrivataError) -> Int {
    let batch = try await store.rows(
      for: Query(M.schema, where: condition?.filter ?? .all, answer: .count, layout: .cells))
    return batch.value(row: 0, column: 0)?.asInt ?? 0
  }

  /// The condition on a unique field.
  func unique<V>(_ path: FieldPath<M, V>, _ value: V) throws(PrivataError) -> Condition<M> {
    let field = M.fields[keyPath: path]
    let schema = M.schema
    guard schema.fields[field.position].isUnique || schema.primaryKey == [field.position] else {
      throw .refused("'\(field.name)' is not unique", model: schema.name, fields: [field.name])
    }
    return field == value
  }

  private func rows(
    _ condition: Condition<M>?, _ orderBy: [Order<M>], _ take: Int?, _ skip: Int,
    _ projection: Projection
  ) async throws(PrivataError) -> RowBatch {
    try await translating(M.schema.name) { () async throws(PrivataError) in
      try await store.rows(
        for: Query(
          M.schema, where: condition?.filter ?? .all, projection: projection,
          sort: orderBy.map(\.key), skip: skip, limit: take, layout: .cells))
    }
  }
}

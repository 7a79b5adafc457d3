public import PrivataCore

// One overload per number of chosen fields, up to eight: the compiler then knows each field's type and
// decodes it in place. The overload of any number of fields has to look types up for each row.

extension RowBatch {
  /// All rows, each turned into what a body makes of it.
  @inlinable
  func decoded<T>(_ body: (RowView) throws(PrivataError) -> T) throws(PrivataError) -> [T] {
    let count = count
    var rows: [T] = []
    rows.reserveCapacity(count)
    for index in 0..<count { rows.append(try body(row(index))) }
    return rows
  }
}

extension TypedClient {
  /// Two chosen fields of the records that match, as tuples.
  @inlinable
  public func findMany<A: FieldValue, B: FieldValue>(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    select a: FieldPath<M, A>, _ b: FieldPath<M, B>
  ) async throws(PrivataError) -> [(A, B)] {
    let fields = M.fields
    let names = [
      fields[keyPath: a].name, fields[keyPath: b].name,
    ]
    let batch = try await rows(condition, orderBy, take, skip, .fields(names))
    return try batch.decoded { row throws(PrivataError) in
      (
        try row.decode(A.self, at: 0), try row.decode(B.self, at: 1)
      )
    }
  }

  /// Three chosen fields of the records that match, as tuples.
  @inlinable
  public func findMany<A: FieldValue, B: FieldValue, C: FieldValue>(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    select a: FieldPath<M, A>, _ b: FieldPath<M, B>, _ c: FieldPath<M, C>
  ) async throws(PrivataError) -> [(A, B, C)] {
    let fields = M.fields
    let names = [
      fields[keyPath: a].name, fields[keyPath: b].name, fields[keyPath: c].name,
    ]
    let batch = try await rows(condition, orderBy, take, skip, .fields(names))
    return try batch.decoded { row throws(PrivataError) in
      (
        try row.decode(A.self, at: 0), try row.decode(B.self, at: 1), try row.decode(C.self, at: 2)
      )
    }
  }

  /// Four chosen fields of the records that match, as tuples.
  @inlinable
  public func findMany<A: FieldValue, B: FieldValue, C: FieldValue, D: FieldValue>(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    select a: FieldPath<M, A>, _ b: FieldPath<M, B>, _ c: FieldPath<M, C>, _ d: FieldPath<M, D>
  ) async throws(PrivataError) -> [(A, B, C, D)] {
    let fields = M.fields
    let names = [
      fields[keyPath: a].name, fields[keyPath: b].name, fields[keyPath: c].name,
      fields[keyPath: d].name,
    ]
    let batch = try await rows(condition, orderBy, take, skip, .fields(names))
    return try batch.decoded { row throws(PrivataError) in
      (
        try row.decode(A.self, at: 0), try row.decode(B.self, at: 1), try row.decode(C.self, at: 2),
        try row.decode(D.self, at: 3)
      )
    }
  }

  /// Five chosen fields of the records that match, as tuples.
  @inlinable
  public func findMany<A: FieldValue, B: FieldValue, C: FieldValue, D: FieldValue, E: FieldValue>(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    select a: FieldPath<M, A>, _ b: FieldPath<M, B>, _ c: FieldPath<M, C>, _ d: FieldPath<M, D>,
    _ e: FieldPath<M, E>
  ) async throws(PrivataError) -> [(A, B, C, D, E)] {
    let fields = M.fields
    let names = [
      fields[keyPath: a].name, fields[keyPath: b].name, fields[keyPath: c].name,
      fields[keyPath: d].name, fields[keyPath: e].name,
    ]
    let batch = try await rows(condition, orderBy, take, skip, .fields(names))
    return try batch.decoded { row throws(PrivataError) in
      (
        try row.decode(A.self, at: 0), try row.decode(B.self, at: 1), try row.decode(C.self, at: 2),
        try row.decode(D.self, at: 3), try row.decode(E.self, at: 4)
      )
    }
  }

  /// Six chosen fields of the records that match, as tuples.
  @inlinable
  public func findMany<
    A: FieldValue, B: FieldValue, C: FieldValue, D: FieldValue, E: FieldValue, F: FieldValue
  >(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    select a: FieldPath<M, A>, _ b: FieldPath<M, B>, _ c: FieldPath<M, C>, _ d: FieldPath<M, D>,
    _ e: FieldPath<M, E>, _ f: FieldPath<M, F>
  ) async throws(PrivataError) -> [(A, B, C, D, E, F)] {
    let fields = M.fields
    let names = [
      fields[keyPath: a].name, fields[keyPath: b].name, fields[keyPath: c].name,
      fields[keyPath: d].name, fields[keyPath: e].name, fields[keyPath: f].name,
    ]
    let batch = try await rows(condition, orderBy, take, skip, .fields(names))
    return try batch.decoded { row throws(PrivataError) in
      (
        try row.decode(A.self, at: 0), try row.decode(B.self, at: 1), try row.decode(C.self, at: 2),
        try row.decode(D.self, at: 3), try row.decode(E.self, at: 4), try row.decode(F.self, at: 5)
      )
    }
  }

  /// Seven chosen fields of the records that match, as tuples.
  @inlinable
  public func findMany<
    A: FieldValue, B: FieldValue, C: FieldValue, D: FieldValue, E: FieldValue, F: FieldValue,
    G: FieldValue
  >(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    select a: FieldPath<M, A>, _ b: FieldPath<M, B>, _ c: FieldPath<M, C>, _ d: FieldPath<M, D>,
    _ e: FieldPath<M, E>, _ f: FieldPath<M, F>, _ g: FieldPath<M, G>
  ) async throws(PrivataError) -> [(A, B, C, D, E, F, G)] {
    let fields = M.fields
    let names = [
      fields[keyPath: a].name, fields[keyPath: b].name, fields[keyPath: c].name,
      fields[keyPath: d].name, fields[keyPath: e].name, fields[keyPath: f].name,
      fields[keyPath: g].name,
    ]
    let batch = try await rows(condition, orderBy, take, skip, .fields(names))
    return try batch.decoded { row throws(PrivataError) in
      (
        try row.decode(A.self, at: 0), try row.decode(B.self, at: 1), try row.decode(C.self, at: 2),
        try row.decode(D.self, at: 3), try row.decode(E.self, at: 4), try row.decode(F.self, at: 5),
        try row.decode(G.self, at: 6)
      )
    }
  }

  /// Eight chosen fields of the records that match, as tuples.
  @inlinable
  public func findMany<
    A: FieldValue, B: FieldValue, C: FieldValue, D: FieldValue, E: FieldValue, F: FieldValue,
    G: FieldValue, H: FieldValue
  >(
    where condition: Condition<M>? = nil, orderBy: [Order<M>] = [], take: Int? = nil, skip: Int = 0,
    select a: FieldPath<M, A>, _ b: FieldPath<M, B>, _ c: FieldPath<M, C>, _ d: FieldPath<M, D>,
    _ e: FieldPath<M, E>, _ f: FieldPath<M, F>, _ g: FieldPath<M, G>, _ h: FieldPath<M, H>
  ) async throws(PrivataError) -> [(A, B, C, D, E, F, G, H)] {
    let fields = M.fields
    let names = [
      fields[keyPath: a].name, fields[keyPath: b].name, fields[keyPath: c].name,
      fields[keyPath: d].name, fields[keyPath: e].name, fields[keyPath: f].name,
      fields[keyPath: g].name, fields[keyPath: h].name,
    ]
    let batch = try await rows(condition, orderBy, take, skip, .fields(names))
    return try batch.decoded { row throws(PrivataError) in
      (
        try row.decode(A.self, at: 0), try row.decode(B.self, at: 1), try row.decode(C.self, at: 2),
        try row.decode(D.self, at: 3), try row.decode(E.self, at: 4), try row.decode(F.self, at: 5),
        try row.decode(G.self, at: 6), try row.decode(H.self, at: 7)
      )
    }
  }
}

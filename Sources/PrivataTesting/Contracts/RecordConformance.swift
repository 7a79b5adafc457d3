public import PrivataCore

/// Ends a group of changes.
private struct Stop: Error {}

extension ContractConformance {
  /// Checks a reader of records that are known, by their keys, and one key that nobody has.
  public static func checkReader<R: RecordReader>(
    _ reader: R, known: [R.Record], key: (R.Record) -> Value, absent: Value
  ) async throws where R.Record: Equatable {
    var found: [String] = []
    for record in known {
      check(
        try await reader.find(id: key(record)) == record, "a record is read as another", &found)
      check(try await reader.contains(id: key(record)), "a record is not contained", &found)
    }
    check(try await reader.find(id: absent) == nil, "a record that is not there is read", &found)
    check(try await !reader.contains(id: absent), "what is not there is contained", &found)
    let all = try await reader.find(.all)
    check(
      all.count == known.count, "answers \(all.count) records, \(known.count) are there", &found)
    check(known.allSatisfy(all.contains), "leaves a record out", &found)
    let limited = try await reader.find(.all, orderedBy: [], limit: 1)
    check(limited.count == min(1, known.count), "answers more than the limit", &found)
    check(
      try await reader.find(Condition(.not(.all))).isEmpty,
      "a condition that nothing fulfils answers", &found)
    try end(found)
  }

  /// Checks a writer that is read too, with records that are not there yet, two at least.
  public static func checkWriter<W: RecordReader & RecordWriter>(
    _ writer: W, fresh: [W.Record], key: (W.Record) -> Value
  ) async throws where W.Record: Equatable {
    var found: [String] = []
    let name = W.Record.schema.key.name
    func condition(_ record: W.Record) -> Condition<W.Record> {
      Condition(.compare(name, .equal, key(record)))
    }
    try await writer.insert([])
    try await writer.insert(fresh)
    for record in fresh {
      check(
        try await writer.find(id: key(record)) == record, "a record is kept as another", &found)
    }
    let twice = await error { try await writer.insert([fresh[0]]) }
    check(twice?.code == .duplicateKey, "a key is taken twice", &found)
    let one = try await writer.delete(condition(fresh[0]))
    check(one == 1, "deleting one answers \(one)", &found)
    let none = try await writer.delete(condition(fresh[0]))
    check(none == 0, "deleting what is gone answers \(none)", &found)
    check(try await writer.find(id: key(fresh[0])) == nil, "a deleted record is read", &found)
    check(
      try await writer.find(id: key(fresh[1])) == fresh[1], "deleting one changes another", &found)
    // All or none.
    let mixed = await error { try await writer.insert([fresh[0], fresh[1]]) }
    check(mixed?.code == .duplicateKey, "a key is taken twice among many", &found)
    check(
      try await writer.find(id: key(fresh[0])) == nil, "a refused insert leaves a record", &found)
    try end(found)
  }

  /// Checks groups of changes: `insert` makes a change on the scope, `count` counts what others see.
  public static func checkGroups<T: Transactional>(
    _ grouping: T, insert: (T.Scope) async throws -> Void, count: () async throws -> Int
  ) async throws {
    var found: [String] = []
    let before = try await count()
    do {
      try await grouping.withTransaction { scope in
        try await insert(scope)
        throw Stop()
      }
      found.append("an error of the body is swallowed")
    } catch is Stop {
      let after = try await count()
      check(after == before, "a change of a failed group stays", &found)
    }
    let answer = try await grouping.withTransaction { scope in
      try await insert(scope)
      return 7
    }
    check(answer == 7, "the body's answer is another", &found)
    check(try await count() == before + 1, "a change of a whole group is lost", &found)
    try end(found)
  }
}

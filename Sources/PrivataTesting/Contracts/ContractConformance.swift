public import PrivataCore

/// What everything behind one of the small contracts has to do, for adapters of programs: each check
/// throws a ``ConformanceFailure`` that says what is different.
///
/// ```swift
/// @Test func myCacheKeepsTheContract() async throws {
///   try await ContractConformance.checkCache(
///     MyCache(), entries: [("a", 1), ("b", 2), ("c", 3)])
/// }
/// ```
public enum ContractConformance {
  static func check(_ condition: Bool, _ what: String, _ differences: inout [String]) {
    if !condition { differences.append(what) }
  }

  static func end(_ differences: [String]) throws {
    if !differences.isEmpty { throw ConformanceFailure(differences: differences) }
  }

  /// The error that a body throws.
  static func error(_ body: () async throws -> Void) async -> PrivataError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? PrivataError
    }
  }
}

extension ContractConformance {
  /// Checks an empty cache with three entries or more of different keys.
  public static func checkCache<C: CacheReader & CacheWriter>(
    _ cache: C, entries: [(key: C.Key, value: C.Value)]
  ) async throws where C.Value: Equatable {
    var found: [String] = []
    let (first, second, third) = (entries[0], entries[1], entries[2])
    let keys = entries.map(\.key)
    check(await cache.value(for: first.key) == nil, "an empty cache answers a value", &found)
    check(await !cache.contains(first.key), "an empty cache contains a key", &found)
    await cache.set(first.value, for: first.key, lifetime: nil)
    check(await cache.value(for: first.key) == first.value, "a kept value is another", &found)
    check(await cache.contains(first.key), "a kept value is not contained", &found)
    await cache.set(second.value, for: first.key, lifetime: nil)
    check(await cache.value(for: first.key) == second.value, "a value is not replaced", &found)
    await cache.set(
      contentsOf: [second.key: second.value, third.key: third.value], lifetime: nil)
    let both = await cache.values(for: keys + keys)
    check(both.count == 3, "values(for:) answers \(both.count) of 3 that are there", &found)
    check(both[third.key] == third.value, "values(for:) answers another value", &found)
    await cache.remove(first.key)
    check(await cache.value(for: first.key) == nil, "a removed value is answered", &found)
    check(await cache.contains(second.key), "removing one drops another", &found)
    await cache.remove(first.key)
    let gone = third.key
    await cache.removeAll { $0 == gone }
    check(await !cache.contains(third.key), "removeAll leaves what it should drop", &found)
    check(await cache.contains(second.key), "removeAll drops what it should leave", &found)
    await cache.set(third.value, for: third.key, lifetime: .milliseconds(20))
    try await Task.sleep(for: .milliseconds(60))
    check(await cache.value(for: third.key) == nil, "a value outlives its lifetime", &found)
    try end(found)
  }

  /// Checks an empty log with two events or more; `recorded` answers what it holds.
  public static func checkLog<L: AuditLog>(
    _ log: L, events: [L.Event], recorded: () async throws -> [L.Event]
  ) async throws where L.Event: Equatable {
    var found: [String] = []
    try log.append(contentsOf: [])
    check(try await recorded().isEmpty, "no events leave an event", &found)
    try log.append(events[0])
    check(try await recorded() == [events[0]], "one event is not there as it was given", &found)
    try log.append(contentsOf: events)
    check(
      try await recorded() == [events[0]] + events, "events are not there in their order", &found)
    try end(found)
  }

  /// Checks a trail with a selection that means so many events.
  public static func checkTrail<T: AuditTrail>(
    _ trail: T, matching selection: T.Selection, count: Int
  ) async throws where T.Events.Element: Equatable {
    var found: [String] = []
    var first: [T.Events.Element] = []
    for try await event in trail.events(matching: selection) { first.append(event) }
    var second: [T.Events.Element] = []
    for try await event in trail.events(matching: selection) { second.append(event) }
    let counted = try await trail.count(matching: selection)
    check(first.count == count, "answers \(first.count) events, \(count) are meant", &found)
    check(counted == first.count, "counts \(counted) and answers \(first.count)", &found)
    check(second == first, "answers other events when asked again", &found)
    try end(found)
  }

  /// Checks an encryptor against one for another place; `tampering` changes what was sealed.
  public static func checkEncryptor<E: Encryptor>(
    _ encryptor: E, elsewhere: E, tampering: (E.Sealed) -> E.Sealed
  ) async throws where E.Sealed: Equatable {
    var found: [String] = []
    for bytes in [[], [0], [1, 2, 3], Array(repeating: 7, count: 4_097)] as [[UInt8]] {
      let (one, two) = (try encryptor.seal(bytes.span), try encryptor.seal(bytes.span))
      check(one != two, "the same bytes are sealed alike twice", &found)
      check(try encryptor.open(one) == bytes, "opens to other bytes", &found)
      check(try encryptor.open(two) == bytes, "opens a second time to other bytes", &found)
      let foreign = await error { _ = try elsewhere.open(one) }
      check(foreign?.code == .tampered, "opens what belongs to another place", &found)
      let changed = await error { _ = try encryptor.open(tampering(one)) }
      check(changed?.code == .tampered, "opens what was changed", &found)
    }
    try end(Array(Set(found)).sorted())
  }

  /// Checks a generator of pseudonyms.
  public static func checkPseudonyms(_ generator: some PseudonymGenerator) throws {
    var found: [String] = []
    var all = Set((0..<500).map { _ in generator.next().text })
    check(all.count == 500, "answers a pseudonym twice", &found)
    let more = generator.next(500)
    check(more.count == 500, "answers \(more.count) of 500 pseudonyms", &found)
    all.formUnion(more.map(\.text))
    check(all.count == 1_000, "answers a pseudonym twice in a row of many", &found)
    check(all.allSatisfy { Pseudonym($0) != nil }, "answers what is no pseudonym", &found)
    try end(found)
  }

  /// Checks a detector with subjects and what it is to say of them.
  public static func checkDetector<D: RegionDetector>(
    _ detector: D, _ wanted: [(subject: D.Subject, region: Region?)]
  ) throws {
    var found: [String] = []
    for (position, row) in wanted.enumerated() {
      let first = detector.region(of: row.subject)
      check(first?.region == row.region, "says another region of subject \(position)", &found)
      check(
        detector.region(of: row.subject) == first, "changes its mind on subject \(position)", &found
      )
    }
    try end(found)
  }
}

import PrivataCore
import PrivataTesting
import Synchronization
import Testing

/// Adapters that are broken on purpose: each suite says what is wrong with them.
@Suite struct BrokenAdapterTests {
  /// What a suite says.
  private func said(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return "nothing"
    } catch {
      return (error as? ConformanceFailure)?.description ?? "\(error)"
    }
  }

  /// Reads whatever is asked for, and ignores limits.
  private struct Generous: RecordReader {
    let all: [Dish]
    func find(id: some FieldValue) async throws(PrivataError) -> Dish? { all.first }
    func find(
      _ condition: Condition<Dish>, orderedBy keys: [Order<Dish>], limit: Int?
    ) async throws(PrivataError) -> [Dish] { all }
    func contains(id: some FieldValue) async throws(PrivataError) -> Bool { true }
  }

  @Test func aGenerousReader() async {
    let all = [Dish(1, "soup"), Dish(2, "bread")]
    let text = await said {
      try await ContractConformance.checkReader(
        Generous(all: all), known: all, key: { .int($0.number) }, absent: 99)
    }
    for part in [
      "a record is read as another", "a record that is not there is read",
      "what is not there is contained", "answers more than the limit",
      "a condition that nothing fulfils answers",
    ] {
      #expect(text.contains(part), "\(text)")
    }
  }

  /// Takes every key twice and keeps what it should have undone.
  private struct Careless: RecordReader, RecordWriter {
    let inner: MockRecords<Dish>
    func find(id: some FieldValue) async throws(PrivataError) -> Dish? {
      try await inner.find(id: id)
    }
    func find(
      _ condition: Condition<Dish>, orderedBy keys: [Order<Dish>], limit: Int?
    ) async throws(PrivataError) -> [Dish] {
      try await inner.find(condition, orderedBy: keys, limit: limit)
    }
    func contains(id: some FieldValue) async throws(PrivataError) -> Bool {
      try await inner.contains(id: id)
    }
    func insert(_ records: [Dish]) async throws(PrivataError) {
      for record in records {
        _ = try? await inner.insert([record])
      }
    }
    func update(
      _ condition: Condition<Dish>, _ changes: [Change<Dish>]
    ) async throws(PrivataError) -> Int { try await inner.update(condition, changes) }
    func delete(_ condition: Condition<Dish>) async throws(PrivataError) -> Int {
      _ = try await inner.delete(condition)
      return 1
    }
  }

  @Test func aCarelessWriter() async throws {
    let mock = try await MockRecords<Dish>()
    let text = await said {
      try await ContractConformance.checkWriter(
        Careless(inner: mock), fresh: [Dish(1, "a"), Dish(2, "b")], key: { .int($0.number) })
    }
    for part in [
      "a key is taken twice", "deleting what is gone answers 1", "a refused insert leaves a record",
    ] {
      #expect(text.contains(part), "\(text)")
    }
  }

  /// Groups nothing: what was done stays.
  private struct Loose: Transactional {
    let inner: MockRecords<Dish>
    func withTransaction<R>(_ body: (MockRecords<Dish>) async throws -> R) async throws -> R {
      try await body(inner)
    }
  }

  @Test func aLooseGroup() async throws {
    let mock = try await MockRecords<Dish>()
    let text = await said {
      try await ContractConformance.checkGroups(
        Loose(inner: mock), insert: { try await $0.insert([Dish(mock.calls.names.count, "x")]) },
        count: { try await mock.find(.all).count })
    }
    #expect(text.contains("a change of a failed group stays"), "\(text)")
  }

  /// Never forgets.
  private final class Elephant: CacheReader, CacheWriter {
    private let kept = Mutex<[Int: String]>([:])
    func value(for key: Int) async -> String? { kept.withLock { $0[key] } }
    func values(for keys: [Int]) async -> [Int: String] { [:] }
    func contains(_ key: Int) async -> Bool { kept.withLock { $0[key] != nil } }
    func set(_ value: String, for key: Int, lifetime: Duration?) async {
      kept.withLock { $0[key] = $0[key] ?? value }
    }
    func set(contentsOf values: [Int: String], lifetime: Duration?) async {
      kept.withLock { $0.merge(values) { old, _ in old } }
    }
    func remove(_ key: Int) async {}
    func removeAll(where isGone: @Sendable (Int) -> Bool) async {}
  }

  @Test func aCacheThatNeverForgets() async {
    let text = await said {
      try await ContractConformance.checkCache(
        Elephant(), entries: [(1, "a"), (2, "b"), (3, "c")])
    }
    for part in [
      "a value is not replaced", "values(for:) answers 0 of 3", "a removed value is answered",
      "removeAll leaves what it should drop", "a value outlives its lifetime",
    ] {
      #expect(text.contains(part), "\(text)")
    }
  }

  /// Writes the last event first, and one for nothing.
  private final class Scribble: AuditLog {
    let kept = Mutex<[String]>([])
    func append(contentsOf events: [String]) throws(PrivataError) {
      kept.withLock { $0 = events.reversed() + ["?"] + $0 }
    }
  }

  /// Counts one more than there are, and answers others each time.
  private final class Dice: AuditTrail {
    let thrown = Mutex(0)
    func events(matching selection: Int) -> MockEvents<Int> {
      let number = thrown.withLock { count in
        count += 1
        return count
      }
      return MockAuditTrail<Int, Int>([number]).events(matching: 0)
    }
    func count(matching selection: Int) async throws(PrivataError) -> Int { 2 }
  }

  @Test func aLogAndATrailThatLie() async {
    let log = Scribble()
    let first = await said {
      try await ContractConformance.checkLog(
        log, events: ["a", "b"], recorded: { log.kept.withLock { $0 } })
    }
    #expect(first.contains("no events leave an event") && first.contains("in their order"))
    let second = await said {
      try await ContractConformance.checkTrail(Dice(), matching: 0, count: 1)
    }
    #expect(second.contains("counts 2 and answers 1"))
    #expect(second.contains("answers other events when asked again"))
  }

  /// Turns bytes over and calls it a secret.
  private struct Mirror: Encryptor {
    func seal(_ plain: Span<UInt8>) throws(PrivataError) -> [UInt8] {
      plain.indices.reversed().map { plain[$0] }
    }
    func open(_ sealed: [UInt8]) throws(PrivataError) -> [UInt8] { sealed.reversed() }
  }

  private struct Same: PseudonymGenerator {
    let one = MockPseudonyms().next()
    func next() -> Pseudonym { one }
    func next(_ count: Int) -> [Pseudonym] { [one] }
  }

  private final class Moody: RegionDetector {
    let asked = Mutex(0)
    func region(of subject: String) -> RegionSignal? {
      asked.withLock { count in
        count += 1
        return RegionSignal(count.isMultiple(of: 2) ? .us : .eu)
      }
    }
  }

  @Test func anEncryptorAGeneratorAndADetectorThatFail() async {
    let sealed = await said {
      try await ContractConformance.checkEncryptor(Mirror(), elsewhere: Mirror()) { $0 + [1] }
    }
    for part in [
      "the same bytes are sealed alike twice", "opens what belongs to another place",
      "opens what was changed",
    ] {
      #expect(sealed.contains(part), "\(sealed)")
    }
    let same = await said { try ContractConformance.checkPseudonyms(Same()) }
    #expect(same.contains("answers a pseudonym twice") && same.contains("answers 1 of 500"))
    let moody = await said {
      try ContractConformance.checkDetector(Moody(), [("a", .eu), ("b", .us)])
    }
    #expect(moody.contains("changes its mind on subject 0"))
  }
}

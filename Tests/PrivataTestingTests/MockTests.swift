import PrivataCore
import PrivataTesting
import Testing

struct Dish: Model, Equatable {
  var number: Int
  var name: String

  struct Fields: Sendable {
    let number = Field<Dish, Int>("number", at: 0)
    let name = Field<Dish, String>("name", at: 1)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Dish", collection: "dishes",
    fields: [
      FieldSchema("number", .int64, isOptional: false),
      FieldSchema("name", .string, isOptional: false),
    ], primaryKey: ["number"])

  init(_ number: Int, _ name: String) {
    self.number = number
    self.name = name
  }

  init(from row: RowView) throws(PrivataError) {
    number = try row.decode(at: 0)
    name = try row.decode(at: 1)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(number)
    row.append(name)
  }
}

/// The mocks keep their contracts, note what is asked and show the faults that they are told.
@Suite struct MockTests {
  private let dishes = [Dish(1, "soup"), Dish(2, "bread"), Dish(3, "pie")]
  private let away = PrivataError(.connection, "away", isRetriable: true)

  private func code(_ body: () async throws -> Void) async -> PrivataError.Code? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? PrivataError)?.code
    }
  }

  @Test func recordsKeepTheContracts() async throws {
    try await ContractConformance.checkReader(
      try await MockRecords(dishes), known: dishes, key: { .int($0.number) }, absent: 99)
    try await ContractConformance.checkWriter(
      try await MockRecords(dishes), fresh: [Dish(7, "tea"), Dish(8, "milk")],
      key: { .int($0.number) })
    let mock = try await MockRecords<Dish>()
    try await ContractConformance.checkGroups(
      mock, insert: { try await $0.insert([Dish(mock.calls.names.count, "x")]) },
      count: { try await mock.find(.all).count })
  }

  @Test func recordsShowFaults() async throws {
    let mock = try await MockRecords(dishes)
    mock.calls.fail("find", at: 2, with: away)
    #expect(try await mock.find(id: 1) == dishes[0])
    #expect(await code { _ = try await mock.find(\.number > 0) } == .connection)
    #expect(try await mock.find(\.number > 0).count == 3)
    mock.calls.fail(with: away)
    #expect(await code { _ = try await mock.delete(\.number == 1) } == .connection)
    #expect(try await mock.contains(id: 1))
    mock.calls.cut("find", to: 1)
    #expect(try await mock.find(\.number > 0).count == 1)
    #expect(
      mock.calls.names == ["find", "find", "find", "delete", "contains", "find"])
    #expect(mock.calls.count("find") == 4)
    mock.calls.reset()
    #expect(mock.calls.names.isEmpty)
    #expect(try await mock.find(\.number > 0).count == 3)
  }

  /// A delay is waited for, and a caller who gives up does not wait for it.
  @Test func aDelayIsWaitedFor() async throws {
    let mock = try await MockRecords(dishes)
    mock.calls.delay("update", by: .milliseconds(60))
    let time = try await ContinuousClock().measure {
      _ = try await mock.update(\.number == 1, [.set(\.name, "x")])
    }
    #expect(time >= .milliseconds(60))
    mock.calls.delay("contains", by: .seconds(60))
    let task = Task { try await mock.contains(id: 1) }
    task.cancel()
    #expect(await code { _ = try await task.value } == .cancelled)
  }

  /// A fault in a group undoes the group.
  @Test func aFaultInAGroupUndoesIt() async throws {
    let mock = try await MockRecords(dishes)
    mock.calls.fail("update", with: away)
    let found = await code {
      try await mock.withTransaction { inner in
        try await inner.insert([Dish(9, "rice")])
        _ = try await inner.update(\.number == 1, [.set(\.name, "x")])
      }
    }
    #expect(found == .connection)
    #expect(try await mock.find(.all).count == 3)
    #expect(mock.calls.names.prefix(3) == ["transaction", "insert", "update"])
  }

  @Test func theCacheKeepsTheContractAndMisses() async throws {
    try await ContractConformance.checkCache(
      MockCache<Int, String>(), entries: [(1, "a"), (2, "b"), (3, "c")])
    let cache = MockCache<Int, String>()
    await cache.set("a", for: 1, lifetime: nil)
    cache.calls.fail("value", with: away)
    #expect(await cache.value(for: 1) == nil)
    #expect(await cache.value(for: 1) == "a")
    #expect(cache.calls.names == ["set", "value", "value"])
  }

  @Test func logAndTrailKeepTheContracts() async throws {
    let log = MockAuditLog<String>()
    try await ContractConformance.checkLog(log, events: ["a", "b"], recorded: { log.recorded })
    log.calls.fail("append", with: PrivataError(.auditUnavailable, "full"))
    #expect(await code { try log.append("c") } == .auditUnavailable)
    #expect(log.recorded == ["a", "a", "b"])
    let trail = MockAuditTrail<String, String>(["a", "b", "ab"]) { $0.contains($1) }
    try await ContractConformance.checkTrail(trail, matching: "a", count: 2)
    trail.calls.fail("events", with: away)
    #expect(
      await code { for try await _ in trail.events(matching: "a") {} } == .connection)
    trail.calls.cut("events", to: 1)
    var seen: [String] = []
    for try await event in trail.events(matching: "a") { seen.append(event) }
    #expect(seen == ["a"])
  }

  @Test func theRestKeepTheirContracts() async throws {
    try await ContractConformance.checkEncryptor(
      MockEncryptor("here"), elsewhere: MockEncryptor("there")
    ) { sealed in
      var changed = sealed
      changed.sum += 1
      return changed
    }
    try ContractConformance.checkPseudonyms(MockPseudonyms())
    try ContractConformance.checkDetector(
      MockRegions(["eu_1": RegionSignal(.eu), "us_1": RegionSignal(.us, isStrong: false)]),
      [("eu_1", .eu), ("us_1", .us), ("x", nil)])
    let encryptor = MockEncryptor("here")
    encryptor.calls.fail("open", with: PrivataError(.tampered, "as told"))
    let sealed = try encryptor.seal(([1, 2] as [UInt8]).span)
    #expect(await code { _ = try encryptor.open(sealed) } == .tampered)
    #expect(try encryptor.open(sealed) == [1, 2])
  }
}

import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

@testable import PrivataCompliance

/// The way from the journal to the audit store, over a store that fails as stores do.
@Suite struct AuditDeliveryTests {
  private struct Setup {
    let vault: Vault
    let log: FailingStore
    let models = ClinicModels()

    init(_ change: (inout VaultOptions) -> Void = { _ in }) async throws {
      let directory = Folders.temporary()
      var options = Folders.options(directory)
      change(&options)
      log = FailingStore(MemoryStore(name: "log-\(directory)"))
      vault = try await Vault(
        identity: .store(MemoryStore(name: "identity-\(directory)")),
        clinical: .store(MemoryStore(name: "clinical-\(directory)")), audit: .store(log),
        options: options)
      vault.register(models.all)
    }

    func read(_ model: ModelSchema) async throws {
      _ = try await vault.store.rows(for: Query(model, answer: .count))
    }

    /// The ids of the events in the store.
    func ids() async throws -> [Value] {
      let query = Query(AuditModels.events, projection: .fields(["_id"]), layout: .cells)
      let rows = try await log.inner.rows(for: query)
      return (0..<rows.count).compactMap { rows.value(row: $0, column: 0) }
    }
  }

  /// The store carries out a write and its answer is lost, or it is not carried out at all: events
  /// are sent again, and each is there once.
  @Test(arguments: 1...12) func whatIsSentAgainIsThereOnce(_ seed: Int) async throws {
    let setup = try await Setup()
    var random = SeededSource(seed)
    var sent = 0
    for _ in 0..<30 {
      for _ in 0..<random.int(1...40) {
        try await setup.read(setup.models.clinic)
        sent += 1
      }
      setup.log.set(random.pick([.none, .loseAnswer, .refuse, .loseAnswer]))
      try? await setup.vault.audit.flush()
    }
    setup.log.set(.none)
    let clinics = AuditSelection(model: "Clinic")
    #expect(try await setup.vault.audit.count(matching: clinics) == sent)
    #expect(try await setup.vault.audit.verify().isValid)
    let ids = try await setup.ids()
    #expect(Set(ids).count == ids.count)
    #expect(setup.log.failures > 5)
  }

  @Test func theStoreIsNeverWaitedFor() async throws {
    let setup = try await Setup()
    setup.log.set(.refuse)
    for _ in 0..<500 { try await setup.read(setup.models.patient) }
    #expect(setup.vault.audit.waiting == 500)
    await #expect(throws: PrivataError.self) { try await setup.vault.audit.flush() }
    #expect(setup.vault.audit.waiting == 500)
    setup.log.set(.none)
    try await setup.vault.audit.flush()
    #expect(setup.vault.audit.waiting == 0)
    #expect(try await setup.vault.audit.count(matching: .init(model: "Patient")) == 500)
  }

  /// Calls take as long while the store is away as while it is there: the 95th percentiles of calls
  /// in turns differ by five percent at most, on a machine that others use too at the best of ten.
  @Test func anAbsentStoreCostsNothing() async throws {
    let setup = try await Setup()
    var best = Double.infinity
    var sent = 0
    for _ in 0..<10 where best > 1.05 {
      var times: [FailingStore.Failure: [Duration]] = [:]
      for turn in 0..<20 {
        let state: FailingStore.Failure = turn.isMultiple(of: 2) ? .none : .refuse
        setup.log.set(state)
        for _ in 0..<50 {
          let begun = ContinuousClock.now
          try await setup.read(setup.models.patient)
          times[state, default: []].append(ContinuousClock.now - begun)
          sent += 1
        }
      }
      let there = Self.percentile(times[.none] ?? [])
      best = min(best, Self.percentile(times[.refuse] ?? []) / there)
    }
    #expect(best <= 1.05)
    #expect(setup.vault.audit.waiting == sent)
    setup.log.set(.none)
    #expect(try await setup.vault.audit.count(matching: .init(model: "Patient")) == sent)
  }

  private static func percentile(_ times: [Duration]) -> Double {
    let sorted = times.sorted()
    guard !sorted.isEmpty else { return .infinity }
    return sorted[sorted.count * 95 / 100] / .nanoseconds(1)
  }

  private static func small(_ overflow: JournalOptions.Overflow) -> (inout VaultOptions) -> Void {
    { options in
      options.journal.segmentBytes = 128 << 10
      options.journal.maximumBytes = 512 << 10
      options.journal.overflow = overflow
    }
  }

  /// At the bound, personal data is refused and nothing else; with room again all goes on.
  @Test func personalDataIsRefusedAtTheBound() async throws {
    let setup = try await Setup(Self.small(.failClosedForPHI))
    setup.log.set(.refuse)
    var read = 0
    var refusal: PrivataError?
    while refusal == nil, read < 20_000 {
      do {
        try await setup.read(setup.models.patient)
        read += 1
      } catch let error as PrivataError { refusal = error }
    }
    #expect(refusal?.code == .auditUnavailable && refusal?.isRetriable == true && read > 500)
    try await setup.read(setup.models.clinic)
    setup.log.set(.none)
    try await setup.vault.audit.flush()
    try await setup.read(setup.models.patient)
    let done = AuditSelection(model: "Patient", outcome: .success)
    #expect(try await setup.vault.audit.count(matching: done) == read + 1)
    #expect(try await setup.vault.audit.verify().isValid)
  }

  /// Or everything goes on, and a record says exactly how many events are missing.
  @Test func aGapIsRecordedWithItsExactNumber() async throws {
    let setup = try await Setup(Self.small(.keepServingRecordGaps))
    setup.log.set(.refuse)
    for _ in 0..<6_000 { try await setup.read(setup.models.patient) }
    let kept = setup.vault.audit.waiting
    #expect(kept < 6_000)
    setup.log.set(.none)
    try await setup.vault.audit.flush()
    try await setup.read(setup.models.clinic)
    var missing: [Int] = []
    for try await event in setup.vault.audit.events(matching: .init(action: .gap)) {
      missing.append(event.count)
    }
    #expect(missing == [6_000 - kept])
    #expect(try await setup.vault.audit.count(matching: .init(model: "Patient")) == kept)
    #expect(try await setup.vault.audit.verify().isValid)
  }

  /// A stream that is given up says what was handed out.
  @Test func aStreamThatEndsEarlySaysWhatItDelivered() async throws {
    let setup = try await Setup()
    let clinics = (0..<2_000).map { number -> Document in
      [
        "_id": .objectID(ObjectID(high: 9, low: UInt32(number))),
        "email": .string("\(number)@example.org"),
      ]
    }
    _ = try await setup.vault.store.write(
      .insert(Insert(setup.models.patient, .documents(clinics))))
    let store = try #require(setup.vault.store as? any StreamingStore)
    let stream = try await store.stream(Query(setup.models.patient), batchSize: 500)
    var received = 0
    while received < 1_500, let batch = try await stream.next() { received += batch.count }
    await stream.close()
    var told = 0
    let reads = AuditSelection(model: "Patient", action: .read)
    for try await event in setup.vault.audit.events(matching: reads) { told += event.count }
    #expect(received == 1_500 && told == received)
  }
}

/// A store that fails as told.
final class FailingStore: Store {
  enum Failure: Sendable {
    case none
    /// Nothing is carried out.
    case refuse
    /// Every second write is carried out and fails all the same.
    case loseAnswer
  }

  let inner: MemoryStore
  private let state = Mutex((failure: Failure.none, count: 0, writes: 0))

  init(_ inner: MemoryStore) { self.inner = inner }

  var traits: StoreTraits { inner.traits }
  var failures: Int { state.withLock { $0.count } }
  func set(_ failure: Failure) { state.withLock { $0.failure = failure } }

  private static let lost = PrivataError(.connection, "the store is away", isRetriable: true)

  private func fail(_ failure: Failure) throws(PrivataError) {
    let fails = state.withLock { state in
      guard state.failure == failure else { return false }
      state.writes += 1
      if failure == .loseAnswer, state.writes.isMultiple(of: 2) { return false }
      state.count += 1
      return true
    }
    if fails { throw Self.lost }
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try fail(.refuse)
    try await inner.prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try fail(.refuse)
    return try await inner.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try fail(.refuse)
    let outcome = try await inner.write(write)
    try fail(.loseAnswer)
    return outcome
  }
}

import PrivataCompliance
import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

/// No table is made while a person waits: on a server that is a transaction behind a lock.
@Suite struct RequestPathTests {
  private final class Counter: Sendable {
    let models = Mutex<[String]>([])
  }

  /// A store that notes which models are prepared.
  private struct CountedStore: TransactionalStore, StreamingStore, AdministrableStore {
    let base: MemoryStore
    let counter: Counter

    var traits: StoreTraits { base.traits }

    func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
      counter.models.withLock { $0 += models.map(\.name) }
      try await base.prepare(models)
    }
    func rows(for query: Query) async throws(PrivataError) -> RowBatch {
      try await base.rows(for: query)
    }
    func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
      try await base.write(write)
    }
    func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
      try await base.begin(options)
    }
    func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
      try await base.stream(query, batchSize: batchSize)
    }
    func drop(_ models: [ModelSchema]) async throws(PrivataError) { try await base.drop(models) }
    func close() async { await base.close() }
  }

  @Test func nothingIsMadeWhileAPersonWaits() async throws {
    let counter = Counter()
    let models = ClinicModels()
    let store = { (name: String) in
      CountedStore(base: MemoryStore(name: "\(name)-path"), counter: counter)
    }
    let vault = try await Vault(
      identity: .store(store("identity")), clinical: .store(store("clinical")),
      options: Folders.options(Folders.temporary()))
    try await vault.store.prepare(models.all)
    for (number, name) in ["Ada", "Bob"].enumerated() {
      let id = ObjectID(high: 1, low: UInt32(number))
      let patient: Document = [
        "_id": .objectID(id), "name": .string(name), "email": .string("\(name)@example.org"),
        "diagnosis": "J45",
      ]
      _ = try await vault.store.write(.insert(Insert(models.patient, .documents([patient]))))
    }
    try await vault.audit.flush()
    #expect(counter.models.withLock { $0.count } > 5)
    counter.models.withLock { $0 = [] }
    let gdpr = vault.gdpr(for: models.patient)
    let (ada, bob) = (ObjectID(high: 1, low: 0), ObjectID(high: 1, low: 1))
    let request = try await vault.requests.open(.access, of: models.patient, subject: ada)
    _ = try await gdpr.rightToAccess(ada)
    _ = try await gdpr.rightToPortability(ada)
    _ = try await gdpr.rightToRectification(ada, ["name": "Eve"])
    try await gdpr.rightToRestriction(bob, ground: .accuracyContested)
    _ = try await vault.requests.fulfil(request.id)
    _ = try await gdpr.rightToErasure(
      ada, .init(requestedBy: ada, reason: "r", legalBasis: .article17))
    #expect(counter.models.withLock { $0 } == [])
    await vault.close()
  }
}

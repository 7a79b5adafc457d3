import PrivataCompliance
import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

@Suite struct RecordCacheTests {
  private func clinic() async throws -> Clinic {
    try await Clinic { $0.cache = CacheOptions(health: .seconds(60)) }
  }

  /// Changes a row past the vault, which only a read of the store can see.
  private func change(_ clinic: Clinic, ward: String) async throws {
    let raw = ModelSchema(
      name: "Raw", collection: clinic.models.patient.collection, fields: [FieldSchema("_id", .any)],
      isOpen: true)
    _ = try await clinic.memory.identity.write(
      .update(
        Update(
          raw, where: .document(["_id": .objectID(Clinic.ada)]),
          .operators(["$set": ["ward": .string(ward)]]))))
  }

  private func ward(_ clinic: Clinic) async throws -> Value? {
    try await clinic.find(clinic.models.patient, ["_id": .objectID(Clinic.ada)]).first?["ward"]
  }

  private func events(_ clinic: Clinic) async throws -> Int {
    try await clinic.vault.audit.flush()
    return try await clinic.vault.audit.count(matching: .init(model: "Patient"))
  }

  @Test func aRecordReadTwiceComesFromMemoryAndIsAudited() async throws {
    let clinic = try await clinic()
    #expect(try await ward(clinic) == "north")
    try await change(clinic, ward: "elsewhere")
    let before = try await events(clinic)
    #expect(try await ward(clinic) == "north")
    #expect(try await events(clinic) == before + 1)
  }

  @Test func withoutACacheEveryReadAsksTheStore() async throws {
    let clinic = try await Clinic()
    #expect(try await ward(clinic) == "north")
    try await change(clinic, ward: "elsewhere")
    #expect(try await ward(clinic) == "elsewhere")
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let run: @Sendable (Clinic) async throws -> Void
    init(_ name: String, _ run: @escaping @Sendable (Clinic) async throws -> Void) {
      testDescription = name
      self.run = run
    }
  }

  private static let ada: Filter = .document(["_id": .objectID(Clinic.ada)])
  private static let level: Changes = .operators(["$inc": ["level": 1]])

  static let changes: [Change] = [
    Change("an update by key") { clinic in
      _ = try await clinic.store.write(.update(Update(clinic.models.patient, where: ada, level)))
    },
    Change("an update by another field") { clinic in
      _ = try await clinic.store.write(
        .update(
          Update(clinic.models.patient, where: .document(["role": "patient"]), level, isMany: true))
      )
    },
    Change("an upsert") { clinic in
      _ = try await clinic.store.write(
        .update(Update(clinic.models.patient, where: ada, level, isUpsert: true)))
    },
    Change("a delete of another record") { clinic in
      _ = try await clinic.store.write(
        .delete(Delete(clinic.models.session, where: .document(["_id": 2]))))
    },
    Change("several writes in one call") { clinic in
      let bob = Filter.document(["_id": .objectID(Clinic.bob)])
      _ = try await clinic.store.write(
        .bulk(
          [bob, ada].map { .update(Update(clinic.models.patient, where: $0, level)) },
          isOrdered: true))
    },
    Change("a transaction") { clinic in
      let store = try #require(clinic.store as? any TransactionalStore)
      try await store.withTransaction { outer in
        try await outer.withTransaction { inner in
          _ = try await inner.write(.update(Update(clinic.models.patient, where: ada, level)))
        }
      }
    },
  ]

  @Test(arguments: changes) func aWriteMakesItStale(_ write: Change) async throws {
    let clinic = try await clinic()
    #expect(try await ward(clinic) == "north")
    try await change(clinic, ward: "elsewhere")
    try await write.run(clinic)
    #expect(try await ward(clinic) == "elsewhere")
  }

  @Test func aWriteOfAnotherRecordLeavesItInPlace() async throws {
    let clinic = try await clinic()
    #expect(try await ward(clinic) == "north")
    try await change(clinic, ward: "elsewhere")
    try await clinic.insert(
      clinic.models.session, [["_id": 3, "patient": .objectID(Clinic.bob)]])
    _ = try await clinic.store.write(
      .update(
        Update(
          clinic.models.patient, where: .document(["_id": .objectID(Clinic.bob)]), Self.level)))
    #expect(try await ward(clinic) == "north")
  }

  @Test func fieldsAndFormsAreEntriesOfTheirOwn() async throws {
    let clinic = try await clinic()
    for fields in [["name"], ["ward", "diagnosis"], ["diagnosis"]] {
      for _ in 0..<2 {
        let batch = try await clinic.store.rows(
          for: Query(clinic.models.patient, where: Self.ada, projection: .fields(fields)))
        let found = batch.documents[0].elements.map(\.key).filter { $0 != "_id" }
        #expect(found == fields)
      }
    }
    #expect(try await ward(clinic) == "north")
  }

  @Test func anErasedPersonIsNotRemembered() async throws {
    let clinic = try await clinic()
    #expect(try await ward(clinic) == "north")
    #expect(try await clinic.find(clinic.models.session, ["_id": 1]).first?["patient"] != nil)
    _ = try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure(
      Clinic.ada, .init(requestedBy: "ada", reason: "asked", legalBasis: .article17))
    #expect(try await ward(clinic) == nil)
    let session = try await clinic.find(clinic.models.session, ["_id": 1]).first
    #expect(session?["patient"] != .objectID(Clinic.ada))
  }

  @Test func transactionsReadTheStores() async throws {
    let clinic = try await clinic()
    #expect(try await ward(clinic) == "north")
    try await change(clinic, ward: "elsewhere")
    let store = try #require(clinic.store as? any TransactionalStore)
    let seen = try await store.withTransaction { transaction in
      try await transaction.rows(for: Query(clinic.models.patient, where: Self.ada))
        .documents.first?["ward"]
    }
    #expect(seen == "elsewhere")
  }

  @Test func aReadAfterAnAcknowledgedWriteNeverSeesTheOldRecord() async throws {
    let clinic = try await clinic()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var stale = 0
          for _ in 0..<200 {
            let written = try await increased(clinic)
            let read = try await clinic.find(
              clinic.models.patient, ["_id": .objectID(Clinic.ada)]
            ).first?["level"]?.asInt
            if (read ?? 0) < written { stale += 1 }
          }
          return stale
        }
      }
      for try await stale in group { #expect(stale == 0) }
    }
  }

  /// Counts up and answers what was written; where others got in the way, again.
  private func increased(_ clinic: Clinic) async throws(PrivataError) -> Int {
    let update = Update(clinic.models.patient, where: Self.ada, Self.level, returning: .after)
    while true {
      do throws(PrivataError) {
        let outcome = try await clinic.store.write(.update(update))
        return outcome.rows?.documents.first?["level"]?.asInt ?? .max
      } catch {
        guard error.code == .writeConflict, error.isRetriable else { throw error }
      }
    }
  }

  @Test func manyWhoMissTogetherReadOnce() async throws {
    let slow = SlowStore(MemoryStore(name: "slow"))
    var options = Folders.options(Folders.temporary())
    options.cache = CacheOptions(health: .seconds(60))
    let vault = try await Vault(
      identity: .store(slow), clinical: .store(MemoryStore(name: "other")), options: options)
    let models = ClinicModels()
    try await vault.store.prepare(models.all)
    _ = try await vault.store.write(
      .insert(Insert(models.patient, .documents([["_id": .objectID(Clinic.ada), "name": "Ada"]]))))
    slow.reads.withLock { $0 = 0 }
    let query = Query(models.patient, where: Self.ada, projection: .fields(["name"]))
    await withTaskGroup(of: Value?.self) { group in
      for _ in 0..<50 {
        group.addTask { try? await vault.store.rows(for: query).documents.first?["name"] }
      }
      for await name in group { #expect(name == "Ada") }
    }
    #expect(slow.reads.withLock { $0 } == 1)
  }

  @Test(arguments: StoreConformance.checks)
  func conforms(_ check: StoreConformance.Check) async throws {
    let vault = try await MemoryVault { $0.cache = CacheOptions(health: .seconds(60)) }.vault
    try await StoreConformance(vault.store).run(check)
  }
}

/// A store that takes its time to read, and counts.
private final class SlowStore: Store {
  let inner: MemoryStore
  let reads = Mutex(0)

  init(_ inner: MemoryStore) { self.inner = inner }

  var traits: StoreTraits { inner.traits }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await inner.prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    // The vault's own look at its tables is none of the cache's.
    if query.model.collection == ClinicModels().patient.collection { reads.withLock { $0 += 1 } }
    try? await Task.sleep(for: .milliseconds(20))
    return try await inner.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await inner.write(write)
  }
}

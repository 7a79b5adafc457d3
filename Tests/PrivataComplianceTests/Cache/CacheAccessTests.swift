import PrivataCompliance
import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

/// What may not be read is not read from memory either.
@Suite struct CacheAccessTests {
  private func clinic(
    health: Duration? = .seconds(60), _ change: (inout VaultOptions) -> Void = { _ in }
  ) async throws -> Clinic {
    try await Clinic {
      $0.cache = CacheOptions(health: health)
      change(&$0)
    }
  }

  private func ada(_ clinic: Clinic) -> Query {
    Query(clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]))
  }

  private func acting(_ clinic: Clinic, _ role: String, _ purpose: String) -> Vault {
    clinic.vault.acting(as: .init(actor: .user(role), role: role, purpose: purpose))
  }

  // MARK: - Rights

  @Test func whatTheClinicianWarmedTheReceptionistDoesNotGet() async throws {
    var policy = FieldPolicy()
    policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
    policy.allow(
      role: "receptionist", purpose: "booking", on: "Patient", fields: ["name", "email"])
    let given = policy
    let clinic = try await clinic { $0.fieldPolicy = given }
    let query = ada(clinic)
    for _ in 0..<2 {
      let seen = try await acting(clinic, "clinician", "treatment").store.rows(for: query)
      #expect(seen.documents.first?["diagnosis"] == "canary-disease")
    }
    for _ in 0..<2 {
      let seen = try await acting(clinic, "receptionist", "booking").store.rows(for: query)
      let row = try #require(seen.documents.first)
      #expect(row["name"] == "Ada Canary")
      #expect(!row.contains("diagnosis") && !row.contains("weight"))
    }
    await #expect(throws: PrivataError.self) {
      _ = try await acting(clinic, "receptionist", "booking").store.rows(
        for: Query(
          clinic.models.patient, where: query.filter, projection: .fields(["diagnosis"])))
    }
    // And each hit names who saw it.
    var roles: [String?] = []
    for try await event in clinic.vault.audit.events(
      matching: .init(model: "Patient", record: .objectID(Clinic.ada)))
    where event.action == .read && event.outcome == .success { roles.append(event.role) }
    #expect(roles.filter { $0 == "clinician" }.count == 2)
    #expect(roles.filter { $0 == "receptionist" }.count == 2)
  }

  @Test func aRestrictionHoldsForMemoryToo() async throws {
    let clinic = try await clinic()
    #expect(try await clinic.store.rows(for: ada(clinic)).count == 1)
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    try await gdpr.rightToRestriction(Clinic.ada, ground: .accuracyContested)
    #expect(try await clinic.store.rows(for: ada(clinic)).isEmpty)
  }

  @Test func aCallerWithoutContextGetsNothingFromMemory() async throws {
    let clinic = try await clinic { $0.contextPolicy = .service }
    #expect(try await clinic.store.rows(for: ada(clinic)).count == 1)
    let strict = try await Clinic()
    _ = strict
    let required = try await MemoryVault {
      $0.contextPolicy = .required
      $0.cache = CacheOptions(health: .seconds(60))
    }
    let model = ClinicModels().patient
    try await required.vault.store.prepare([model])
    let doctor = required.vault.acting(
      as: .init(actor: .user("d"), role: "clinician", purpose: "treatment"))
    _ = try await doctor.store.write(
      .insert(Insert(model, .documents([["_id": .objectID(Clinic.ada), "name": "Ada"]]))))
    let query = Query(model, where: .document(["_id": .objectID(Clinic.ada)]))
    #expect(try await doctor.store.rows(for: query).count == 1)
    let error = await #expect(throws: PrivataError.self) {
      _ = try await required.vault.store.rows(for: query)
    }
    #expect(error?.code == .contextRequired)
  }

  /// A hit says of itself in the log what the read of the stores said, the policy's rule included.
  @Test func aHitIsAuditedAsTheReadWas() async throws {
    var policy = FieldPolicy()
    policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
    let given = policy
    let clinic = try await clinic { $0.fieldPolicy = given }
    let doctor = acting(clinic, "clinician", "treatment")
    for _ in 0..<3 { _ = try await doctor.store.rows(for: ada(clinic)) }
    #expect(clinic.vault.cache?.statistics.hits == 2)
    var seen: [AuditEvent] = []
    for try await event in clinic.vault.audit.events(
      matching: .init(model: "Patient", record: .objectID(Clinic.ada)))
    where event.action == .read { seen.append(event) }
    #expect(seen.count == 3)
    for event in seen {
      #expect(event.rule != nil && event.rule == seen[0].rule)
      #expect(event.fields == seen[0].fields && event.filterFields == seen[0].filterFields)
      #expect(event.records == seen[0].records && event.count == 1)
      #expect(event.actor == .user("clinician") && event.outcome == .success)
    }
  }

  @Test func everyHitOfManyAtOnceIsAudited() async throws {
    let clinic = try await clinic()
    _ = try await clinic.store.rows(for: ada(clinic))
    let cache = try #require(clinic.vault.cache)
    let log = AuditSelection(model: "Patient", action: .read)
    let before = try await clinic.vault.audit.count(matching: log)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<100 { _ = try await clinic.store.rows(for: ada(clinic)) }
        }
      }
      try await group.waitForAll()
    }
    #expect(cache.statistics.hits == 800 && cache.statistics.misses == 1)
    #expect(try await clinic.vault.audit.count(matching: log) == before + 800)
  }

  // MARK: - Health data

  @Test func healthDataIsKeptOnlyWhereAllowed() async throws {
    let clinic = try await clinic(health: nil)
    let cache = try #require(clinic.vault.cache)
    _ = try await clinic.store.rows(for: ada(clinic))
    _ = try await clinic.store.rows(
      for: Query(
        clinic.models.patient, where: ada(clinic).filter, projection: .fields(["diagnosis"])))
    _ = try await clinic.store.rows(
      for: Query(
        clinic.models.patient, where: ada(clinic).filter, projection: .document(["weight": 1])))
    #expect(cache.statistics.entries == 0)
    let name = Query(
      clinic.models.patient, where: ada(clinic).filter, projection: .document(["name": 1]))
    for _ in 0..<3 { _ = try await clinic.store.rows(for: name) }
    #expect(cache.statistics.entries == 1)
    #expect(cache.statistics.hits == 2)
  }

  @Test func healthDataGoesEarlier() async throws {
    let clinic = try await clinic(health: .milliseconds(50))
    _ = try await clinic.store.rows(for: ada(clinic))
    let cache = try #require(clinic.vault.cache)
    #expect(cache.statistics.entries == 1)
    try await Task.sleep(for: .milliseconds(80))
    _ = try await clinic.store.rows(for: ada(clinic))
    #expect(cache.statistics.hits == 0)
  }

  @Test func anEmergencyLeavesNothingInMemory() async throws {
    let clinic = try await clinic()
    let emergency = clinic.vault.acting(
      as: .init(actor: .user("d"), role: "clinician", purpose: "emergency", reason: "unconscious"))
    _ = try? await emergency.store.rows(for: ada(clinic))
    #expect(clinic.vault.cache?.statistics.entries == 0)
  }

  // MARK: - Figures

  @Test func theFiguresAreThoseOfAnOracle() async throws {
    let clinic = try await clinic()
    let cache = try #require(clinic.vault.cache)
    var source = SeededNumbers(7)
    var known: Set<Int> = []
    var hits = 0
    var misses = 0
    let ids = [Clinic.ada, Clinic.bob]
    let fields = ["name", "email", "role"]
    for _ in 0..<200 {
      let (id, field) = (source.below(2), source.below(3))
      if known.insert(id * 3 + field).inserted { misses += 1 } else { hits += 1 }
      _ = try await clinic.store.rows(
        for: Query(
          clinic.models.patient, where: .document(["_id": .objectID(ids[id])]),
          projection: .fields([fields[field]])))
    }
    #expect(cache.statistics.hits == hits && cache.statistics.misses == misses)
    #expect(cache.statistics.hitRate > 0.85)
    #expect(cache.statistics.entries == misses && cache.statistics.bytes > 0)
    cache.removeAll()
    #expect(cache.statistics.entries == 0)
    #expect(try await Clinic().vault.cache == nil)
  }

  @Test func evictionsAreCounted() {
    let cache = MemoryCache<Int, Int>(entries: 4, bytes: 1_000, shards: 1) { _ in 1 }
    for number in 0..<10 { cache.set(number, for: number) }
    #expect(cache.evictions == 6)
    #expect(cache.usage.entries == 4)
  }

  /// Four in five reads are of a fifth of the records: most come from memory.
  @Test func aReadHeavyMixIsServedFromMemory() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let ids = (0..<200).map { ObjectID(high: 5, low: UInt32($0)) }
    try await clinic.insert(
      model, ids.map { ["_id": .objectID($0), "name": "n", "email": .string("\($0)@example.org")] })
    var source = SeededNumbers(3)
    for round in 0..<4_000 {
      let isHot = source.below(10) < 8
      let id = ids[isHot ? source.below(40) : 40 + source.below(160)]
      let filter = Filter.document(["_id": .objectID(id)])
      if round % 50 == 49 {
        _ = try await clinic.store.write(
          .update(Update(model, where: filter, .operators(["$inc": ["level": 1]]))))
      } else {
        _ = try await clinic.store.rows(for: Query(model, where: filter))
      }
    }
    let rate = try #require(clinic.vault.cache).statistics.hitRate
    #expect(rate > 0.85, "\(rate)")
  }

  // MARK: - Warming

  @Test func warmingReadsAheadForAPurpose() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let keys: [Value] = [.objectID(Clinic.ada), .objectID(Clinic.bob), .objectID(ObjectID())]
    let error = await #expect(throws: PrivataError.self) {
      _ = try await clinic.vault.cache?.warm(model, keys)
    }
    #expect(error?.code == .contextRequired)
    let nightly = acting(clinic, "system", "maintenance")
    #expect(try await nightly.cache?.warm(model, keys) == 2)
    let before = try #require(clinic.vault.cache).statistics
    #expect(before.entries == 2)
    _ = try await clinic.store.rows(for: ada(clinic))
    #expect(try #require(clinic.vault.cache).statistics.hits == before.hits + 1)
    let events = try await clinic.vault.audit.count(
      matching: .init(model: "Patient", action: .read))
    #expect(events >= 3)
  }

  // MARK: - Races

  /// Readers and writers on the same records: when they rest, memory and store say the same.
  @Test func afterARaceMemoryAndStoreAgree() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let ids = (0..<20).map { ObjectID(high: 6, low: UInt32($0)) }
    try await clinic.insert(
      model,
      ids.map { ["_id": .objectID($0), "email": .string("\($0)@example.org"), "level": 0] })
    let stale = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<12 {
        group.addTask {
          var source = SeededNumbers(UInt64(worker))
          for _ in 0..<250 {
            let filter = Filter.document(["_id": .objectID(ids[source.below(ids.count)])])
            if worker < 3 {
              let update = Update(
                model, where: filter, .operators(["$inc": ["level": 1]]), returning: .after)
              let written = try await clinic.store.write(.update(update))
              let level = written.rows?.documents.first?["level"]?.asInt ?? 0
              let seen = try await clinic.store.rows(for: Query(model, where: filter)).documents
              // What was acknowledged is seen, or something later.
              if (seen.first?["level"]?.asInt ?? -1) < level { stale.add() }
            } else {
              _ = try await clinic.store.rows(for: Query(model, where: filter))
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(stale.count == 0)
    for id in ids {
      let filter = Filter.document(["_id": .objectID(id)])
      let seen = try await clinic.store.rows(for: Query(model, where: filter)).documents.first
      clinic.vault.cache?.removeAll()
      let stored = try await clinic.store.rows(for: Query(model, where: filter)).documents.first
      #expect(seen?["level"] == stored?["level"])
    }
  }

  /// A call that is given up while it fills leaves no wrong entry.
  @Test func aCancelledFillLeavesNothingWrong() async throws {
    let clinic = try await clinic()
    let query = ada(clinic)
    for _ in 0..<100 {
      clinic.vault.cache?.removeAll()
      let task = Task { try await clinic.store.rows(for: query).documents.first }
      task.cancel()
      _ = try? await task.value
      let seen = try await clinic.store.rows(for: query).documents.first
      #expect(seen?["name"] == "Ada Canary")
    }
  }

  /// The parts of a key do not run together: other models, records and fields are other entries.
  @Test func keysDoNotRunTogether() async throws {
    let clinic = try await clinic()
    let tricky = ModelSchema(
      name: "Patient:1", collection: "tricky",
      fields: [
        FieldSchema("_id", .string, isOptional: false), FieldSchema("a", .string),
        FieldSchema("a,b", .string), FieldSchema("b", .string),
      ], isOpen: true)
    try await clinic.store.prepare([tricky])
    let ids = ["1", "1:a", "1:a:b", "", "*", "1\u{0}a"]
    try await clinic.insert(
      tricky, ids.map { ["_id": .string($0), "a": .string("a" + $0), "b": .string("b" + $0)] })
    for _ in 0..<2 {
      for id in ids {
        for fields in [["a"], ["b"], ["a", "b"], ["a,b"]] {
          let rows = try await clinic.store.rows(
            for: Query(
              tricky, where: .document(["_id": .string(id)]), projection: .fields(fields))
          ).documents
          #expect(rows.count == 1)
          #expect(rows[0]["a"] == (fields.contains("a") ? .string("a" + id) : nil))
          #expect(rows[0]["b"] == (fields.contains("b") ? .string("b" + id) : nil))
        }
      }
    }
  }
}

/// A count that many tasks share.
final class Tally: Sendable {
  private let number = Atomic(0)
  var count: Int { number.load(ordering: .acquiring) }
  func add() { number.add(1, ordering: .acquiringAndReleasing) }
}

/// Numbers that are the same in every run.
struct SeededNumbers {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
}

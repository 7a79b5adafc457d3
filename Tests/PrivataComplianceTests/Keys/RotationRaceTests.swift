import Foundation
import PrivataCore
import PrivataSQLite
import PrivataTesting
import Synchronization
import Testing

@testable import PrivataCompliance

/// A key is destroyed only once everything that was sealed with it is stored, and sealed anew.
@Suite struct RotationRaceTests {
  /// A clinic whose identity store can hold a write, and a second vault over the same stores.
  private struct Pair {
    let clinic: SealedClinic
    let second: Vault
    let pausing: PausingStore

    init() async throws {
      let memory = SealedClinic.Places.memory()
      let inner = try #require(memory.identity as? MemoryStore)
      pausing = PausingStore(inner)
      clinic = try await SealedClinic(
        .init(
          identity: pausing, clinical: memory.clinical, keys: memory.keys,
          directory: memory.directory)
      ) { $0.encryption?.leaseSeconds = 30 }
      second = try await memory.vault { options in
        options.encryption?.leaseSeconds = 30
        options.journal.directory = memory.directory + "-second"
      }
      try await second.store.prepare(SealedClinic.models)
    }

    /// The keys of the key store by state.
    func states() async throws -> [String: Int] {
      let rows = try await clinic.raw("privata_keys", in: clinic.places.keys)
      return rows.reduce(into: [:]) { $0[$1["state"]?.asString ?? "", default: 0] += 1 }
    }

    /// Waits until a rotation has taken the keys out of service, and some time more.
    func waitForRetirement() async throws {
      while try await states()["retired"] == nil { try await Task.sleep(for: .milliseconds(5)) }
      try await Task.sleep(for: .milliseconds(300))
    }
  }

  /// A write stops between sealing and storing while a rotation, in its process or another, wants to
  /// run to its end.
  @Test(arguments: [false, true]) func aWriteUnderWayKeepsItsKey(_ isOther: Bool) async throws {
    let pair = try await Pair()
    let clinic = pair.clinic
    pair.pausing.pause(.write, "patients")
    let change = Task {
      try await clinic.update(["_id": .objectID(SealedClinic.bob)], ["$set": ["name": "Late"]])
    }
    try await pair.pausing.reached()
    let isDone = Atomic(false)
    let vault = isOther ? pair.second : clinic.vault
    let rotation = Task {
      let done = try await vault.encryption?.rotate(.subjects)
      isDone.store(true, ordering: .sequentiallyConsistent)
      return done
    }
    try await pair.waitForRetirement()
    let wasDone = isDone.load(ordering: .sequentiallyConsistent)
    #expect(!wasDone)
    #expect(try await pair.states()["shredded"] == nil)
    pair.pausing.letGo()
    #expect(try await change.value.matched == 1)
    #expect(try await rotation.value?.destroyed ?? 0 > 0)
    for vault in [clinic.vault, pair.second] {
      let found = try await vault.store.rows(for: Query(clinic.patient)).documents
      #expect(found.map { $0["name"] } == ["Ada Canary", "Late"])
    }
    // Nothing is left of the older keys.
    #expect(try await pair.states()["retired"] == nil)
    await pair.second.close()
    await clinic.vault.close()
  }

  /// A transaction counts until it is committed or rolled back.
  @Test(arguments: [true, false]) func aTransactionKeepsItsKeys(_ isCommitted: Bool) async throws {
    let clinic = try await SealedClinic { $0.encryption?.leaseSeconds = 30 }
    let store = try #require(clinic.store as? any TransactionalStore)
    let transaction = try await store.begin(TransactionOptions())
    _ = try await transaction.write(
      .update(
        Update(
          clinic.patient, where: .document(["_id": .objectID(SealedClinic.bob)]),
          .operators(["$set": ["name": "Late"]]))))
    let isDone = Atomic(false)
    let encryption = try #require(clinic.vault.encryption)
    let rotation = Task {
      let done = try await encryption.rotate(.subjects)
      isDone.store(true, ordering: .sequentiallyConsistent)
      return done
    }
    try await Task.sleep(for: .milliseconds(500))
    let wasDone = isDone.load(ordering: .sequentiallyConsistent)
    #expect(!wasDone)
    if isCommitted { try await transaction.commit() } else { try await transaction.rollback() }
    #expect(try await rotation.value.destroyed > 0)
    let found = try await clinic.find(clinic.patient)
    #expect(found.map { $0["name"] } == ["Ada Canary", isCommitted ? "Late" : "Bob Canary"])
    await clinic.vault.close()
  }

  /// A transaction that nobody ends does not hold up rotations for good.
  @Test func aForgottenTransactionLetsGo() async throws {
    let clinic = try await SealedClinic { $0.encryption?.leaseSeconds = 30 }
    let keys = try #require(clinic.vault.encryption).keys
    do {
      let writes = SealedWrites()
      _ = try await writes.begin(keys)
      #expect(keys.cache.withLock { $0.hasWrites })
    }
    #expect(!keys.cache.withLock { $0.hasWrites })
    _ = try await clinic.vault.encryption?.rotate(.subjects)
    await clinic.vault.close()
  }

  // MARK: - A process that stands still

  private func keys(_ store: any Store, lease: Double = 0.3) async throws -> SubjectKeys {
    var options = EncryptionOptions(keyStore: .store(store))
    options.leaseSeconds = lease
    let own = VaultKeys(master: Array(repeating: 3, count: 32))
    return try await SubjectKeys(
      store: store, options: options, service: DerivedKeyService(own.root),
      subjects: own.subjects)
  }

  /// It was not waited for: what it sealed before is refused, and what it seals now is not.
  @Test func whatAStandingProcessSealedIsRefused() async throws {
    let store = MemoryStore(name: "keys")
    let standing = try await keys(store)
    let other = try await keys(store, lease: 30)
    let write = try await SealedWrite(standing)
    let old = try await standing.sealing(["pseu_a": 1], store: "identity")["pseu_a"]
    try await Task.sleep(for: .milliseconds(500))
    _ = try await other.retireAll(stores: ["identity"])
    try await other.announceDestruction(isDraining: true)
    let error = await #expect(throws: PrivataError.self) { try await write.check() }
    #expect(error?.code == .keyUnavailable && error?.isRetriable == true)
    let next = try await SealedWrite(standing)
    let new = try await standing.sealing(["pseu_a": 1], store: "identity")["pseu_a"]
    try await next.check()
    #expect(new?.id != old?.id)
  }

  /// Where nothing was exchanged meanwhile, nothing is lost by standing still.
  @Test func aLeaseThatEndedAloneHindersNothing() async throws {
    let store = MemoryStore(name: "keys")
    let standing = try await keys(store)
    let write = try await SealedWrite(standing)
    try await Task.sleep(for: .milliseconds(500))
    try await write.check()
    await standing.close()
    await #expect(throws: PrivataError.self) { try await write.check() }
  }

  /// While the process works, its lease lasts as long as its writes.
  @Test func aLongWriteHasALease() async throws {
    let store = MemoryStore(name: "keys")
    let own = try await keys(store, lease: 2)
    own.start()
    let write = try await SealedWrite(own)
    try await Task.sleep(for: .milliseconds(3_000))
    let end = try #require(own.cache.withLock { $0.validUntil })
    #expect(end > ContinuousClock.now)
    #expect(own.cache.withLock { $0.lapses } == 0)
    try await write.check()
    await own.close()
  }

  // MARK: - A key that is asked for meanwhile

  /// A key that was read before it was destroyed, and comes after, is not kept.
  @Test func aLateAnswerIsNotKept() async throws {
    let store = PausingStore(MemoryStore(name: "keys"))
    let first = try await keys(store, lease: 30)
    let key = try #require(
      try await first.sealing(["pseu_a": 1], store: "identity")["pseu_a"])
    let late = try await keys(store, lease: 30)
    late.start()
    _ = try await late.sealing(["pseu_b": 1], store: "identity")
    store.pause(.read, "privata_keys")
    let reading = Task { try await late.keys([key.id]) }
    try await store.reached()
    _ = try await first.shred("pseu_a")
    store.letGo()
    _ = try? await reading.value
    let error = await #expect(throws: PrivataError.self) { try await late.keys([key.id]) }
    #expect(error?.code == .keyShredded)
    await late.close()
    await first.close()
  }
}

import Foundation
import PrivataCore
import PrivataTesting
import Synchronization
import Testing

@testable import PrivataCompliance

@Suite struct SubjectKeyTests {
  private func keys(
    _ store: any Store, _ change: (inout EncryptionOptions) -> Void = { _ in },
    service: (any KeyManagementService)? = nil
  ) async throws -> SubjectKeys {
    var options = EncryptionOptions(keyStore: .store(store))
    options.leaseSeconds = 0.4
    change(&options)
    let own = VaultKeys(master: Array(repeating: 3, count: 32))
    return try await SubjectKeys(
      store: store, options: options, service: service ?? DerivedKeyService(own.root),
      subjects: own.subjects)
  }

  private func one(_ keys: SubjectKeys, _ name: String = "pseu_a") async throws -> DataKey {
    try #require(try await keys.sealing([name: 1], store: "identity")[name])
  }

  @Test func everyPersonAndStoreHasAKey() async throws {
    let store = MemoryStore(name: "keys")
    let first = try await keys(store)
    let second = try await keys(store)
    let a = try await one(first)
    #expect(try await one(first).id == a.id)
    #expect(try await one(second).id == a.id)
    #expect(try await one(first, "pseu_b").id != a.id)
    let clinical = try await first.sealing(["pseu_a": 1], store: "clinical")
    #expect(clinical["pseu_a"]?.id != a.id)
    #expect(try await second.keys([a.id])[a.id]?.secret == a.secret)
    #expect(try await second.keys([.random()]).isEmpty)
  }

  @Test func manyProcessesMakeOneKey() async throws {
    let store = MemoryStore(name: "keys")
    let all = try await withThrowingTaskGroup(of: KeyID.self) { group in
      for _ in 0..<8 {
        let own = try await keys(store)
        group.addTask {
          try #require(try await own.sealing(["pseu_a": 1], store: "identity")["pseu_a"]).id
        }
      }
      return try await group.reduce(into: Set<KeyID>()) { $0.insert($1) }
    }
    #expect(all.count == 1)
  }

  @Test func firstKeysOfManyPersonsAreOneWrite() async throws {
    let store = CountedStore(MemoryStore(name: "keys"))
    let own = try await keys(store)
    let first = try await own.sealing(["pseu_0": 1], store: "identity")
    let before = store.writes
    let counts = Dictionary<String?, Int>(uniqueKeysWithValues: (0..<50).map { ("pseu_\($0)", 2) })
    let made = try await own.sealing(counts, store: "identity")
    #expect(store.writes == before + 1)
    #expect(Set(made.values.map(\.id)).count == 50)
    #expect(made["pseu_0"]?.id == first["pseu_0"]?.id)
    let other = try await keys(store).sealing(counts, store: "identity")
    #expect(other.mapValues(\.id) == made.mapValues(\.id))
  }

  /// Processes that meet the same persons for the first time, in sets that overlap, agree on the keys.
  @Test func manyProcessesAgreeOnManyKeys() async throws {
    let store = MemoryStore(name: "keys")
    let all = try await withThrowingTaskGroup(of: [String?: KeyID].self) { group in
      for process in 0..<6 {
        let own = try await keys(store)
        group.addTask {
          let counts = Dictionary<String?, Int>(
            uniqueKeysWithValues: (process * 5..<process * 5 + 20).map { ("pseu_\($0)", 1) })
          return try await own.sealing(counts, store: "identity").mapValues(\.id)
        }
      }
      return try await group.reduce(into: [String?: Set<KeyID>]()) { all, made in
        for (subject, id) in made { all[subject, default: []].insert(id) }
      }
    }
    #expect(all.count == 45)
    #expect(all.values.allSatisfy { $0.count == 1 })
  }

  @Test func aWornKeyIsFollowedByAnother() async throws {
    let store = MemoryStore(name: "keys")
    let worn = try await keys(store) { $0.sealsBeforeRotation = 5_000 }
    let first = try await one(worn)
    // The block of the first key is used up, then a second one; then the key has sealed enough.
    for _ in 0..<3 { _ = try await worn.sealing(["pseu_a": 4_096], store: "identity") }
    #expect(try await one(worn).id != first.id)
    #expect(try await worn.keys([first.id])[first.id]?.secret == first.secret)
  }

  @Test func aKeyAtItsLimitRefuses() async throws {
    let worn = try await keys(MemoryStore(name: "keys")) {
      $0.sealsBeforeRotation = 1 << 30
      $0.sealLimit = 10_000
    }
    _ = try await worn.sealing(["pseu_a": 4_096], store: "identity")
    _ = try await worn.sealing(["pseu_a": 4_096], store: "identity")
    let error = await #expect(throws: PrivataError.self) {
      try await worn.sealing(["pseu_a": 4_096], store: "identity")
    }
    #expect(error?.code == .keyExhausted)
  }

  @Test func aDestroyedKeyIsGoneInEveryProcess() async throws {
    let store = MemoryStore(name: "keys")
    let first = try await keys(store)
    let second = try await keys(store)
    let key = try await one(first)
    #expect(try await second.keys([key.id]).count == 1)
    let begun = ContinuousClock.now
    let gone = try await first.shred("pseu_a")
    #expect(gone == [key.id.fingerprint])
    // The second process did not say that it knows: its lease had to end.
    #expect(ContinuousClock.now - begun >= .milliseconds(100))
    for process in [first, second] {
      let error = await #expect(throws: PrivataError.self) { try await process.keys([key.id]) }
      #expect(error?.code == .keyShredded)
    }
    #expect(try await first.shred("pseu_a").isEmpty)
    let raw = ModelSchema(
      name: "Raw", collection: "privata_keys", fields: [FieldSchema("_id", .any)], isOpen: true)
    let rows = try await store.rows(for: Query(raw)).documents
    #expect(rows.count == 1)
    #expect(rows[0]["wrapped"] == .null && rows[0]["slot"] == .null)
    #expect(try await one(first).id != key.id)
  }

  @Test func aProcessThatLooksLetsGoAtOnce() async throws {
    let store = MemoryStore(name: "keys")
    let first = try await keys(store) { $0.leaseSeconds = 600 }
    let second = try await keys(store) { $0.leaseSeconds = 600 }
    second.start()
    let key = try await one(first)
    _ = try await second.keys([key.id])
    let begun = ContinuousClock.now
    _ = try await first.shred("pseu_a")
    #expect(ContinuousClock.now - begun < .seconds(300))
    await second.close()
    await first.close()
  }

  /// A process that is cut off from the key store reads on only until its lease ends.
  @Test func aLeaseEnds() async throws {
    let store = UnsteadyStore(MemoryStore(name: "keys"))
    let own = try await keys(store)
    let key = try await one(own)
    store.isDown = true
    #expect(try await own.keys([key.id]).count == 1)
    try await Task.sleep(for: .milliseconds(600))
    let error = await #expect(throws: PrivataError.self) { try await own.keys([key.id]) }
    #expect(error?.code == .keyUnavailable && error?.isRetriable == true)
    let other = await #expect(throws: PrivataError.self) { try await one(own, "pseu_new") }
    #expect(other?.code == .keyUnavailable)
    store.isDown = false
    #expect(try await own.keys([key.id]).count == 1)
  }

  @Test func anotherMasterKeyOpensNothing() async throws {
    let store = MemoryStore(name: "keys")
    let key = try await one(try await keys(store))
    let other = VaultKeys(master: Array(repeating: 4, count: 32))
    let wrong = try await keys(store, service: DerivedKeyService(other.root))
    let error = await #expect(throws: PrivataError.self) { try await wrong.keys([key.id]) }
    #expect(error?.code == .unknownKey)
  }

  @Test func aWrappedKeyThatWasChangedIsFound() async throws {
    let store = MemoryStore(name: "keys")
    let key = try await one(try await keys(store))
    let change = Update(
      KeyModels.keys, where: .compare("_id", .equal, key.id.value),
      .assign([Assignment("wrapped", .binary(Binary([UInt8](repeating: 1, count: 60))))]),
      layout: .cells)
    _ = try await store.write(.update(change))
    let error = await #expect(throws: PrivataError.self) {
      try await keys(store).keys([key.id])
    }
    #expect(error?.code == .tampered)
  }

  @Test func theCacheForgets() async throws {
    let store = MemoryStore(name: "keys")
    let small = try await keys(store) { $0.cachedKeys = 4 }
    var ids: Set<KeyID> = []
    for number in 0..<20 { ids.insert(try await one(small, "pseu_\(number)").id) }
    #expect(ids.count == 20)
    #expect(try await small.keys(ids).count == 20)
  }

  // MARK: - Epochs and roots

  @Test func rewrapsWithoutTouchingWhatIsSealed() async throws {
    let store = MemoryStore(name: "keys")
    let own = try await keys(store)
    let key = try await one(own)
    let rotation = try await own.beginEpoch()
    #expect(rotation.made == 1 && rotation.rewrapped == 1)
    let fresh = try await keys(store)
    #expect(try await fresh.keys([key.id])[key.id]?.secret == key.secret)
    #expect(try await own.destroyEndedEpochs(now: .now) == 0)
    let later = DateTime(milliseconds: DateTime.now.milliseconds + 36 * 86_400_000)
    #expect(try await own.destroyEndedEpochs(now: later) == 1)
    #expect(try await keys(store).keys([key.id])[key.id]?.secret == key.secret)
    #expect(try await own.epochs.rows(nil).map(\.state) == [.shredded, .active])
  }

  /// A backup of the key store from before opens nothing once its epoch's key is destroyed.
  @Test func anOldBackupOfTheKeysDies() async throws {
    let store = MemoryStore(name: "keys")
    let own = try await keys(store)
    let key = try await one(own)
    let before = try #require(try await own.rows(.compare("_id", .equal, key.id.value)).first)
    _ = try await own.shred("pseu_a")
    _ = try await own.beginEpoch()
    let later = DateTime(milliseconds: DateTime.now.milliseconds + 36 * 86_400_000)
    _ = try await own.destroyEndedEpochs(now: later)
    let restore = Update(
      KeyModels.keys, where: .compare("_id", .equal, key.id.value),
      .assign([
        Assignment("wrapped", .binary(Binary(try #require(before.wrapped)))),
        Assignment("epoch", try #require(before.epoch).value), Assignment("state", "active"),
      ]), layout: .cells)
    _ = try await store.write(.update(restore))
    let error = await #expect(throws: PrivataError.self) {
      try await keys(store).keys([key.id])
    }
    #expect(error?.code == .keyShredded)
  }

  @Test func aLocalServiceRotates() async throws {
    let path = Folders.temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let service = try LocalKeyService(path: path)
    let store = MemoryStore(name: "keys")
    let own = try await keys(store, service: service)
    let key = try await one(own)
    try service.addKey()
    #expect(try service.keyIDs().count == 2)
    #expect(try await own.rewrapEpochs().rewrapped == 1)
    #expect(try await own.epochs.rows(nil).first?.wrapped?.rootID == service.keyIDs().last)
    let fresh = try await keys(store, service: try LocalKeyService(path: path))
    #expect(try await fresh.keys([key.id]).count == 1)
    let stranger = WrappedKey(rootID: "none", bytes: [])
    let error = await #expect(throws: PrivataError.self) {
      try await service.unwrap(stranger, context: [])
    }
    #expect(error?.code == .unknownKey)
  }

  @Test func aDamagedKeyFileIsRefused() throws {
    let path = Folders.temporary()
    defer { try? FileManager.default.removeItem(atPath: path) }
    for text in ["", "id", "id zz\n", "id \(String(repeating: "0", count: 10))\n"] {
      try Data(text.utf8).write(to: URL(filePath: path))
      let error = #expect(throws: PrivataError.self) { try LocalKeyService(path: path) }
      #expect(error?.code == .corrupt)
    }
  }

  @Test func theMasterKeyComesFromAService() async throws {
    let folder = Folders.temporary()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = MasterKeySource.service(try LocalKeyService(path: folder + "/root.keys"))
    let first = try await source.load(directory: folder)
    let second = try await source.load(directory: folder)
    #expect(first.events == second.events)
    #expect(source.service(first) is LocalKeyService)
    #expect(MasterKeySource.bytes([]).service(first) is DerivedKeyService)
  }
}

/// A store that can be cut off.
final class UnsteadyStore: Store, @unchecked Sendable {
  // Safe: a test sets it between calls.
  var isDown = false
  private let inner: MemoryStore

  init(_ inner: MemoryStore) { self.inner = inner }

  var traits: StoreTraits { inner.traits }

  private func check() throws(PrivataError) {
    if isDown { throw PrivataError(.connection, "cut off", isRetriable: true) }
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await inner.prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try check()
    return try await inner.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try check()
    return try await inner.write(write)
  }
}

/// A store that counts what is written to it.
private final class CountedStore: Store {
  private let inner: any Store
  private let count = Atomic(0)
  var writes: Int { count.load(ordering: .relaxed) }
  var traits: StoreTraits { inner.traits }

  init(_ inner: any Store) { self.inner = inner }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await inner.prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await inner.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    count.add(1, ordering: .relaxed)
    return try await inner.write(write)
  }
}

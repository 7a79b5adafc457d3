import PrivataCore
import PrivataTesting
import Synchronization
import Testing

@testable import PrivataCompliance

@Suite struct IndexRotationTests {
  private func encryption(_ clinic: SealedClinic) throws -> VaultEncryption {
    try #require(clinic.vault.encryption)
  }

  private func tags(_ clinic: SealedClinic, _ field: String) async throws -> [Value?] {
    try await clinic.raw("patients", in: clinic.places.identity).map { $0[field] }
  }

  private func email(_ text: String) -> Filter { .document(["email": .string(text)]) }

  @Test func aNewKeyFindsWhatTheOldOneFound() async throws {
    let clinic = try await SealedClinic()
    let before = try await tags(clinic, "email__tag")
    let rotation = try await encryption(clinic).rotate(.index)
    #expect(rotation.made == 1 && rotation.destroyed == 1 && rotation.resealed > 0)
    let after = try await tags(clinic, "email__tag")
    #expect(Set(before).isDisjoint(with: after))
    let second = try await tags(clinic, "email__tag2")
    #expect(second.allSatisfy { $0 == nil || $0 == .null })
    #expect(try await clinic.ids(email(" ADA.canary@example.org")) == [.objectID(SealedClinic.ada)])
    #expect(
      try await clinic.ids(.document(["diagnosis": "canary-disease"]))
        == [.objectID(SealedClinic.ada)])
    #expect(try await clinic.ids(.document(["zip": "20095"])) == [.objectID(SealedClinic.bob)])
    // Again and again.
    for _ in 0..<2 { _ = try await encryption(clinic).rotate(.index) }
    #expect(try await clinic.ids(email("bob@example.org")) == [.objectID(SealedClinic.bob)])
    let status = try await encryption(clinic).status()
    #expect(status.keys.contains { $0.store == "index" && $0.state == "shredded" && $0.count == 3 })
  }

  @Test func theSameHoldsOnFiles() async throws {
    let clinic = try await SealedClinic(.files())
    _ = try await encryption(clinic).rotate(.index)
    #expect(try await clinic.ids(email("ada.canary@example.org")) == [.objectID(SealedClinic.ada)])
    await #expect(throws: PrivataError.self) {
      try await clinic.insert(
        clinic.patient, [["_id": .objectID(ObjectID()), "email": "ADA.CANARY@example.org"]])
    }
    await clinic.vault.close()
  }

  /// Looks for a known address and takes a new one; true where nobody was faster.
  private func takesPart(
    _ clinic: SealedClinic, _ known: String, _ round: Int
  ) async throws -> Bool {
    let found = try await clinic.find(clinic.patient, email(known.uppercased()))
    #expect(found.count == 1, "\(known) in round \(round)")
    do {
      try await clinic.insert(
        clinic.patient,
        [["_id": .objectID(ObjectID()), "email": .string("new\(round)@example.org")]])
      return true
    } catch let error as PrivataError where error.code == .duplicateKey {
      return false
    }
  }

  /// While the key is exchanged no query misses a record, and of two who take one address at the
  /// same time one wins.
  @Test func nothingIsMissedMeanwhile() async throws {
    let clinic = try await SealedClinic { $0.encryption?.leaseSeconds = 30 }
    let names = (0..<60).map { "p\($0)@example.org" }
    try await clinic.insert(
      clinic.patient, names.map { ["_id": .objectID(ObjectID()), "email": .string($0)] })
    let ends = Tally()
    let wins = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for _ in 0..<2 { _ = try await self.encryption(clinic).rotate(.index) }
        ends.add()
      }
      for worker in 0..<2 {
        group.addTask {
          var round = 0
          while (ends.count == 0 || round < 10) && round < 300 {
            if try await self.takesPart(clinic, names[(round * 7 + worker) % names.count], round) {
              wins.add()
            }
            round += 1
          }
        }
      }
      try await group.waitForAll()
    }
    let all = try await clinic.find(clinic.patient)
    let emails = all.compactMap { $0["email"]?.asString }
    #expect(Set(emails).count == emails.count)
    #expect(emails.count == 62 + wins.count)
    for email in emails {
      #expect(try await clinic.find(clinic.patient, self.email(email)).count == 1)
    }
  }

  /// A rotation that ended in the middle is gone on with, and nothing is missed in between.
  @Test(arguments: 1...4) func anInterruptedRotationGoesOn(_ steps: Int) async throws {
    let clinic = try await SealedClinic()
    let keys = try encryption(clinic).keys
    // What an earlier process did before it ended: it took steps and filled nothing after the last.
    var step = IndexStep(number: 0)
    while step.number < steps {
      if step.phase == 1 || step.phase == 3 { break }
      step = try await keys.advanceIndex(from: step)
    }
    #expect(try await clinic.ids(email("ada.canary@example.org")) == [.objectID(SealedClinic.ada)])
    try await clinic.insert(
      clinic.patient, [["_id": .objectID(ObjectID()), "email": "late@example.org"]])
    _ = try await encryption(clinic).rotate(.index)
    for address in ["ada.canary@example.org", "bob@example.org", "late@example.org"] {
      #expect(try await clinic.find(clinic.patient, email(address)).count == 1)
    }
    let error = await #expect(throws: PrivataError.self) {
      _ = try await keys.advanceIndex(from: IndexStep(number: 0))
    }
    #expect(error?.code == .busy)
  }

  @Test func changesAndRemovalsKeepTheTagsRight() async throws {
    let clinic = try await SealedClinic()
    _ = try await encryption(clinic).rotate(.index)
    try await clinic.update(
      ["_id": .objectID(SealedClinic.ada)], ["$set": ["email": "x@example.org"]])
    #expect(try await clinic.ids(email("x@example.org")) == [.objectID(SealedClinic.ada)])
    #expect(try await clinic.ids(email("ada.canary@example.org")).isEmpty)
    try await clinic.update(["_id": .objectID(SealedClinic.ada)], ["$unset": ["email": ""]])
    #expect(try await clinic.ids(email("x@example.org")).isEmpty)
    try await clinic.insert(
      clinic.patient, [["_id": .objectID(ObjectID()), "email": "x@example.org"]])
    #expect(try await clinic.ids(email("x@example.org")).count == 1)
  }

  // MARK: - The length of tags

  @Test(arguments: [(9, true), (12, true), (15, true), (8, false), (16, false), (128, false)])
  func theLengthIsCheckedAgainstTheValues(_ bits: Int, _ isRight: Bool) {
    #expect(FieldEncryption.Index.equality(bits: bits, among: 100_000).isWellSized == isRight)
  }

  @Test(arguments: [(16, 2), (100, 5), (100_000, 15), (1_000_000, 18)])
  func theLengthFollowsFromTheValues(_ values: Int, _ bits: Int) {
    let index = FieldEncryption.Index.equality(among: values)
    #expect(index.bits == bits)
    #expect(index.isWellSized == (values > 16))
    #expect(!FieldEncryption.Index.equality(among: 8).isWellSized)
    #expect(FieldEncryption.Index.equality(bits: 3).isWellSized)
  }

  @Test func aLengthThatTellsTooMuchIsRefused() async throws {
    let clinic = try await SealedClinic()
    let model = ModelSchema(
      name: "Odd", collection: "odd",
      fields: [
        FieldSchema("_id", .string, isOptional: false),
        FieldSchema(
          "zip", .string, privacy: .pii,
          encryption: .encrypted(index: .equality(bits: 20, among: 1_000))),
      ], isOpen: true)
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.store.prepare([model])
    }
    #expect(error?.code == .badArgument && error?.fields == ["zip"])
  }

  // MARK: - Whom the key service hears

  private final class SlowService: KeyManagementService {
    let inner = DerivedKeyService(VaultKeys(master: Array(repeating: 3, count: 32)).root)
    let calls = Atomic(0)
    let isDown = Atomic(false)

    func wrap(_ key: [UInt8], context: [UInt8]) async throws(PrivataError) -> WrappedKey {
      try await inner.wrap(key, context: context)
    }

    func unwrap(_ wrapped: WrappedKey, context: [UInt8]) async throws(PrivataError) -> [UInt8] {
      calls.add(1, ordering: .relaxed)
      do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelledWait }
      if isDown.load(ordering: .relaxed) {
        throw PrivataError(.keyUnavailable, "down", isRetriable: true)
      }
      return try await inner.unwrap(wrapped, context: context)
    }
  }

  private func keys(_ store: any Store, _ service: SlowService) async throws -> SubjectKeys {
    var options = EncryptionOptions(keyStore: .store(store))
    options.leaseSeconds = 30
    return try await SubjectKeys(
      store: store, options: options, service: service,
      subjects: VaultKeys(master: Array(repeating: 3, count: 32)).subjects)
  }

  /// A key service that comes back is asked once for a key, however many wait.
  @Test func manyWhoWaitAskTheServiceOnce() async throws {
    let store = MemoryStore(name: "keys")
    let service = SlowService()
    let first = try await keys(store, service)
    let people = (0..<40).map { "pseu_\($0)" }
    var ids: [KeyID] = []
    for name in people {
      ids.append(try #require(try await first.sealing([name: 1], store: "identity")[name]).id)
    }
    let second = try await keys(store, service)
    service.calls.store(0, ordering: .relaxed)
    let wanted = ids
    try await withThrowingTaskGroup(of: Void.self) { group in
      for id in wanted {
        group.addTask {
          let found = try await second.keys([id])
          #expect(found.count == 1)
        }
      }
      try await group.waitForAll()
    }
    // One epoch key wraps them all.
    #expect(service.calls.load(ordering: .relaxed) == 1)
  }

  /// Known persons are served while the service is down, others are refused, and never in the clear.
  @Test func anOutageServesTheKnownAndRefusesTheRest() async throws {
    let store = MemoryStore(name: "keys")
    let service = SlowService()
    let first = try await keys(store, service)
    _ = try await first.sealing(["pseu_a": 1], store: "identity")
    let known = try await keys(store, service)
    let a = try #require(try await known.sealing(["pseu_a": 1], store: "identity")["pseu_a"])
    service.isDown.store(true, ordering: .relaxed)
    #expect(try await known.keys([a.id]).count == 1)
    #expect(try await known.sealing(["pseu_b": 1], store: "identity").count == 1)
    let fresh = try await keys(store, service)
    let begun = ContinuousClock.now
    let error = await #expect(throws: PrivataError.self) {
      _ = try await fresh.sealing(["pseu_a": 1], store: "identity")
    }
    #expect(error?.code == .keyUnavailable)
    // At once, and not when the lease of others has ended.
    #expect(ContinuousClock.now - begun < .seconds(25))
    service.isDown.store(false, ordering: .relaxed)
    #expect(try await fresh.keys([a.id]).count == 1)
  }

  /// The service hears of epoch keys alone, whatever the number of records.
  @Test func recordsCostTheServiceNothing() async throws {
    let service = SlowService()
    let clinic = try await SealedClinic { $0.masterKey = .service(service) }
    service.calls.store(0, ordering: .relaxed)
    try await clinic.insert(
      clinic.patient,
      (0..<300).map {
        ["_id": .objectID(ObjectID()), "email": .string("\($0)@example.org"), "name": "n"]
      })
    #expect(try await clinic.find(clinic.patient).count == 302)
    #expect(service.calls.load(ordering: .relaxed) == 0)
  }

  // MARK: - Memory

  @Test func wipedBytesAreZeros() {
    var bytes = SecureBytes.random(32)
    SecureBytes.wipe(&bytes)
    #expect(bytes == Array(repeating: 0, count: 32))
    var none: [UInt8] = []
    SecureBytes.wipe(&none)
    #expect(none.isEmpty)
  }

  @Test func keysTellNothingOfThemselves() {
    let secret = SecureBytes.random(32)
    let key = DataKey(id: .random(), version: 1, bytes: secret)
    let text = "\(key) " + String(reflecting: key)
    #expect(!text.contains(Hexadecimal.text(secret)))
    #expect(!text.contains("\(secret)"))
    let value: Any = key
    #expect(!(value is any Encodable))
  }
}

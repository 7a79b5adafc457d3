import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

/// After an erasure every byte of every file of every store is searched for the person's values: the
/// tables, what the engines keep of old rows, write-ahead logs, journals, the audit store, the key
/// store.
@Suite(.serialized) struct ErasureResidueTests {
  private let models = DossierModels()

  @Test(arguments: Place.Engine.allCases)
  func noByteOfAnyFileHasAValue(_ engine: Place.Engine) async throws {
    let run = "residue\(UInt32.random(in: 0 ... .max))"
    let places = VaultPlaces(Pair(identity: engine, clinical: engine))
    let (audit, keys) = (Place(engine, "audit"), Place(engine, "keys"))
    let all = [places.identity, places.clinical, audit, keys]
    try await places.removing {
      let vault = try await places.open(
        {
          $0.encryption = EncryptionOptions(keyStore: keys.source)
          $0.retention.rules = [DossierModels.obligation]
          $0.cache = CacheOptions()
        }, audit: audit.source)
      vault.register(models.all)
      try await vault.store.prepare(models.all)
      for person in 1...3 { try await models.insert(person, into: vault.store, run: run) }
      try await use(vault, run)
      let links = RawContents.pseudonyms(try RawContents.live(places.identity))
      let result = try await vault.gdpr(for: models.person)
        .rightToErasure(Int64(2), DossierModels.request)
      #expect(result.success)
      try await vault.audit.flush()
      let left = RawContents.pseudonyms(try RawContents.live(places.identity))
      let gone = links.subtracting(left)
      #expect(gone.count >= 3)
      // While the vault is open: what waits in logs counts too.
      try await search(all, [places.directory], run)
      for place in all {
        let live = try RawContents.live(place)
        for link in gone { #expect(!live.contains(link), "\(place.name)") }
      }
      await vault.close()
      try await search(all, [places.directory], run)
      try await audit.remove()
      try await keys.remove()
    }
  }

  /// Reads and changes values, so that indexes, logs and old pages have had every chance.
  private func use(_ vault: Vault, _ run: String) async throws {
    let text = DossierModels.canary(2, run)
    let found = Query(
      models.person, where: .document(["email": .string("\(text)@example.org")]))
    #expect(try await vault.store.rows(for: found).count == 1)
    for number in 0..<5 {
      let change = Update(
        models.person, where: .document(["_id": 2]),
        .operators(["$set": ["name": .string("name \(number) \(text)")]]))
      #expect(try await vault.store.write(.update(change)).matched == 1)
    }
    let taken = Insert(
      models.person, .documents([["_id": 99, "email": .string("\(text)@example.org")]]))
    let outcome = try? await vault.store.write(.insert(taken))
    #expect(outcome?.failures.isEmpty != true)
  }

  private func search(_ places: [Place], _ folders: [String], _ run: String) async throws {
    var paths = folders
    for place in places { paths += try await RawFiles.paths(place) }
    let found = try RawFiles.finding(DossierModels.canary(2, run), below: Set(paths).sorted())
    #expect(found.isEmpty)
  }

  /// The search finds what is there: the same value in the clear.
  @Test(arguments: Place.Engine.allCases)
  func theSearchFindsAValueInTheClear(_ engine: Place.Engine) async throws {
    let text = "control\(UInt32.random(in: 0 ... .max))x"
    let place = Place(engine, "control")
    let store = try await place.source.open()
    let model = ModelSchema(
      name: "Plain", collection: "plain",
      fields: [FieldSchema("_id", .int64, isOptional: false), FieldSchema("name", .string)],
      isOpen: true)
    try await store.prepare([model])
    let insert = Insert(model, .documents([["_id": .int64(1), "name": .string(text)]]))
    _ = try await store.write(.insert(insert))
    #expect(try !RawFiles.finding(text, below: try await RawFiles.paths(place)).isEmpty)
    await (store as? any AdministrableStore)?.close()
    try await place.remove()
  }
}

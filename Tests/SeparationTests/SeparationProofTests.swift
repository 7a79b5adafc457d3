import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

/// The stores are opened with the databases' own clients, not through Privata: no health data beside
/// an identity, no identity beside health data, and nothing in common but pseudonyms.
@Suite(.serialized) struct SeparationProofTests {
  static let ada = ObjectID(high: 0x60A0_0000_0000_0001, low: 0xADA)

  @Test(arguments: Pair.same + Pair.mixed)
  func theRawStoresAreSeparate(_ pair: Pair) async throws {
    try await pair.withVault { vault, places in
      let models = ClinicModels()
      try await Self.fill(vault, models)
      let found = Exposure(
        identity: try RawContents.dump(places.identity),
        clinical: try RawContents.dump(places.clinical))
      #expect(found.problems == [])
    }
  }

  /// The proof finds what it looks for: the same record in one piece, in each kind of store.
  @Test(arguments: Place.Engine.allCases, [true, false])
  func aRecordInOnePieceIsFound(_ engine: Place.Engine, _ isClinical: Bool) async throws {
    let place = Place(engine, "whole")
    let store = try await place.source.open()
    let model = ClinicModels().patient
    try await store.prepare([model])
    _ = try await store.write(.insert(Insert(model, .documents([Self.patient]))))
    await (store as? any AdministrableStore)?.close()
    let whole = try RawContents.dump(place)
    try await place.remove()
    let found = Exposure(identity: isClinical ? "" : whole, clinical: isClinical ? whole : "")
    let names = isClinical ? Exposure.pii : Exposure.phi
    let half = isClinical ? "clinical" : "identity"
    for name in names where name != "canary-summary" {
      #expect(found.problems.contains("the \(half) store has \(name)"), "\(engine)")
    }
  }

  @Test(arguments: Pair.one)
  func oneStoreKeepsTheHalvesApartToo(_ pair: Pair) async throws {
    try await pair.withVault { vault, places in
      let models = ClinicModels()
      try await Self.fill(vault, models)
      let tables = try RawContents.tables(places.identity)
      #expect(tables.contains("patients") && tables.contains("patients_clinical"))
      let found = try await vault.store.rows(for: Query(models.patient)).documents
      #expect(found.first?["name"] == "Ada Canary" && found.first?["diagnosis"] == "canary-disease")
    }
  }

  static let patient: Document = [
    "_id": .objectID(ada), "name": "Ada Canary", "email": "ada.canary@example.org",
    "address": ["street": "Canary Street"], "role": "patient", "diagnosis": "canary-disease",
    "notes": [["text": "canary-note"]],
  ]

  static func fill(_ vault: Vault, _ models: ClinicModels) async throws {
    let store = vault.store
    try await store.prepare(models.all)
    let session: Document = [
      "_id": .objectID(ObjectID(high: 9, low: 9)), "patient": .objectID(ada),
      "team": [.objectID(ada)], "summary": "canary-summary",
    ]
    _ = try await store.write(.insert(Insert(models.patient, .documents([patient]))))
    _ = try await store.write(.insert(Insert(models.session, .documents([session]))))
    try await vault.audit.flush()
  }
}

/// What of a person stands in the raw stores where it should not, and what is missing where it should.
private struct Exposure {
  static let pii = ["Ada Canary", "ada.canary@example.org", "Canary Street"]
  static let phi = ["canary-disease", "canary-note", "canary-summary"]

  private(set) var problems: [String] = []

  init(identity: String, clinical: String) {
    for text in Self.pii {
      if !identity.contains(text) { problems.append("the identity store lacks \(text)") }
      if clinical.contains(text) { problems.append("the clinical store has \(text)") }
    }
    for text in Self.phi {
      if !clinical.contains(text) { problems.append("the clinical store lacks \(text)") }
      if identity.contains(text) { problems.append("the identity store has \(text)") }
    }
    let id = SeparationProofTests.ada.description
    if clinical.lowercased().contains(id) { problems.append("the clinical store has the id") }
    let pseudonyms = RawContents.pseudonyms(identity)
    if pseudonyms.count != 1 { problems.append("\(pseudonyms.count) pseudonyms, not one") }
    if RawContents.pseudonyms(clinical) != pseudonyms { problems.append("other pseudonyms") }
  }
}

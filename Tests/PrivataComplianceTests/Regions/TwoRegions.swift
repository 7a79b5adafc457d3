import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting

/// A clinic in Europe and one in America behind one vault, on stores that a test can look into.
struct TwoRegions {
  let vault: Vault
  let stores: [Region: (identity: MemoryStore, clinical: MemoryStore)]
  var store: any Store { vault.store }

  static let person = ModelSchema(
    name: "Person", collection: "people",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("name", .string, privacy: .pii),
      FieldSchema("email", .string, isUnique: true, privacy: .pii),
      FieldSchema("country", .string, privacy: .pii),
      FieldSchema("role", .string), FieldSchema("age", .int32),
      FieldSchema("diagnosis", .string, privacy: .phi),
    ], isOpen: true)

  static let visit = ModelSchema(
    name: "Visit", collection: "visits",
    fields: [
      FieldSchema("_id", .int32, isOptional: false),
      FieldSchema("person", .string, reference: Reference("Person")),
      FieldSchema("minutes", .int32), FieldSchema("summary", .string, privacy: .phi),
    ], isOpen: true)

  static let ward = ModelSchema(
    name: "Ward", collection: "wards",
    fields: [FieldSchema("_id", .int32, isOptional: false), FieldSchema("beds", .int32)],
    isOpen: true)

  init(
    keys: Bool = false, _ change: (inout VaultOptions) -> Void = { _ in }
  ) async throws {
    var stores: [Region: (identity: MemoryStore, clinical: MemoryStore)] = [:]
    var given: [RegionStores] = []
    for region in [Region.eu, .us] {
      let pair = (
        identity: MemoryStore(name: "\(region)-identity-\(UUID().uuidString)"),
        clinical: MemoryStore(name: "\(region)-clinical-\(UUID().uuidString)")
      )
      stores[region] = pair
      given.append(
        RegionStores(
          region, identity: .store(pair.identity), clinical: .store(pair.clinical),
          keys: keys ? .store(MemoryStore(name: "\(region)-keys-\(UUID().uuidString)")) : nil,
          masterKey: .bytes(Array(repeating: region == .eu ? 1 : 2, count: 32)),
          country: region == .eu ? "DE" : "US"))
    }
    self.stores = stores
    var options = Folders.options(Folders.temporary())
    if keys {
      options.encryption = EncryptionOptions(keyStore: .store(MemoryStore(name: "none")))
      options.encryption?.leaseSeconds = 0.5
    }
    change(&options)
    vault = try await Vault(regions: given, options: options)
    try await store.prepare([Self.person, Self.visit, Self.ward])
  }

  /// People with and without signs of where they belong, and what is about them.
  func fill() async throws {
    try await insert(
      Self.person,
      [
        person("eu_ada", "Ada Canary", "DE", age: 40, "canary-asthma"),
        person("us_bob", "Bob Canary", "US", age: 30, "canary-flu"),
        person("cleo", "Cleo Canary", "FR", age: 20, "canary-gout"),
        person("dan", "Dan Canary", "US", age: 50, "canary-flu"),
        person("eve", "Eve Canary", nil, age: 10, nil),
      ])
    try await insert(
      Self.visit,
      [
        ["_id": 1, "person": "eu_ada", "minutes": 10, "summary": "canary-visit-1"],
        ["_id": 2, "person": "us_bob", "minutes": 20, "summary": "canary-visit-2"],
        ["_id": 3, "person": "dan", "minutes": 30],
      ])
    try await insert(Self.ward, [["_id": 1, "beds": 7]])
  }

  func person(
    _ id: String, _ name: String, _ country: String?, age: Int, _ diagnosis: String?
  ) -> Document {
    var document: Document = [
      "_id": .string(id), "name": .string(name), "email": .string("\(id)@example.org"),
      "age": .int(age), "role": "patient",
    ]
    document["country"] = country.map { .string($0) }
    document["diagnosis"] = diagnosis.map { .string($0) }
    return document
  }

  func insert(_ model: ModelSchema, _ documents: [Document]) async throws {
    let outcome = try await store.write(.insert(Insert(model, .documents(documents))))
    if let failure = outcome.failures.first { throw failure.error }
  }

  func ids(_ query: Query) async throws -> [String] {
    try await store.rows(for: query).documents.compactMap { $0["_id"]?.asString }
  }

  /// The rows of a region's store as they are.
  func raw(_ region: Region, _ half: String, _ collection: String) async throws -> [Document] {
    guard let pair = stores[region] else { return [] }
    return try await Clinic.raw(collection, in: half == "identity" ? pair.identity : pair.clinical)
  }

  /// Everything of a person's that a region holds, as text.
  func text(_ region: Region) async throws -> String {
    var text = ""
    for collection in ["people", "visits", "wards"] {
      for half in ["identity", "clinical"] {
        text += try await raw(region, half, collection).map { $0.extendedJSON(.relaxed) }.joined()
      }
    }
    return text
  }

  func events(
    _ region: Region, _ action: AuditEvent.Action
  ) async throws -> [AuditEvent] {
    var events: [AuditEvent] = []
    for try await event in try vault.region(region).audit.events()
    where event.action == action { events.append(event) }
    return events
  }
}

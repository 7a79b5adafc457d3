import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import PrivataTesting

/// A clinic whose patients have encrypted fields, on memory stores or files.
struct SealedClinic {
  let vault: Vault
  let patient: ModelSchema
  let visit: ModelSchema
  let staff: ModelSchema
  let places: Places
  var store: any Store { vault.store }

  /// Where the data and the keys are.
  struct Places: Sendable {
    let identity: any Store
    let clinical: any Store
    let keys: any Store
    let directory: String

    static func memory() -> Places {
      Places(
        identity: MemoryStore(name: "identity-\(UUID().uuidString)"),
        clinical: MemoryStore(name: "clinical-\(UUID().uuidString)"),
        keys: MemoryStore(name: "keys-\(UUID().uuidString)"), directory: Folders.temporary())
    }

    static func files() async throws -> Places {
      let folder = Folders.temporary()
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      return Places(
        identity: try await SQLiteStore(path: folder + "/identity.db"),
        clinical: try await SQLiteStore(path: folder + "/clinical.db"),
        keys: try await SQLiteStore(path: folder + "/keys.db"), directory: folder + "/journal")
    }

    func vault(_ change: (inout VaultOptions) -> Void = { _ in }) async throws -> Vault {
      var options = Folders.options(directory)
      options.encryption = EncryptionOptions(keyStore: .store(keys))
      options.encryption?.leaseSeconds = 0.5
      change(&options)
      return try await Vault(
        identity: .store(identity), clinical: .store(clinical), options: options)
    }
  }

  static let ada = ObjectID(high: 1, low: 1)
  static let bob = ObjectID(high: 1, low: 2)

  static let patient = ModelSchema(
    name: "Patient", collection: "patients",
    fields: [
      FieldSchema("_id", .objectID, isOptional: false),
      FieldSchema("name", .string, privacy: .pii, encryption: .encrypted),
      FieldSchema(
        "email", .string, isUnique: true, privacy: .pii,
        encryption: .encrypted(index: .equality, normalising: [.trim, .lowercase])),
      FieldSchema(
        "zip", .string, privacy: .pii, encryption: .encrypted(index: .equality(bits: 1))),
      FieldSchema("role", .string, isIndexed: true), FieldSchema("visits", .int32),
      FieldSchema("diagnosis", .string, privacy: .phi, encryption: .encrypted(index: .equality)),
      FieldSchema("notes", .array(.document), privacy: .phi, encryption: .encrypted),
      FieldSchema("score", .int32, privacy: .phi, encryption: .encrypted),
      FieldSchema("weight", .double, privacy: .phi),
    ], isOpen: true)

  static let visit = ModelSchema(
    name: "Visit", collection: "visits",
    fields: [
      FieldSchema("_id", .int32, isOptional: false),
      FieldSchema("patient", .objectID, reference: Reference("Patient")),
      FieldSchema("minutes", .int32),
      FieldSchema("summary", .string, privacy: .phi, encryption: .encrypted(index: .equality)),
    ], isOpen: true)

  /// A closed model whose keys the store makes.
  static let staff = ModelSchema(
    name: "Staff", collection: "staff",
    fields: [
      FieldSchema("id", .int64, isOptional: false, isGenerated: true),
      FieldSchema("grade", .int32),
      FieldSchema("blood", .string, privacy: .phi, encryption: .encrypted(index: .equality)),
      FieldSchema("dose", .int64, privacy: .phi, encryption: .encrypted),
    ], primaryKey: ["id"])

  init(
    _ places: Places = .memory(), _ change: (inout VaultOptions) -> Void = { _ in }
  ) async throws {
    self.places = places
    vault = try await places.vault(change)
    patient = Self.patient
    visit = Self.visit
    staff = Self.staff
    try await store.prepare([patient, visit, staff])
    try await insert(
      patient,
      [
        [
          "_id": .objectID(Self.ada), "name": "Ada Canary", "email": "Ada.Canary@example.org",
          "zip": "10115", "role": "patient", "visits": 1, "diagnosis": "canary-disease",
          "notes": [["text": "canary-note"]], "score": 7, "weight": 61.5,
        ],
        [
          "_id": .objectID(Self.bob), "name": "Bob Canary", "email": "bob@example.org",
          "zip": "20095", "role": "patient", "visits": 2, "diagnosis": "J45", "score": .null,
        ],
      ])
    try await insert(
      visit,
      [
        ["_id": 1, "patient": .objectID(Self.ada), "summary": "canary-summary", "minutes": 30],
        ["_id": 2, "patient": .objectID(Self.bob), "summary": "other", "minutes": 20],
      ])
  }

  func insert(_ model: ModelSchema, _ documents: [Document]) async throws {
    let outcome = try await store.write(.insert(Insert(model, .documents(documents))))
    if let failure = outcome.failures.first { throw failure.error }
  }

  func find(_ model: ModelSchema, _ filter: Filter = .all) async throws -> [Document] {
    try await store.rows(for: Query(model, where: filter)).documents
  }

  func ids(_ filter: Filter) async throws -> [Value] {
    var query = Query(patient, where: filter, projection: .fields(["_id"]))
    query.sort = [SortKey("_id")]
    return try await store.rows(for: query).documents.compactMap { $0["_id"] }
  }

  @discardableResult
  func update(_ filter: Document, _ operators: Document) async throws -> WriteOutcome {
    try await store.write(
      .update(Update(patient, where: .document(filter), .operators(operators), isMany: true)))
  }

  func raw(_ collection: String, in store: any Store) async throws -> [Document] {
    let model = ModelSchema(
      name: "Raw", collection: collection, fields: [FieldSchema("_id", .any)], isOpen: true)
    return try await store.rows(for: Query(model)).documents
  }

  static let models = [patient, visit, staff]

  static let canaries = [
    "Ada Canary", "ada.canary", "Ada.Canary", "10115", "canary-disease", "canary-note",
    "canary-summary",
  ]
}

import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport

/// A vault with a small clinic in it.
struct Clinic {
  let memory: MemoryVault
  let models = ClinicModels()
  var vault: Vault { memory.vault }
  var store: any Store { memory.vault.store }

  static let ada = ObjectID(high: 1, low: 1)
  static let bob = ObjectID(high: 1, low: 2)

  init(_ change: (inout VaultOptions) -> Void = { _ in }) async throws {
    memory = try await MemoryVault(change)
    try await store.prepare(models.all)
    try await insert(
      models.patient,
      [
        [
          "_id": .objectID(Self.ada), "name": "Ada Canary", "email": "ada.canary@example.org",
          "role": "patient", "diagnosis": "canary-disease", "ward": "north", "level": 1,
        ],
        [
          "_id": .objectID(Self.bob), "name": "Bob Canary", "email": "bob@example.org",
          "role": "patient", "diagnosis": "J45", "ward": "south", "level": 2,
        ],
      ])
    try await insert(
      models.session,
      [
        ["_id": 1, "patient": .objectID(Self.ada), "summary": "canary-note", "minutes": 30],
        [
          "_id": 2, "patient": .objectID(Self.bob),
          "team": [.objectID(Self.ada), .objectID(Self.bob)], "summary": "other",
        ],
      ])
  }

  func insert(_ model: ModelSchema, _ documents: [Document]) async throws {
    _ = try await store.write(.insert(Insert(model, .documents(documents))))
  }

  func find(_ model: ModelSchema, _ filter: Document = [:]) async throws -> [Document] {
    try await store.rows(for: Query(model, where: filter.isEmpty ? .all : .document(filter)))
      .documents
  }

  /// The rows of a store as they are, of a collection as the vault made it.
  static func raw(_ collection: String, in store: MemoryStore) async throws -> [Document] {
    let model = ModelSchema(
      name: "Raw", collection: collection, fields: [FieldSchema("_id", .any)], isOpen: true)
    return try await store.rows(for: Query(model)).documents
  }
}

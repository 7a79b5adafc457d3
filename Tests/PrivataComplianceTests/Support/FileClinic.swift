import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport

/// A clinic in a vault over two SQLite files, whose bytes a test can look at.
struct FileClinic {
  let vault: Vault
  let folder: String
  let models = ClinicModels()
  var store: any Store { vault.store }
  var gdpr: GDPR { vault.gdpr(for: models.patient) }

  static let ada = ObjectID(high: 1, low: 1)
  static let bob = ObjectID(high: 1, low: 2)

  /// - Parameter folder: another one's files, for a second vault over the same stores.
  init(
    in folder: String? = nil, isEmpty: Bool = false,
    _ change: (inout VaultOptions) -> Void = { _ in }
  ) async throws {
    let path = folder ?? Folders.temporary()
    self.folder = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var options = Folders.options(path + "/journal")
    change(&options)
    vault = try await Vault(
      identity: .sqlite(path + "/identity.db"), clinical: .sqlite(path + "/clinical.db"),
      options: options)
    try await store.prepare(models.all)
    guard folder == nil, !isEmpty else { return }
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
        [
          "_id": .objectID(ObjectID(high: 2, low: 1)), "patient": .objectID(Self.ada),
          "summary": "canary-note", "minutes": 30,
        ],
        [
          "_id": .objectID(ObjectID(high: 2, low: 2)), "patient": .objectID(Self.bob),
          "summary": "other",
        ],
      ])
  }

  func insert(_ model: ModelSchema, _ documents: [Document]) async throws {
    _ = try await store.write(.insert(Insert(model, .documents(documents))))
  }

  /// The vault on behalf of somebody.
  func acting(
    _ purpose: String?, role: String? = "clinician", actor: String = "dr-7",
    reason: String? = nil
  ) -> Vault {
    vault.acting(
      as: .init(actor: .user(actor), role: role, purpose: purpose, reason: reason))
  }

  func find(
    _ vault: Vault, _ model: ModelSchema, _ filter: Document = [:],
    projection: Projection = .all
  ) async throws -> [Document] {
    var query = Query(
      model, where: filter.isEmpty ? .all : .document(filter), sort: [SortKey("_id")])
    query.projection = projection
    return try await vault.store.rows(for: query).documents
  }

  func count(_ vault: Vault, _ model: ModelSchema) async throws -> Int? {
    try await vault.store.rows(for: Query(model, answer: .count)).value(row: 0, column: 0)?.asInt
  }

  /// True where a text is in any byte of any file of the folder.
  func holds(_ text: String) throws -> Bool {
    let wanted = Data(text.utf8)
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
    for file in files {
      let url = URL(filePath: folder + "/" + file)
      guard let bytes = try? Data(contentsOf: url) else { continue }
      if bytes.range(of: wanted) != nil { return true }
    }
    return false
  }

  func close() async {
    await vault.close()
    try? FileManager.default.removeItem(atPath: folder)
  }
}

/// The code of the error that a closure throws; `nil` where it throws none.
func code(_ body: () async throws -> Void) async -> PrivataError.Code? {
  do {
    try await body()
    return nil
  } catch {
    return (error as? PrivataError)?.code
  }
}

/// The error that a closure throws.
func failure(_ body: () async throws -> Void) async -> PrivataError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? PrivataError
  }
}

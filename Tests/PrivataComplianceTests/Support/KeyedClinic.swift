import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import Synchronization
import TestSupport

/// A vault over two SQLite files with a small clinic in it, and a clock that a test moves.
struct KeyedClinic {
  let vault: Vault
  let models: KeyedClinicModels
  let directory: String
  let clock: TestClock

  init(
    _ clock: TestClock = TestClock(), _ change: (inout VaultOptions) -> Void = { _ in }
  ) async throws {
    self.clock = clock
    models = KeyedClinicModels()
    directory = Folders.temporary()
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    var options = Folders.options(directory + "/journal")
    change(&options)
    vault = try await Vault(
      identity: .sqlite(directory + "/identity.db"),
      clinical: .sqlite(directory + "/clinical.db"), options: options)
    try await vault.store.prepare(models.all)
    try await insert(
      models.patient,
      [
        patient("p1", "Ada Canary", "030 1234567", "north", "canary-disease"),
        patient("p2", "Bob Canary", "030 7654321", "south", "J45"),
      ])
    try await insert(
      models.visit,
      [
        [
          "_id": "v1", "patient": "p1", "doctor": "dr-7", "summary": "canary-visit-one",
          "process": "canary-process",
        ],
        ["_id": "v2", "patient": "p1", "doctor": "dr-8", "summary": "visit-two", "process": "x"],
        ["_id": "v3", "patient": "p2", "doctor": "dr-8", "summary": "visit-three"],
      ])
  }

  private func patient(
    _ id: String, _ name: String, _ phone: String, _ ward: String, _ diagnosis: String
  ) -> Document {
    [
      "_id": .string(id), "name": .string(name), "phone": .string(phone),
      "email": .string(id + "@example.org"), "ward": .string(ward),
      "diagnosis": .string(diagnosis), "weight": 70,
    ]
  }

  func insert(_ model: ModelSchema, _ documents: [Document]) async throws {
    var documents = documents
    if model.name == "Patient" {
      // No two addresses are the same, none included.
      for index in documents.indices where !documents[index].contains("email") {
        documents[index]["email"] = .string((documents[index]["_id"]?.asString ?? "") + "@x.org")
      }
    }
    _ = try await vault.store.write(.insert(Insert(model, .documents(documents))))
  }

  /// The vault on behalf of a user.
  func acting(
    _ user: String, _ role: String, _ purpose: String, reason: String? = nil,
    _ details: AccessDetails? = nil
  ) -> Vault {
    vault.acting(
      as: AccessContext(
        actor: .user(user), role: role, purpose: purpose, reason: reason, details: details))
  }

  /// True where a text is in some file of the vault.
  func holds(_ text: String) throws -> Bool {
    let needle = Data(text.utf8)
    let files = FileManager.default.enumerator(atPath: directory)
    while let name = files?.nextObject() as? String {
      let path = directory + "/" + name
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      if data.range(of: needle) != nil { return true }
    }
    return false
  }
}

/// Models of a clinic with string keys.
struct KeyedClinicModels {
  let patient = ModelSchema(
    name: "Patient", collection: "patients",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("name", .string, privacy: .pii),
      FieldSchema("email", .string, isUnique: true, privacy: .pii),
      FieldSchema("phone", .string, privacy: .pii),
      FieldSchema("ward", .string),
      FieldSchema("diagnosis", .string, privacy: .phi),
      FieldSchema("weight", .int32, privacy: .phi),
    ], isOpen: true)
  let visit = ModelSchema(
    name: "Visit", collection: "visits",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("patient", .string, reference: Reference("Patient")),
      FieldSchema("doctor", .string),
      FieldSchema("summary", .string, privacy: .phi),
      FieldSchema("process", .string, privacy: .phi),
    ], isOpen: true)

  var all: [ModelSchema] { [patient, visit] }
}

/// What time it is in a test.
final class TestClock: Sendable {
  private let moment = Mutex(DateTime.now)

  var now: DateTime { moment.withLock { $0 } }

  func advance(minutes: Int) {
    moment.withLock { $0.milliseconds += Int64(minutes) * 60_000 }
  }

  func set(_ date: DateTime) { moment.withLock { $0 = date } }
}

/// The statements that drivers sent.
final class SentStatements: StatementObserver {
  private let records = Mutex<[StatementRecord]>([])

  var texts: [String] { records.withLock { $0.map(\.text) } }

  func willSend(_ statement: StatementRecord) {
    records.withLock { $0.append(statement) }
  }

  /// What is sent while the body runs.
  static func during(_ body: () async throws -> Void) async rethrows -> [String] {
    let sent = SentStatements()
    try await StatementLog.$observer.withValue(sent) { try await body() }
    return sent.texts
  }
}

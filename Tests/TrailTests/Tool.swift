import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestPlaces
import TestSupport
import Testing

/// The built program, run as a process over a vault of two SQLite files.
struct Tool {
  let folder: String
  let models = ClinicModels()

  static let ada = ObjectID(high: 1, low: 1)
  static let bob = ObjectID(high: 1, low: 2)

  /// What a run answered.
  struct Answer {
    let code: Int32
    let output: String
    let errors: String

    /// The first line as JSON.
    var json: Document {
      get throws { try Document(extendedJSON: output.split(separator: "\n").first ?? "{}") }
    }
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// A clinic with two patients, whose program has ended.
  init(encrypted: Bool = false, fill: Bool = true) async throws {
    folder = Place.folder + "/tool-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(Array(repeating: UInt8(5), count: 32)).write(to: URL(filePath: folder + "/key"))
    guard fill else { return }
    try await with(encrypted: encrypted) { vault in
      try await vault.store.prepare(models.all)
      let patients: [Document] = [
        [
          "_id": .objectID(Self.ada), "name": "Ada Canary", "email": "ada.canary@example.org",
          "diagnosis": "canary-disease",
        ],
        [
          "_id": .objectID(Self.bob), "name": "Bob Canary", "email": "bob@example.org",
          "diagnosis": "J45",
        ],
      ]
      _ = try await vault.store.write(.insert(Insert(models.patient, .documents(patients))))
      let doctor = AccessContext(
        actor: .user("dr-7"), role: "clinician", purpose: "treatment", requestID: "r1")
      for _ in 0..<3 {
        _ = try await vault.acting(as: doctor).store.rows(
          for: Query(models.patient, where: .document(["_id": .objectID(Self.ada)])))
      }
    }
  }

  /// Opens the vault as the application does.
  func with(
    encrypted: Bool = false, lease: Double = 60, _ body: (Vault) async throws -> Void
  ) async throws {
    var options = VaultOptions()
    options.masterKey = .file(folder + "/key")
    options.journal.segmentBytes = 1 << 20
    if encrypted { options.encryption = EncryptionOptions(keyStore: .sqlite(folder + "/keys.db")) }
    options.encryption?.leaseSeconds = lease
    let vault = try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
      options: options)
    try await body(vault)
    await vault.close()
  }

  /// The options that name the vault.
  var stores: [String] {
    [
      "--identity", folder + "/identity.db", "--clinical", folder + "/clinical.db", "--key-file",
      folder + "/key",
    ]
  }

  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Answer {
    let process = Process()
    process.executableURL = URL(filePath: Programs.path("privata"))
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("PRIVATA_") && $0.key != "COLUMNS"
    }
    variables.merge(environment) { $1 }
    process.environment = variables
    let output = URL(filePath: folder + "/out-\(UUID().uuidString)")
    let errors = URL(filePath: folder + "/err-\(UUID().uuidString)")
    for url in [output, errors] {
      _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    defer { for url in [output, errors] { try? FileManager.default.removeItem(at: url) } }
    return Answer(
      code: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  /// Runs a command over the vault's stores; answers are JSON.
  func vault(_ arguments: String...) throws -> Answer { try run(arguments + stores + ["--json"]) }

  func rows(_ file: String, _ query: String) throws -> [String] {
    try Shell.run("sqlite3", ["\(folder)/\(file).db", query]).split(separator: "\n").map(
      String.init)
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

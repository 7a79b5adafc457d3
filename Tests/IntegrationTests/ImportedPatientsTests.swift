import Foundation
import MongoStyle
import PatientImport
import PrivataCompliance
import PrivataCore
import PrivataMongo
import PrivataSQLite
import Testing

/// Imports people and diagnoses into a plain connection and a vault on the same kind of store, and
/// asks both the same.
@Suite(.serialized) struct ImportedPatientsTests {
  enum Pair: String, CaseIterable, Sendable { case sqlite, mongo }

  private let folder = NSTemporaryDirectory() + "privata-integration-\(UUID().uuidString)"

  @Test(arguments: Pair.allCases) func plainAndVaultAnswerTheSame(_ pair: Pair) async throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try Self.files()
    let plain = MongoConnection(store: try await opened(pair, "plain"))
    let before = try Self.clinic { try plain.model($0, $1) }
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    let vault = try await Vault(
      identity: .store(try await opened(pair, "identity")),
      clinical: .store(try await opened(pair, "clinical")), options: options)
    let after = try Self.clinic { try vault.model($0, $1) }
    try await before.fill(from: files)
    try await after.fill(from: files)
    #expect(PatientQuestion.all.count == 20)
    for question in PatientQuestion.all {
      let wanted = try await question.ask(before)
      let found = try await question.ask(after)
      #expect(found == wanted, "\(question.name) on \(pair.rawValue)")
    }
    #expect(try await before.patients.countDocuments().exec() == files.patients.rows.count)
    await vault.close()
    await plain.close()
  }

  /// The whole export where the shared data lie beside the repository, else the bundled sample.
  private static func files() throws -> PatientFiles {
    let shared = "../shared/data/synthea"
    guard FileManager.default.fileExists(atPath: shared + "/patients.csv"),
      FileManager.default.fileExists(atPath: shared + "/conditions.csv")
    else { return try .sample() }
    return try PatientFiles(folder: shared)
  }

  private static func clinic(
    _ model: (String, Schema) throws -> MongoModel
  ) throws -> PatientClinic {
    PatientClinic(
      patients: try model("Patient", PatientClinic.patientSchema),
      conditions: try model("Condition", PatientClinic.conditionSchema))
  }

  /// An empty store of a purpose.
  private func opened(_ pair: Pair, _ purpose: String) async throws -> any Store {
    switch pair {
    case .sqlite: return try await StoreSource.sqlite(folder + "/\(purpose).db").open()
    case .mongo:
      let url = try Self.url("PRIVATA_MONGO_URL")
      let store = try await StoreSource.mongo(url, database: "integration_\(purpose)").open()
      _ = try await (store as? MongoStore)?.runCommand(["dropDatabase": 1])
      return store
    }
  }

  private static func url(_ variable: String) throws -> String {
    try #require(
      ProcessInfo.processInfo.environment[variable], "\(variable) is not set: run make test")
  }
}

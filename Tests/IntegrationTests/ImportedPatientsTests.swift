import Foundation
import MongoStyle
import PatientImport
import PrivataCompliance
import PrivataCore
import TestPlaces
import Testing

/// Imports people and diagnoses into a plain connection and a vault on the same kinds of store, and
/// asks both the same.
@Suite(.serialized) struct ImportedPatientsTests {
  static let pairs = Pair.same + [Pair(identity: .postgres, clinical: .mongo)]

  @Test(arguments: pairs) func plainAndVaultAnswerTheSame(_ pair: Pair) async throws {
    let files = try Self.files()
    try await pair.withVault { vault, _ in
      let after = try Self.clinic { try vault.model($0, $1) }
      try await Self.withPlain(pair.identity) { before in
        try await before.fill(from: files)
        try await after.fill(from: files)
        #expect(PatientQuestion.all.count == 20)
        for question in PatientQuestion.all {
          let wanted = try await question.ask(before)
          let found = try await question.ask(after)
          #expect(found == wanted, "\(question.name) on \(pair)")
        }
        for clinic in [before, after] { try await Self.expectAll(of: files, in: clinic) }
      }
    }
  }

  /// Every row of the files is there.
  private static func expectAll(of files: PatientFiles, in clinic: PatientClinic) async throws {
    #expect(try await clinic.patients.countDocuments().exec() == files.patients.rows.count)
    #expect(try await clinic.conditions.countDocuments().exec() == files.conditions.rows.count)
  }

  /// The whole export where the shared data lie beside the repository, else the bundled sample.
  private static func files() throws -> PatientFiles {
    let shared = "../shared/data/synthea"
    guard FileManager.default.fileExists(atPath: shared + "/patients.csv"),
      FileManager.default.fileExists(atPath: shared + "/conditions.csv")
    else { return try .sample() }
    let files = try PatientFiles(folder: shared)
    #expect(files.patients.rows.count == 1_171)
    #expect(files.conditions.rows.count == 8_376)
    return files
  }

  private static func clinic(
    _ model: (String, Schema) throws -> MongoModel
  ) throws -> PatientClinic {
    PatientClinic(
      patients: try model("Patient", PatientClinic.patientSchema),
      conditions: try model("Condition", PatientClinic.conditionSchema))
  }

  /// Runs with models of a plain connection to a fresh place.
  private static func withPlain(
    _ engine: Place.Engine, _ body: (PatientClinic) async throws -> Void
  ) async throws {
    let place = Place(engine, "plain")
    let plain = MongoConnection(store: try await place.source.open())
    do {
      try await body(try clinic { try plain.model($0, $1) })
    } catch {
      await plain.close()
      try await place.remove()
      throw error
    }
    await plain.close()
    try await place.remove()
  }
}

import PrivataCore
import Testing

@testable import PatientImport

@Suite struct PatientFilesTests {
  @Test func readsTheSample() throws {
    let files = try PatientFiles.sample()
    #expect(files.patients.rows.count == 30)
    #expect(files.patients.refused == 0)
    #expect(files.conditions.rows.count == 66)
    #expect(files.conditions.refused == 1)
    let headings = files.problems.compactMap(\.heading)
    #expect(
      Dictionary(grouping: headings) { $0 }.mapValues(\.count) == [
        "BIRTHDATE": 1, "SSN": 1, "GENDER": 1, "ZIP": 9, "LAT": 16, "LON": 13,
        "HEALTHCARE_COVERAGE": 6, "STOP": 1, "PATIENT": 1,
      ])
  }

  @Test func refusesConditionsOfNobody() throws {
    let files = try PatientFiles.sample()
    let problem = try #require(files.conditions.problems.last)
    #expect(
      problem.description
        == "conditions.csv:68: names no patient that was read; row refused")
    let known = Set(files.patients.documents.map { $0["id"] })
    #expect(files.conditions.documents.allSatisfy { known.contains($0["patient"]) })
  }

  @Test func refusedPatientsTakeTheirConditionsAlong() throws {
    let files = try PatientFiles.sample(policy: ImportPolicy(columns: ["BIRTHDATE": .refuseRow]))
    #expect(files.patients.rows.count == 29)
    let stray = files.conditions.problems.filter { $0.reason == "names no patient that was read" }
    #expect(stray.count > 1)
    #expect(files.conditions.refused == stray.count)
  }

  @Test func namesTheMissingFile() {
    let error = #expect(throws: PrivataError.self) { try PatientFiles(folder: "/nowhere") }
    #expect(error?.code == .notFound)
    #expect(error?.message == "cannot open /nowhere/patients.csv")
  }
}

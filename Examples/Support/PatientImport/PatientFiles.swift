public import PrivataCore

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// People and their diagnoses, read from a folder or from the bundled sample.
///
/// ```swift
/// let files = try PatientFiles(folder: "exports/clinic")
/// files.patients.rows.count     // people
/// files.conditions.rows.count   // their diagnoses
/// files.problems                // what was wrong, with file, line and column
/// ```
public struct PatientFiles: Sendable {
  /// The rows of `patients.csv`.
  public var patients: ImportedRows
  /// The rows of `conditions.csv`; each names one of the patients.
  public var conditions: ImportedRows
  /// Everything that was wrong in either file.
  public var problems: [CellProblem] { patients.problems + conditions.problems }

  /// Reads `patients.csv` and `conditions.csv` of a folder.
  ///
  /// - Throws: `PrivataError.Code.notFound` where a file cannot be opened,
  ///   `PrivataError.Code.malformed` where it is not such a table.
  public init(folder: String, policy: ImportPolicy = ImportPolicy()) throws(PrivataError) {
    try self.init(
      patients: Self.bytes(of: "patients.csv", in: folder),
      conditions: Self.bytes(of: "conditions.csv", in: folder), policy: policy)
  }

  /// Thirty invented people with the damage that real exports have.
  ///
  /// - Throws: `PrivataError.Code.malformed`, which would be a defect of the sample.
  public static func sample(policy: ImportPolicy = ImportPolicy()) throws(PrivataError) -> Self {
    try Self(
      patients: PackageResources.patients_csv, conditions: PackageResources.conditions_csv,
      policy: policy)
  }

  /// Reads the bytes of both files.
  ///
  /// - Throws: `PrivataError.Code.malformed` where one of them is not such a table.
  public init(
    patients: [UInt8], conditions: [UInt8], policy: ImportPolicy = ImportPolicy()
  ) throws(PrivataError) {
    self.patients = try CSVImporter(.patients, policy: policy)
      .read(patients, named: "patients.csv")
    self.conditions = try CSVImporter(.conditions, policy: policy)
      .read(conditions, named: "conditions.csv")
    refuseStrayConditions()
  }

  /// A diagnosis of nobody is refused: there is no one to whom it could belong.
  private mutating func refuseStrayConditions() {
    let known = Set(patients.rows.compactMap { $0.document["id"] })
    conditions.rows.removeAll { row in
      guard let patient = row.document["patient"], !known.contains(patient) else { return false }
      conditions.refused += 1
      conditions.problems.append(
        CellProblem(
          file: "conditions.csv", line: row.line, column: nil, heading: "PATIENT",
          reason: "names no patient that was read", isRefused: true))
      return true
    }
    conditions.problems.sort { ($0.line, $0.column ?? 0) < ($1.line, $1.column ?? 0) }
  }

  private static func bytes(of name: String, in folder: String) throws(PrivataError) -> [UInt8] {
    let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
    guard let data = FileManager.default.contents(atPath: path) else {
      throw PrivataError(.notFound, "cannot open \(path)")
    }
    return [UInt8](data)
  }
}

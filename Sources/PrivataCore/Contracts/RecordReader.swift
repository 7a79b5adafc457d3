/// Reads of the records of one model, for code that is written against what it needs and no more.
///
/// ```swift
/// struct Reminders<Patients: RecordReader>: Sendable where Patients.Record == Patient {
///   let patients: Patients
///   func due() async throws -> [Patient] { try await patients.find(\.nextVisit < DateTime.now) }
/// }
/// ```
public protocol RecordReader<Record>: Sendable {
  /// What is read.
  associatedtype Record: Model
  /// The record of a key, `nil` where there is none.
  func find(id: some FieldValue) async throws(PrivataError) -> Record?
  /// The records that fulfil a condition, in an order.
  func find(
    _ condition: Condition<Record>, orderedBy keys: [Order<Record>], limit: Int?
  ) async throws(PrivataError) -> [Record]
  /// Whether there is a record of a key.
  func contains(id: some FieldValue) async throws(PrivataError) -> Bool
}

extension RecordReader {
  /// The records that fulfil a condition, all of them and in no order.
  public func find(_ condition: Condition<Record>) async throws(PrivataError) -> [Record] {
    try await find(condition, orderedBy: [], limit: nil)
  }
}

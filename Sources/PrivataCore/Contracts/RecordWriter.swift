/// Writes of the records of one model.
public protocol RecordWriter<Record>: Sendable {
  /// What is written.
  associatedtype Record: Model
  /// Adds records, all or none.
  ///
  /// - Throws: `duplicateKey`; `fields` names where.
  func insert(_ records: [Record]) async throws(PrivataError)
  /// Changes the records that fulfil a condition and answers how many did.
  func update(
    _ condition: Condition<Record>, _ changes: [Change<Record>]
  ) async throws(PrivataError) -> Int
  /// Removes the records that fulfil a condition and answers how many did.
  func delete(_ condition: Condition<Record>) async throws(PrivataError) -> Int
}

public import PrivataCore

/// Records in memory behind the contracts of reading, writing and grouping, with calls and faults.
///
/// ```swift
/// let doses = try await MockRecords([Dose(1), Dose(2)])
/// let report = try await Reporting(doses: doses).high()
/// doses.calls.names   // ["find"]
/// ```
public struct MockRecords<Record: Model>: RecordReader, RecordWriter, Transactional {
  /// What was asked, and the faults.
  public let calls: MockCalls
  private let records: Records<Record>

  /// A mock that holds these records.
  public init(_ known: [Record] = []) async throws(PrivataError) {
    calls = MockCalls()
    records = Records(in: MemoryStore(name: "mock"))
    try await records.prepare()
    try await records.insert(known)
  }

  private init(_ calls: MockCalls, _ records: Records<Record>) {
    self.calls = calls
    self.records = records
  }

  public func find(id: some FieldValue) async throws(PrivataError) -> Record? {
    let cut = try await calls.begin("find")
    return cut == 0 ? nil : try await records.find(id: id)
  }

  public func find(
    _ condition: Condition<Record>, orderedBy keys: [Order<Record>], limit: Int?
  ) async throws(PrivataError) -> [Record] {
    let cut = try await calls.begin("find")
    let found = try await records.find(condition, orderedBy: keys, limit: limit)
    return cut.map { Array(found.prefix($0)) } ?? found
  }

  public func contains(id: some FieldValue) async throws(PrivataError) -> Bool {
    try await calls.begin("contains")
    return try await records.contains(id: id)
  }

  public func insert(_ new: [Record]) async throws(PrivataError) {
    try await calls.begin("insert")
    try await records.insert(new)
  }

  @discardableResult
  public func update(
    _ condition: Condition<Record>, _ changes: [Change<Record>]
  ) async throws(PrivataError) -> Int {
    try await calls.begin("update")
    return try await records.update(condition, changes)
  }

  @discardableResult
  public func delete(_ condition: Condition<Record>) async throws(PrivataError) -> Int {
    try await calls.begin("delete")
    return try await records.delete(condition)
  }

  public func withTransaction<R>(
    _ body: (MockRecords<Record>) async throws -> R
  ) async throws -> R {
    try await calls.begin("transaction")
    return try await records.withTransaction { try await body(MockRecords(calls, $0)) }
  }
}

import PrivataCore
import PrivataTesting
import Testing

private struct Visit: Model, Equatable {
  var ward: String
  var number: Int
  var minutes: Int?

  struct Fields: Sendable {
    let ward = Field<Visit, String>("ward", at: 0)
    let number = Field<Visit, Int>("number", at: 1)
    let minutes = Field<Visit, Int?>("minutes", at: 2)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Visit", collection: "visits",
    fields: [
      FieldSchema("ward", .string, isOptional: false),
      FieldSchema("number", .int64, isOptional: false), FieldSchema("minutes", .int64),
    ], primaryKey: ["number"])

  init(_ number: Int, _ ward: String, _ minutes: Int? = nil) {
    self.number = number
    self.ward = ward
    self.minutes = minutes
  }

  init(from row: RowView) throws(PrivataError) {
    ward = try row.decode(at: 0)
    number = try row.decode(at: 1)
    minutes = try row.decode(at: 2)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(ward)
    row.append(number)
    row.append(minutes)
  }
}

/// A service that names only what it needs.
private struct LongVisits<Visits: RecordReader>: Sendable where Visits.Record == Visit {
  let visits: Visits
  func all() async throws -> [Visit] { try await visits.find(\.minutes > 30) }
}

/// A fake for such a service: that it compiles is half of the test.
private struct FixedVisits: RecordReader {
  let visits: [Visit]
  func find(id: some FieldValue) async throws(PrivataError) -> Visit? { visits.first }
  func find(
    _ condition: Condition<Visit>, orderedBy keys: [Order<Visit>], limit: Int?
  ) async throws(PrivataError) -> [Visit] { visits }
  func contains(id: some FieldValue) async throws(PrivataError) -> Bool { true }
}

@Suite struct RecordsTests {
  private func visits() async throws -> Records<Visit> {
    let visits = Records<Visit>(in: MemoryStore())
    try await visits.prepare()
    try await visits.insert([Visit(1, "north", 20), Visit(2, "south", 45), Visit(3, "north")])
    return visits
  }

  @Test func readsByKeyAndByCondition() async throws {
    let visits = try await visits()
    #expect(try await visits.find(id: 2) == Visit(2, "south", 45))
    #expect(try await visits.find(id: 9) == nil)
    #expect(try await visits.contains(id: 1))
    #expect(try await !visits.contains(id: 9))
    let north = try await visits.find(\.ward == "north", orderedBy: [.desc(\.number)], limit: 1)
    #expect(north.map(\.number) == [3])
  }

  @Test func aServiceTakesRecordsOrAFake() async throws {
    #expect(try await LongVisits(visits: visits()).all() == [Visit(2, "south", 45)])
    let fake = FixedVisits(visits: [Visit(7, "east", 90)])
    #expect(try await LongVisits(visits: fake).all().map(\.number) == [7])
  }

  @Test func writes() async throws {
    let visits = try await visits()
    #expect(try await visits.update(\.ward == "north", [.set(\.minutes, 5)]) == 2)
    #expect(try await visits.find(id: 3)?.minutes == 5)
    #expect(try await visits.delete(\.minutes == 5) == 2)
    try await visits.insert([])
    #expect(try await visits.find(.all).map(\.number) == [2])
    let taken = await #expect(throws: PrivataError.self) {
      try await visits.insert([Visit(8, "west"), Visit(2, "west")])
    }
    #expect(taken?.code == .duplicateKey)
    #expect(try await visits.find(.all).count == 1)
  }

  @Test func aTransactionThatThrowsLeavesNothing() async throws {
    struct Undo: Error {}
    let visits = try await visits()
    await #expect(throws: Undo.self) {
      try await visits.withTransaction { visits in
        try await visits.delete(.all)
        throw Undo()
      }
    }
    #expect(try await visits.find(.all).count == 3)
    try await visits.withTransaction { _ = try await $0.delete(\.number == 1) }
    #expect(try await visits.find(.all).count == 2)
  }
}

import PrivataCompliance
import PrivataCore
import Testing

@Suite struct SafeHarborTests {
  private let method = SafeHarbor([
    "_id": .otherUnique, "name": .name, "zip": .zip, "born": .date, "seen": .date, "age": .age,
    "phone": .phone, "note": .freeText, "diagnosis": .safe,
  ])
  private let now = DateTime(milliseconds: 1_767_225_600_000)  // 2026-01-01

  @Test func removesWhatTellsWhoSomebodyIs() throws {
    let record: Document = [
      "_id": 7, "name": "Ada", "zip": "10115-2233", "born": .date(DateTime(milliseconds: 0)),
      "seen": "2024-05-06T10:00:00.000Z", "age": 56, "phone": "1", "note": "x", "diagnosis": "J45",
    ]
    let result = try method.deidentified([record], now: now)
    #expect(
      result.records == [
        ["zip": "101", "born": 1970, "seen": 2024, "age": 56, "diagnosis": "J45"]
      ])
    #expect(result.removed[.name] == 1 && result.removed[.date] == 2)
    #expect(result.removed[.age] == nil && result.removed[.safe] == nil)
  }

  @Test(arguments: [
    ("03601", "000"), ("89301", "000"), ("10201", "000"), ("90210", "902"), ("D-10115", "101"),
  ])
  func postalCodes(_ zip: String, _ wanted: String) throws {
    let result = try method.deidentified([["zip": .string(zip)]], now: now)
    #expect(result.records == [["zip": .string(wanted)]])
  }

  @Test func theOldAreNotToldApart() throws {
    let old = try #require(DateTime(iso8601: "1935-06-01T00:00:00.000Z"))
    let records: [Document] = [
      ["age": 89], ["age": 90], ["age": 104], ["born": .date(old)], ["born": "unknown"],
      ["zip": "12"], ["zip": 12], ["name": .null],
    ]
    let result = try method.deidentified(records, now: now)
    #expect(
      result.records == [
        ["age": 89], ["age": 90], ["age": 90], [:], [:], [:], [:], ["name": .null],
      ])
  }

  @Test func whatIsNotKnownIsNotHandedOut() {
    let error = #expect(throws: PrivataError.self) {
      try method.deidentified([["secret": "x"]], now: now)
    }
    #expect(error?.code == .badArgument && error?.fields == ["secret"])
  }
}

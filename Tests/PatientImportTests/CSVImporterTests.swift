import PrivataCore
import Testing

@testable import PatientImport

@Suite struct CSVImporterTests {
  static let table = CSVTable(
    key: "id",
    [
      CSVColumn("Id", as: "id", .code, isRequired: true),
      CSVColumn("BORN", as: "born", .date),
      CSVColumn("ZIP", as: "zip", .zip),
    ])

  func read(_ text: String, policy: ImportPolicy = ImportPolicy()) throws -> ImportedRows {
    try CSVImporter(Self.table, policy: policy).read(Array(text.utf8), named: "people.csv")
  }

  @Test(arguments: [
    "Id;BORN;ZIP\n1;1/2/1970;01013\n", "Id,BORN,ZIP\r\n1,1970-01-02,01013\r\n",
    "\u{FEFF}ZIP,OTHER,Id,BORN\n01013,x,1,1/2/1970",
  ])
  func readsEitherSeparatorAnyOrder(text: String) throws {
    let rows = try read(text)
    let born = Value.date(DateTime(milliseconds: 86_400_000))
    #expect(rows.documents == [["id": "1", "born": born, "zip": "01013"]])
    #expect(rows.problems.isEmpty)
    #expect(rows.refused == 0)
  }

  @Test func leavesEmptyCellsOut() throws {
    #expect(try read("Id;BORN;ZIP\n1;;\n").documents == [["id": "1"]])
  }

  @Test func keepsTheRowOfABadCell() throws {
    let rows = try read("Id;BORN;ZIP\n1;2/30/1970;1013\n")
    #expect(rows.documents == [["id": "1", "zip": "1013"]])
    #expect(rows.rows[0].unread.keys.sorted() == ["born"])
    #expect(rows.rows[0].unread["born"]?.revealed == "2/30/1970")
    #expect(
      rows.problems.map(\.description) == [
        "people.csv:2: column 2 (BORN): is not a date (M/D/YYYY or YYYY-MM-DD); row kept",
        "people.csv:2: column 3 (ZIP): is not a zip code of five digits; row kept",
      ])
  }

  @Test func refusesByPolicyOfTheColumn() throws {
    let policy = ImportPolicy(.keepRow, columns: ["BORN": .refuseRow])
    let rows = try read("Id;BORN;ZIP\n1;2/30/1970;1013\n2;1/1/1970;1013\n", policy: policy)
    #expect(rows.documents.map { $0["id"] } == ["2"])
    #expect(rows.refused == 1)
    #expect(rows.problems.map(\.isRefused) == [true, true, false])
  }

  @Test func refusesByPolicyOfAll() throws {
    let rows = try read("Id;BORN;ZIP\n1;;1013\n2;;01013\n", policy: ImportPolicy(.refuseRow))
    #expect(rows.documents.map { $0["id"] } == ["2"])
  }

  @Test(arguments: [
    (";1/1/1970;01013", "column 1 (Id): is empty"),
    ("x;1/1/1970;01013", "column 1 (Id): has more than digits"),
    ("1;1/1/1970", "column 3: has 2 cells, not 3"),
    ("1;1/1/1970;01013;", "column 4: has 4 cells, not 3"),
    ("1;\"1/1/1970;01013", "column 2: opens a quote that the line does not close"),
    ("7;1/1/1970;01013", "repeats the id of an earlier row"),
  ]) func refusesWhatIsNobodys(line: String, reason: String) throws {
    let rows = try read("Id;BORN;ZIP\n7;;\n\(line)\n8;;\n")
    #expect(rows.documents == [["id": "7"], ["id": "8"]])
    #expect(rows.refused == 1)
    #expect(rows.problems.map(\.description) == ["people.csv:3: \(reason); row refused"])
  }

  @Test func refusesALineThatIsNotText() throws {
    let bytes = Array("Id;BORN;ZIP\n1;;".utf8) + [0xFF, 0x0A] + Array("2;;\n".utf8)
    let rows = try CSVImporter(Self.table).read(bytes, named: "people.csv")
    #expect(rows.documents == [["id": "2"]])
    #expect(rows.problems.map(\.description) == ["people.csv:2: is not UTF-8 text; row refused"])
  }

  @Test(arguments: ["", "\n", "Id;BORN\n1;\n", "name,age\n"])
  func refusesAFileOfAnotherShape(text: String) {
    let error = #expect(throws: PrivataError.self) { try read(text) }
    #expect(error?.code == .malformed)
    #expect(error?.fields.isEmpty == false)
  }

  @Test func neverRepeatsACell() throws {
    let rows = try read("Id;BORN;ZIP\n1;secret;secret\nsecret;;\nsecret\n\"secret;;\n")
    #expect(rows.problems.count == 5)
    #expect(!rows.problems.contains { $0.description.contains("secret") })
    #expect(!"\(rows.rows[0].unread)".contains("secret"))
  }
}

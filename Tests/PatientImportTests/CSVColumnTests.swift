import PrivataCore
import Testing

@testable import PatientImport

@Suite struct CSVColumnTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var kind: CSVColumn.Kind
    var cell: String
    var value: Value?
    var reason: String?
    var testDescription: String { "\(cell) as \(kind)" }

    init(_ kind: CSVColumn.Kind, _ cell: String, _ value: Value?, _ reason: String? = nil) {
      self.kind = kind
      self.cell = cell
      self.value = value
      self.reason = reason
    }
  }

  static let day = Value.date(DateTime(milliseconds: 612_057_600_000))
  static let uuid = "1d604da9-9a81-4ba9-80c2-de3375d59b40"

  static let table: [Row] = [
    Row(.text, "José", "José"),
    Row(.text, "a\tb", "a\tb", "holds a control character"),
    Row(.date, "5/25/1989", day),
    Row(.date, "05/25/1989", day),
    Row(.date, "1989-05-25", day),
    Row(.date, "25/5/1989", nil, "is not a date (M/D/YYYY or YYYY-MM-DD)"),
    Row(.date, "2/29/1989", nil, "is not a date (M/D/YYYY or YYYY-MM-DD)"),
    Row(.money, "271227.08", 271227.08),
    Row(.money, "0", .double(0)),
    Row(.money, "-12.5", -12.5),
    Row(.money, "13.348.799.999.999.900", nil, "has more than one decimal point"),
    Row(.money, "1.005", nil, "has more than 2 decimals"),
    Row(.money, "1,5", nil, "is not a number"),
    Row(.money, "--5", nil, "is not a number"),
    Row(.money, "5.", nil, "is not a number"),
    Row(.money, "nan", nil, "is not a number"),
    Row(.money, "1e5", nil, "is not a number"),
    Row(.money, "9999999999999", nil, "is out of range"),
    Row(.degrees(limit: 90), "42.520838", 42.520838),
    Row(.degrees(limit: 90), "-90", .double(-90)),
    Row(.degrees(limit: 90), "90.5", nil, "is out of range"),
    Row(.degrees(limit: 90), "4.222.835", nil, "has more than one decimal point"),
    Row(.code, "40055000", "40055000"),
    Row(.code, "4005-5", "4005-5", "has more than digits"),
    Row(.zip, "01013", "01013"),
    Row(.zip, "01013-2231", "01013-2231"),
    Row(.zip, "1013", "1013", "is not a zip code of five digits"),
    Row(.zip, "0101a", "0101a", "is not a zip code of five digits"),
    Row(.socialSecurity, "999-76-6866", "999-76-6866"),
    Row(.socialSecurity, "999766866", "999766866", "is not written as 999-99-9999"),
    Row(.choice(["F", "M"]), "F", "F"),
    Row(.choice(["F", "M"]), "f", "f", "is none of F, M"),
    Row(.uuid, uuid, .string(uuid)),
    Row(
      .uuid, "1d604da9-9a81-4ba9-80c2-de3375d59b4g", "1d604da9-9a81-4ba9-80c2-de3375d59b4g",
      "is not a UUID"),
    Row(
      .uuid, "1d604da99a814ba980c2de3375d59b40", "1d604da99a814ba980c2de3375d59b40",
      "is not a UUID"),
  ]

  @Test(arguments: table) func reads(_ row: Row) {
    switch CSVColumn("HEADING", as: "field", row.kind).read(row.cell) {
    case .value(let value):
      #expect(value == row.value)
      #expect(row.reason == nil)
    case .doubtful(let value, let reason):
      #expect(value == row.value)
      #expect(reason == row.reason)
    case .unreadable(let reason):
      #expect(row.value == nil)
      #expect(reason == row.reason)
    }
  }
}

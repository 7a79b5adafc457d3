import PrivataCompliance
import PrivataCore
import Testing

@Suite struct SafeHarborTests {
  private let method = SafeHarbor([
    "_id": .otherUnique, "name": .name, "zip": .zip, "born": .birthDate, "died": .deathDate,
    "seen": .date, "age": .age, "ageAtDiagnosis": .age, "phone": .phone, "note": .freeText,
    "diagnosis": .safe,
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
    #expect(result.removed[.name] == 1 && result.removed[.date] == 1)
    #expect(result.removed[.age] == nil && result.removed[.safe] == nil)
  }

  @Test(arguments: [
    ("03601", "000"), ("89301", "000"), ("10201", "000"), ("90210", "902"), ("D-10115", "000"),
    ("10001", "100"), (" 10001 ", "100"), ("03601-1234", "000"), ("10001-1234", "100"),
    ("SW1A", "000"), ("SW1A 1AA", "000"), ("3601", "000"), ("1001", "010"), ("", "000"),
    ("10001-12", "000"), ("100011234", "100"), ("12", "000"), ("99999999999", "000"),
    ("١٠٠٠١", "000"), ("00401", "000"),
  ])
  func postalCodes(_ zip: String, _ wanted: String) throws {
    let result = try method.deidentified([["zip": .string(zip)]], now: now)
    #expect(result.records == [["zip": .string(wanted)]])
    #expect(PostalCodes.census2000.prefix(of: zip) == wanted)
  }

  /// Every prefix there can be, against the table.
  @Test func allPrefixes() {
    let table = PostalCodes.census2000
    var kept = 0
    for number in 0..<1000 {
      let text = String(number + 1000).dropFirst()
      let isSparse = table.sparse.contains(String(text)) || table.unassigned.contains(String(text))
      let wanted = isSparse ? "000" : String(text)
      #expect(table.prefix(of: text + "55") == wanted)
      #expect(table.prefix(of: number * 100 + 55) == wanted)
      kept += isSparse ? 0 : 1
    }
    #expect(table.sparse.count == 17 && kept > 850)
    #expect(table.prefix(of: 3601) == "000" && table.prefix(of: 1001) == "010")
    let other = PostalCodes(year: 2030, sparse: ["100"])
    #expect(other.prefix(of: "10001") == "000" && other.prefix(of: "03601") == "036")
  }

  @Test(arguments: [
    ("1936-06-15", "2026-06-14", 89), ("1936-06-15", "2026-06-15", 90),
    ("1936-06-15", "2026-06-16", 90), ("1936-02-29", "2026-02-28", 89),
    ("1936-02-29", "2026-03-01", 90), ("2000-02-29", "2026-02-28", 25),
    ("2000-02-29", "2028-02-29", 28), ("1926-01-01", "2026-01-01", 90),
  ])
  func ages(_ birth: String, _ day: String, _ years: Int) throws {
    let birth = try #require(DateTime(iso8601: birth + "T00:00:00Z"))
    let day = try #require(DateTime(iso8601: day + "T00:00:00Z"))
    let age = DisclosableAge(birth: birth, at: day)
    #expect(age == (years >= 90 ? .ninetyPlus : .exact(years)))
    #expect((age.birthYear(birth) == nil) == (years >= 90))
  }

  /// From what is left of an old person no year of birth can be worked out.
  @Test func theOldAreNotToldApart() throws {
    let records: [Document] = [
      ["born": "1930-06-01", "age": 95, "ageAtDiagnosis": 40, "seen": "1970-06-02"],
      ["born": "1930-06-01", "seen": "2025-01-01"], ["age": 104], ["age": 90], ["age": 89],
      ["born": "1936-01-01"], ["born": "1936-01-02"], ["born": "unknown"],
      ["seen": "1930-01-01", "ageAtDiagnosis": 30], ["name": .null],
      ["born": "1930-06-01", "died": "2010-06-01", "ageAtDiagnosis": 70],
      ["born": "1910-06-01", "died": "2010-06-01", "ageAtDiagnosis": 70],
    ]
    let result = try method.deidentified(records, now: now)
    #expect(
      result.records == [
        ["age": 90, "seen": 1970], ["seen": 2025], ["age": 90], ["age": 90], ["age": 89], [:],
        ["born": 1936], [:], [:], ["name": .null],
        ["died": 2010, "ageAtDiagnosis": 70], ["died": 2010],
      ])
    for (record, clean) in zip(records, result.records) where record["age"]?.asInt ?? 0 >= 90 {
      let years = clean.elements.compactMap(\.value.asInt).filter { $0 > 1000 }
      let ages = clean.elements.compactMap(\.value.asInt).filter { $0 < 200 && $0 != 90 }
      for year in years { for age in ages { Issue.record("\(year - age) can be worked out") } }
    }
  }

  @Test(arguments: [
    "2024-05-06", "2024-05-06T10:00:00.000Z", "2024-05-06T10:00:00+02:00", "06.05.2024",
    "5/6/2024", "2024/05/06", "2024-05-06 10:00",
  ])
  func ofDatesTheYearStays(_ text: String) throws {
    let result = try method.deidentified([["seen": .string(text)]], now: now)
    #expect(result.records == [["seen": 2024]])
  }

  @Test(arguments: ["2024-W12", "Q2 2024", "May 2024", "yesterday", "2024-13-45"])
  func otherFormsOfDatesGo(_ text: String) throws {
    #expect(try method.deidentified([["seen": .string(text)]], now: now).records == [[:]])
  }

  @Test func shiftedDatesAreNoSafeHarbor() {
    let error = #expect(throws: PrivataError.self) {
      try method.deidentified([], now: now, dates: .shift(days: 30))
    }
    #expect(error?.code == .badArgument)
  }

  @Test func whatIsNotKnownIsNotHandedOut() {
    for record: Document in [["secret": "x"], ["secret": ["deep": 1]], ["secret": [["a": 1]]]] {
      let error = #expect(throws: PrivataError.self) {
        try method.deidentified([record], now: now)
      }
      #expect(error?.code == .badArgument && error?.fields.first?.hasPrefix("secret") == true)
    }
  }

  /// All kinds, in fields, in documents, in lists and hidden in texts; none is left in any spelling.
  @Test func nothingPlantedIsLeft() throws {
    var kinds: [String: IdentifierKind] = [
      "remark": .safe, "note": .freeText, "diagnosis": .safe, "contact.tags": .safe,
    ]
    var record: Document = [
      "remark": "seen with MÜLLER-LÜDENSCHEIDT", "note": "call canary-phone",
      "diagnosis": "J45", "contact": ["tags": ["vip", "mueller", "Muller Ludenscheidt"]],
    ]
    var planted = ["MÜLLER", "Müller", "Muller", "canary"]
    let direct = IdentifierKind.allCases.filter { $0.isDirect || $0 == .otherUnique || $0 == .city }
    for kind in direct where kind != .name {
      let text = "canary-\(kind.rawValue)"
      planted.append(text)
      kinds[kind.rawValue] = kind
      record[kind.rawValue] = .string(text)
      kinds["relatives.\(kind.rawValue)"] = kind
    }
    kinds["fullName"] = .name
    record["fullName"] = "Müller-Lüdenscheidt"
    record["relatives"] = .array([
      .document(
        Document(
          direct.filter { $0 != .name }.map {
            .init(key: $0.rawValue, value: .string("canary-rel-\($0.rawValue)"))
          }))
    ])
    let result = try SafeHarbor(kinds).deidentified([record], now: now)
    let json = result.records[0].extendedJSON(.relaxed)
    for text in planted { #expect(!json.lowercased().contains(text.lowercased()), "\(text)") }
    #expect(json.contains("J45") && json.contains("vip") && json.contains("mueller"))
    for kind in direct { #expect(result.removed[kind] ?? 0 >= 1, "\(kind)") }
    #expect(!result.needsReview)
  }

  @Test func aScrubberAsksForReview() throws {
    var method = method
    method.scrubber = { $0.replacing("Ada", with: "[name]") }
    let result = try method.deidentified(
      [["name": "Ada Canary", "note": "Ada coughs"], ["name": "Bob", "note": "Bob coughs"]],
      now: now)
    #expect(result.records == [["note": "[name] coughs"], [:]] && result.needsReview)
  }
}

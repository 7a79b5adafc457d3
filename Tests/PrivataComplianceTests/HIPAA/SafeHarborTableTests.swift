import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// The rule over whole tables: every postal prefix there can be, and dates as many countries write
/// them.
@Suite struct SafeHarborTableTests {
  private let now = DateTime(milliseconds: 1_767_225_600_000)  // 2026-01-01

  /// The list of the census of 2020, against every prefix.
  @Test func theCurrentCensusDecides() {
    let table = PostalCodes.census2020
    let sparse: Set<String> = [
      "036", "059", "102", "202", "203", "204", "205", "369", "556", "692", "753", "772", "821",
      "823", "878", "879", "884", "893",
    ]
    #expect(table.year == 2020 && table.sparse == sparse)
    for number in 0..<1_000 {
      let prefix = String(String(number + 1_000).dropFirst())
      let isGone = sparse.contains(prefix) || table.unassigned.contains(prefix)
      #expect(table.prefix(of: prefix + "55") == (isGone ? "000" : prefix))
      #expect(table.prefix(of: prefix + "55-1234") == (isGone ? "000" : prefix))
      #expect(table.prefix(of: number * 100 + 55) == (isGone ? "000" : prefix))
    }
    // What the old list kept and hid.
    #expect(PostalCodes.census2000.prefix(of: "20201") == "202")
    #expect(table.prefix(of: "20201") == "000")
    #expect(PostalCodes.census2000.prefix(of: "89001") == "000")
    #expect(table.prefix(of: "89001") == "890")
    #expect(SafeHarbor.sparseZips == sparse)
  }

  @Test func anotherTableIsRead() throws {
    let table = try PostalCodes(json: #"{"year": 2030, "sparse": ["100", "036"]}"#)
    #expect(table.year == 2030 && table.prefix(of: "10001") == "000")
    #expect(table.prefix(of: "20201") == "202" && table.prefix(of: "00401") == "000")
    let own = try PostalCodes(json: #"{"year": 2030, "sparse": ["100"], "unassigned": ["200"]}"#)
    #expect(own.prefix(of: "20001") == "000" && own.prefix(of: "00401") == "004")
    for text in [
      #"{"year": 2030}"#, #"{"year": 2030, "sparse": []}"#, #"{"sparse": ["036"]}"#,
      #"{"year": 2030, "sparse": ["36"]}"#, #"{"year": 2030, "sparse": [36]}"#,
      #"{"year": 2030, "sparse": ["036"], "unassigned": "none"}"#,
    ] {
      let error = #expect(throws: PrivataError.self) { try PostalCodes(json: text) }
      #expect(error?.code == .malformed, "\(text)")
    }
  }

  /// A day as people write it.
  private static func forms(_ year: Int, _ month: Int, _ day: Int) -> [Value] {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (m, d, y) = (two(month), two(day), "\(year)")
    let arabic = "\(year)/\(m)/\(d)".map { character in
      character.wholeNumberValue.flatMap { Unicode.Scalar(0x0660 + $0) }.map(String.init)
        ?? String(character)
    }.joined()
    let texts = [
      "\(y)-\(m)-\(d)", "\(y)-\(m)-\(d)T10:15:00+02:00", "\(y)-\(m)-\(d)T23:59:59.999Z",
      "\(y)-\(m)-\(d) 08:00", "\(d).\(m).\(y)", "\(day).\(month).\(y)", "\(d).\(m).\(y) 14:30",
      "\(m)/\(d)/\(y)", "\(month)/\(day)/\(y)", "\(d)/\(m)/\(y)", "\(d)-\(m)-\(y)",
      "\(y)/\(m)/\(d)", "\(y).\(m).\(d).", "\(y). \(month). \(day).", "\(y)年\(month)月\(day)日",
      "\(y)년 \(month)월 \(day)일", arabic, "\(day)/\(month)/\(year + 543)", "\(y)\(m)\(d)",
      "\(d).\(m).\(two(year % 100))", "\(y)-W\(two(day))", "\(y)-W\(two(day))-3",
      "\(y)-\(two(day))x", "Q\((month + 2) / 3) \(y)", "\(y)-Q\((month + 2) / 3)", "\(m)/\(y)",
      "\(day) mars \(y)", "\(day). März \(y)", "March \(day), \(y)", "le \(d)/\(m)",
    ]
    let moment = DateTime(.init(year: year, month: month, day: day)) ?? .now
    return texts.map { .string($0) } + [
      .date(moment), .int64(moment.milliseconds), .int64(Int64(year * 10_000 + month * 100 + day)),
    ]
  }

  /// Ten thousand rows in the forms of many countries: the year, or nothing.
  @Test func ofNoDateMoreThanTheYearStays() throws {
    let method = SafeHarbor([
      "born": .birthDate, "admitted": .date, "stay.discharged": .date, "died": .deathDate,
      "served": .date, "diagnosis": .safe,
    ])
    var source = SeededSource(17)
    var rows: [Document] = []
    var years: [Int] = []
    while rows.count < 10_000 {
      let year = Int.random(in: 1_950...2_025, using: &source)
      let month = Int.random(in: 1...12, using: &source)
      for form in Self.forms(year, month, Int.random(in: 1...28, using: &source)) {
        rows.append([
          "born": form, "admitted": form, "stay": ["discharged": form], "served": [form, form],
          "diagnosis": "J45",
        ])
        years.append(year)
      }
    }
    let clean = try method.deidentified(rows, now: now).records
    #expect(clean.count >= 10_000)
    var kept = 0
    for (record, year) in zip(clean, years) {
      let left =
        [record["born"], record["admitted"], record["stay"]?.asDocument?["discharged"]]
        + (record["served"]?.asArray ?? []).map { Optional($0) }
      for value in left {
        guard let value else { continue }
        // A number of four digits, and the right one: no text, no moment, no other calendar's year.
        guard value.asString == nil, value == .int(year) else {
          Issue.record("\(record.extendedJSON(.relaxed)) of \(year)")
          return
        }
        kept += 1
      }
      #expect(record["diagnosis"] == "J45")
    }
    #expect(kept > clean.count)
  }
}

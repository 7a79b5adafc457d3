import Testing

@testable import PrivataCore

@Suite struct DateTimeTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_210_096_007, "2024-02-29T12:34:56.007Z"),
    (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
    (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
    (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
    (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
    (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
    (Int64.max, "+292278994-08-17T07:12:55.807Z"), (Int64.min, "-292275055-05-16T16:47:04.192Z"),
  ])
  func writesISO8601(_ milliseconds: Int64, _ text: String) {
    let moment = DateTime(milliseconds: milliseconds)
    #expect(moment.iso8601 == text)
    if text.utf8.count <= 27 { #expect(DateTime(iso8601: text) == moment) }
    if abs(moment.year) < 292_000_000 { #expect(DateTime(moment.parts) == moment) }
  }

  @Test(arguments: [
    ("2024-01-05", "2024-01-05T00:00:00.000Z"), ("2024-01-05T10:00Z", "2024-01-05T10:00:00.000Z"),
    ("2024-01-05T10:00:30.1239+05:30", "2024-01-05T04:30:30.123Z"),
    ("2024-01-05T10:00:30.5-0100", "2024-01-05T11:00:30.500Z"),
    ("2024-01-05T10:00:30+01", "2024-01-05T09:00:30.000Z"),
  ])
  func readsISO8601(_ text: String, _ expected: String) {
    #expect(DateTime(iso8601: text)?.iso8601 == expected)
  }

  @Test(arguments: [
    "", "2024", "2024-01", "2024-1-5", "2023-02-29", "2024-02-30", "2024-13-01", "2024-00-01",
    "2024-01-05T10:00", "2024-01-05 10:00Z", "2024-01-05T24:00Z", "2024-01-05T10:60Z",
    "2024-01-05T10:00:60Z", "2024-01-05T10:00:00.Z", "2024-01-05T10:00Zx", "2024-01-05Z",
    "2024-01-05T10:00+24:00", "2024-01-05T10:00+01:", "-000000-01-01", "２024-01-05",
  ])
  func refusesOtherText(_ text: String) { #expect(DateTime(iso8601: text) == nil) }

  // What Node.js 20 makes of the text with TZ=UTC.
  @Test(arguments: [
    ("2024-01-05", "2024-01-05T00:00:00.000Z"), ("2024", "2024-01-01T00:00:00.000Z"),
    ("2024-02", "2024-02-01T00:00:00.000Z"), ("2024-01-05T10:00", "2024-01-05T10:00:00.000Z"),
    ("2024-01-05T24:00", "2024-01-06T00:00:00.000Z"), ("2024-02-31", "2024-03-02T00:00:00.000Z"),
    ("2024-01-05T10:00:30.123456Z", "2024-01-05T10:00:30.123Z"),
    ("2024-01-05T10:00+02:00", "2024-01-05T08:00:00.000Z"),
    ("2024-01-05T10:00:00-0530", "2024-01-05T15:30:00.000Z"),
    ("2024-01-05 10:00", "2024-01-05T10:00:00.000Z"), ("2024/1/5", "2024-01-05T00:00:00.000Z"),
    ("01/05/2024", "2024-01-05T00:00:00.000Z"), ("1/5/49", "2049-01-05T00:00:00.000Z"),
    ("1/5/50", "1950-01-05T00:00:00.000Z"), ("12/31/1999 23:59", "1999-12-31T23:59:00.000Z"),
    ("1/5/2024 3:00 PM", "2024-01-05T15:00:00.000Z"),
    ("1/5/2024 12:00 am", "2024-01-05T00:00:00.000Z"),
    ("Fri, 05 Jan 2024 10:00:00 GMT", "2024-01-05T10:00:00.000Z"),
    ("Fri, 05 Jan 2024 10:00:00 +0100", "2024-01-05T09:00:00.000Z"),
    ("Fri Jan 05 2024 10:00:00 GMT+0100 (CET)", "2024-01-05T09:00:00.000Z"),
    ("Jan 5, 2024", "2024-01-05T00:00:00.000Z"), ("5 January 2024", "2024-01-05T00:00:00.000Z"),
    ("2024 Jan 5", "2024-01-05T00:00:00.000Z"),
    ("5-Jan-2024 10:11:12.5", "2024-01-05T10:11:12.500Z"),
    ("1/5/2024 10:00 PDT", "2024-01-05T17:00:00.000Z"),
    ("1/5/2024 10:00 +01:30", "2024-01-05T08:30:00.000Z"), ("Jan 5", "2001-01-05T00:00:00.000Z"),
    ("hello 2012", "2012-01-01T00:00:00.000Z"), ("12", "2001-12-01T00:00:00.000Z"),
    ("+275760-09-13", "+275760-09-13T00:00:00.000Z"),
  ])
  func readsAsJavaScript(_ text: String, _ expected: String) {
    #expect(DateTime(javaScript: text)?.iso8601 == expected)
  }

  @Test(arguments: [
    "", "tomorrow", "Jan", "2024-13-01", "13/13/2024", "1/32/2024", "1/0/2024", "2012 hello",
    "1/5/2024 25:00", "1/5/2024 13:00 PM", "1/5/2024 3 PM", "1 2 3 4", "10:00", "1/5/2024)",
    "2024-01-05T25:00", "+275760-09-14", "-271821-04-19", "2024-01-05T10:00:00.123 +05:30",
    "1/5/2024T10:00", "1/5/2024 10:00 -08301", "1/5/2024 10:00.5", "1/5/275761",
  ])
  func refusesAsJavaScript(_ text: String) { #expect(DateTime(javaScript: text) == nil) }

  @Test func knowsCalendarParts() {
    let moment = DateTime(milliseconds: 1_709_210_096_007)
    #expect(
      moment.parts
        == .init(year: 2024, month: 2, day: 29, hour: 12, minute: 34, second: 56, millisecond: 7))
    #expect((moment.weekday, moment.dayOfYear) == (4, 60))
    #expect(DateTime(milliseconds: -1).weekday == 3)
    #expect(DateTime(.init(year: 2023, month: 2, day: 29)) == nil)
    #expect(DateTime(.init(year: 2024, hour: 24)) == nil)
    #expect(DateTime(.init(year: .max)) == nil)
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    for day in stride(from: -150_000, to: 150_000, by: 17) {
      let moment = DateTime(milliseconds: Int64(day) * 86_400_000 + 1)
      #expect(DateTime(moment.parts) == moment)
      #expect(moment.weekday == ((day + 4) % 7 + 7) % 7)
    }
  }

  @Test func nowIsNow() {
    #expect((2024...2100).contains(DateTime.now.year))
    #expect(DateTime.now <= DateTime.now)
  }
}

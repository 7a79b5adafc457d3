import PrivataCore
import Testing

@testable import PatientImport

@Suite struct CalendarDateTests {
  @Test(arguments: [
    ("1/1/1970", 0), ("1970-01-02", 1), ("12/31/1969", -1), ("2/29/2000", 11_016),
    ("3/1/1900", -25_508), ("2024-02-29", 19_782), ("1/1/1800", -62_091), ("12/31/2200", 84_370),
  ]) func countsDays(text: String, days: Int64) throws {
    let date = try #require(CalendarDate(text))
    #expect(date.midnight.milliseconds == days * 86_400_000)
  }

  @Test(arguments: [
    "", "1/1", "1/1/1", "0/1/2000", "1/0/2000", "13/1/2000", "4/31/2000", "2/29/1900",
    "2/30/2000", "1/1/1799", "1/1/2201", "1-1-2000", "2000-1-1", "2000/01/01", "+1/1/2000",
    "1/1/2000 ", "2000-01-01T00:00:00Z", "١/1/2000",
  ]) func refuses(text: String) {
    #expect(CalendarDate(text) == nil)
  }
}

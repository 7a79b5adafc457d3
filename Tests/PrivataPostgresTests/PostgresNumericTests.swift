import PrivataCore
import Testing

@testable import PrivataPostgres

@Suite struct PostgresNumericTests {
  static let texts = [
    "0", "1", "-1", "0.00", "1.50", "-1.5", "10000", "9999", "123456789.000100", "0.0001",
    "0.00001", "0.000000001", "100000000000000000000", "9999999999999999999999999999999999",
    "-0.0000000000000000000000000000000001", "NaN", "Infinity", "-Infinity", "12345.678900",
  ]

  @Test(arguments: texts) func comesBackDigitForDigit(_ text: String) throws {
    let number = try #require(Decimal128(text))
    var bytes: [UInt8] = []
    #expect(PostgresNumeric.append(number, to: &bytes))
    let back = PostgresNumeric.decimal(bytes.span)
    #expect(back?.description == number.description)
  }

  @Test func positiveExponentsAreWrittenOut() throws {
    let number = try #require(Decimal128("12E+5"))
    var bytes: [UInt8] = []
    #expect(PostgresNumeric.append(number, to: &bytes))
    let back = PostgresNumeric.decimal(bytes.span)
    #expect(back?.description == "1200000")
  }

  @Test func moreDigitsThanDecimal128HasAreRefused() {
    // 35 nines: nine digits of base 10000, the first of them 999.
    var bytes: [UInt8] = [0, 9, 0, 8, 0, 0, 0, 0, 0x03, 0xE7]
    for _ in 0..<8 { bytes += [0x27, 0x0F] }
    let number = PostgresNumeric.decimal(bytes.span)
    #expect(number == nil)
  }

  @Test(
    arguments: [[], [0], [0, 1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0x12, 0x34, 0, 0]] as [[UInt8]])
  func damagedBytesAreRefused(_ bytes: [UInt8]) {
    let number = PostgresNumeric.decimal(bytes.span)
    #expect(number == nil)
  }
}

@Suite struct PostgresMomentTests {
  @Test(arguments: [
    0, 1, -1, 946_684_800_000, 946_684_799_999, -62_135_596_800_000, 4_102_444_800_123,
  ])
  func comesBack(_ milliseconds: Int64) throws {
    let date = DateTime(milliseconds: milliseconds)
    let micro = try #require(PostgresMoment.microseconds(date))
    #expect(PostgresMoment.date(microseconds: micro) == date)
  }

  @Test func microsecondsAreCutOffTowardsThePast() {
    #expect(PostgresMoment.date(microseconds: -1).milliseconds == 946_684_799_999)
    #expect(PostgresMoment.date(microseconds: 1).milliseconds == 946_684_800_000)
  }

  @Test func daysBeginAtMidnight() {
    let noon = DateTime(milliseconds: 946_684_800_000 - 43_200_000)
    #expect(PostgresMoment.days(noon) == -1)
    #expect(PostgresMoment.date(days: -1).milliseconds == 946_684_800_000 - 86_400_000)
  }
}

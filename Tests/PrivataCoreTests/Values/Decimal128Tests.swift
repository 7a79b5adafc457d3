import Testing

@testable import PrivataCore

@Suite struct Decimal128Tests {
  @Test(arguments: [
    ("1", "1"), ("-1.50", "-1.50"), ("+.5", "0.5"), ("5.", "5"), ("1e3", "1E+3"),
    ("0.000001", "0.000001"), ("0.0000001", "1E-7"), ("12E-1", "1.2"), ("-0e9", "-0E+9"),
    ("0E+99999999999999999999", "0E+6111"), ("iNf", "Infinity"), ("-Infinity", "-Infinity"),
    ("-NaN", "NaN"),
    ("10000000000000000000000000000000000000", "1.000000000000000000000000000000000E+37"),
    ("1E+6144", "1.000000000000000000000000000000000E+6144"), ("1E-6176", "1E-6176"),
    ("10E-6177", "1E-6176"),
  ])
  func readsAndWrites(_ text: String, _ expected: String) {
    #expect(Decimal128(text)?.description == expected)
  }

  @Test(arguments: [
    "", "a", "1a", "1e", "1E+6145", "1E-6177", "12345678901234567890123456789012345",
  ])
  func refuses(_ text: String) { #expect(Decimal128(text) == nil) }

  @Test(arguments: [
    ("12345678901234567890123456789012345", "1.234567890123456789012345678901234E+34"),
    ("12345678901234567890123456789012355", "1.234567890123456789012345678901236E+34"),
    ("123456789012345678901234567890123450001", "1.234567890123456789012345678901235E+38"),
    ("99999999999999999999999999999999999", "1.000000000000000000000000000000000E+35"),
    ("1E-6177", "0E-6176"), ("6E-6177", "1E-6176"), ("5.1E-6177", "1E-6176"),
    ("1E+6145", "Infinity"), ("-1E+99999999999999999999", "-Infinity"), ("1E-9999", "0E-6176"),
  ])
  func rounds(_ text: String, _ expected: String) {
    #expect(Decimal128(rounding: text)?.description == expected)
  }

  // Checked against $inc of MongoDB 6.0.
  @Test(arguments: [
    ("0.1", "0.20", "0.30"), ("1", "-1.00", "0.00"), ("-0", "-0", "-0"), ("-0", "0", "0"),
    ("9999999999999999999999999999999999", "1", "1.000000000000000000000000000000000E+34"),
    ("9.999999999999999999999999999999999E+6144", "1E+6111", "Infinity"),
    ("1E+40", "1E-40", "1.000000000000000000000000000000000E+40"),
    ("1E+33", "-1E-6176", "1000000000000000000000000000000000"),
    ("1", "5E-34", "1.000000000000000000000000000000000"),
    ("1", "15E-34", "1.000000000000000000000000000000002"),
    ("Infinity", "-1", "Infinity"), ("Infinity", "-Infinity", "NaN"), ("NaN", "1", "NaN"),
  ])
  func adds(_ a: String, _ b: String, _ sum: String) throws {
    let (a, b) = (try #require(Decimal128(a)), try #require(Decimal128(b)))
    #expect((a + b).description == sum)
    #expect((b + a).description == sum)
    #expect((a - -b).description == sum)
  }

  // Checked against $mul of MongoDB 6.0.
  @Test(arguments: [
    ("1.20", "3", "3.60"), ("-2", "0.5", "-1.0"), ("0", "-5", "-0"),
    (
      "9999999999999999999999999999999999", "9999999999999999999999999999999999",
      "9.999999999999999999999999999999998E+67"
    ),
    ("1E+6000", "1E+6000", "Infinity"), ("1E-6000", "-1E-6000", "-0E-6176"),
    ("3E-6176", "0.5", "2E-6176"), ("Infinity", "0", "NaN"), ("-Infinity", "2", "-Infinity"),
  ])
  func multiplies(_ a: String, _ b: String, _ product: String) throws {
    let (a, b) = (try #require(Decimal128(a)), try #require(Decimal128(b)))
    #expect((a * b).description == product)
    #expect((b * a).description == product)
  }

  @Test(arguments: [
    (0.1, "0.100000000000000"), (-1.0, "-1.00000000000000"), (0, "0"), (-0.0, "-0"),
    (1e22, "1.00000000000000E+22"), (.infinity, "Infinity"), (-.infinity, "-Infinity"),
    (.nan, "NaN"), (.leastNonzeroMagnitude, "4.94065645841247E-324"),
    (123_456_789_012_345_680, "1.23456789012346E+17"),
  ])
  func convertsDoublesAsMongoDBDoes(_ value: Double, _ expected: String) {
    #expect(Decimal128(value).description == expected)
  }

  @Test func convertsDoublesInFull() {
    #expect(
      Decimal128(fullPrecision: 0.1).description == "0.1000000000000000055511151231257827")
    #expect(Decimal128(fullPrecision: 2.5).description == "2.5")
    #expect(Double(Decimal128(fullPrecision: .pi)) == .pi)
  }

  @Test(arguments: ["0", "-0.5", "1E+308", "1E+309", "5E-324", "1E-400", "-Infinity"])
  func becomesTheNearestDouble(_ text: String) throws {
    let expected = text == "-Infinity" ? -Double.infinity : Double(text)
    #expect(Double(try #require(Decimal128(text))) == expected)
    #expect(Double(Decimal128.nan).isNaN)
  }

  @Test(arguments: [
    ("12", 12), ("12.00", 12), ("1.2E+1", 12), ("-9223372036854775808", Int.min), ("0E-6000", 0),
    ("0E+6000", 0), ("1.5", nil), ("9223372036854775808", nil), ("1E+6000", nil), ("NaN", nil),
  ])
  func becomesAnIntegerExactly(_ text: String, _ expected: Int?) throws {
    #expect(Int(exactly: try #require(Decimal128(text))) == expected)
  }

  @Test func knowsItsKind() {
    #expect(Decimal128.nan.isNaN && !Decimal128.nan.isFinite && !Decimal128.nan.isZero)
    #expect(Decimal128.infinity.isInfinite && !Decimal128.infinity.isNaN)
    #expect((-Decimal128.zero).isZero && (-Decimal128.zero).isNegative)
    #expect(Decimal128(-3).isNegative && Decimal128(-3).isFinite)
  }
}

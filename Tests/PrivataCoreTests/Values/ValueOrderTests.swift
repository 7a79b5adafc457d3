import Testing

@testable import PrivataCore

@Suite struct ValueOrderTests {
  /// Each row sorts before the next; the values within a row are equal. Checked against `$cmp` of
  /// MongoDB 6.0.
  static let ladder: [[Value]] = [
    [.minKey], [.undefined], [nil],
    [.double(.nan), .decimal(.nan)],
    [.double(-.infinity), .decimal(-.infinity)],
    [.int64(.min), .double(-0x1p63), decimal("-9223372036854775808")],
    [.int32(-1), .double(-1), .int64(-1)],
    [.double(-.leastNonzeroMagnitude)], [decimal("-1E-6000")],
    [.int32(0), .double(-0.0), .int64(0), decimal("-0E+5")],
    [decimal("1E-6000")], [.double(.leastNonzeroMagnitude)],
    [decimal("0.1")], [decimal("0.1000000000000000055511151231257827")], [.double(0.1)],
    [decimal("0.1000000000000000055511151231257828")],
    [.int32(1), .double(1), decimal("1.000")],
    [.int64(9_007_199_254_740_992), .double(0x1p53)], [.int64(9_007_199_254_740_993)],
    [.double(9_007_199_254_740_994)], [.int64(.max)],
    [.double(0x1p63), decimal("9223372036854775808")],
    [.double(1e308)], [decimal("1E+6000")], [.double(.infinity), .decimal(.infinity)],
    ["", .symbol("")], ["Z"], ["a"], ["a\0"], ["ab"], ["e\u{301}"], ["z"], ["\u{E9}"],
    ["\u{FFFD}"], ["\u{1F600}"],
    [[:]], [["a": 1], ["a": .double(1)]], [["a": 1, "b": 1]], [["a": 2]], [["b": 1]],
    [["a": "x"]], [["b": ""]],
    [[]], [[1], [.double(1)]], [[1, 2]], [[2]], [["x"]], [[[1]]],
    [.binary(Binary([]))], [.binary(Binary([1]))], [.binary(Binary([200]))],
    [.binary(Binary([0], subtype: 4))], [.binary(Binary([0, 0]))],
    [.objectID(ObjectID(high: 0, low: 1))], [.objectID(ObjectID(high: .max, low: 0))],
    [false], [true],
    [.date(DateTime(milliseconds: -1))], [.date(DateTime(milliseconds: 1))],
    [.timestamp(Timestamp(seconds: 1, increment: 2))],
    [.timestamp(Timestamp(seconds: 2, increment: 1))],
    [.regex(RegularExpression("a"))], [.regex(RegularExpression("a", options: "i"))],
    [.regex(RegularExpression("b"))],
    [.dbPointer(namespace: "b", id: ObjectID(high: 0, low: 1))],
    [.dbPointer(namespace: "b", id: ObjectID(high: 0, low: 2))],
    [.dbPointer(namespace: "aa", id: ObjectID(high: 0, low: 1))],
    [.code("a", scope: nil)], [.code("b", scope: nil)],
    [.code("a", scope: [:])], [.code("a", scope: ["x": 1])], [.code("b", scope: [:])],
    [.maxKey],
  ]

  static func decimal(_ text: String) -> Value { Decimal128(text).map { .decimal($0) } ?? nil }

  @Test(arguments: ladder.indices) func sortsAsMongoDB(_ index: Int) {
    for value in Self.ladder[index] {
      for (other, row) in Self.ladder.enumerated() {
        let expected = (index - other).signum()
        for candidate in row {
          #expect(Value.order(value, candidate) == expected, "\(value) and \(candidate)")
          #expect(Value.equals(value, candidate) == (expected == 0))
        }
      }
    }
  }

  @Test func bytesAndElementsAreTheSame() throws {
    let document: Document = ["a": [1, ["b": .int64(2)]], "c": nil]
    let read = try Document(bson: document.encoded())
    #expect(Value.equals(.document(read), .document(document)))
    #expect(Document.order(read, ["a": [1, ["b": 3]]]) == -1)
  }

  @Test(
    arguments: [
      (nil, "null", 10), (true, "bool", 8), (1, "int", 16), (.int64(1), "long", 18),
      (1.5, "double", 1), (.decimal(.zero), "decimal", 19), ("a", "string", 2), ([:], "object", 3),
      ([], "array", 4), (.binary(Binary([])), "binData", 5), (.undefined, "undefined", 6),
      (.objectID(ObjectID()), "objectId", 7), (.date(.now), "date", 9),
      (.regex(RegularExpression("")), "regex", 11),
      (.dbPointer(namespace: "", id: ObjectID()), "dbPointer", 12),
      (.code("", scope: nil), "javascript", 13), (.symbol(""), "symbol", 14),
      (.code("", scope: [:]), "javascriptWithScope", 15),
      (.timestamp(Timestamp(seconds: 0, increment: 0)), "timestamp", 17), (.minKey, "minKey", -1),
      (.maxKey, "maxKey", 127),
    ] as [(Value, String, Int)])
  func namesTypesAsMongoDB(_ value: Value, _ name: String, _ number: Int) {
    #expect(value.typeName == name)
    #expect(value.typeNumber == number)
  }
}

import Testing

@testable import PrivataCore

@Suite struct ValueTests {
  /// A value and what each accessor makes of it.
  struct Case: Sendable {
    var value: Value
    var int: Int?
    var double: Double?
    var string: String?
    var bool: Bool?
  }

  @Test(arguments: [
    Case(value: .int32(-5), int: -5, double: -5),
    Case(value: .int64(1 << 40), int: 1 << 40, double: 0x1p40),
    Case(value: .double(3), int: 3, double: 3), Case(value: .double(3.5), double: 3.5),
    Case(value: .double(1e30), double: 1e30), Case(value: .string("5"), string: "5"),
    Case(value: .bool(true), bool: true), Case(value: .null), Case(value: .undefined),
    Case(value: .decimal(.zero)), Case(value: .symbol("s")), Case(value: .minKey),
  ])
  func accessorsTakeTheirTypeAlone(_ one: Case) {
    #expect(one.value.asInt == one.int)
    #expect(one.value.asDouble == one.double)
    #expect(one.value.asString == one.string)
    #expect(one.value.asBool == one.bool)
    #expect(one.value.asDocument == nil && one.value.asArray == nil && one.value.asObjectID == nil)
    #expect(one.value.isNull == [.null, .undefined].contains(one.value))
  }

  @Test func accessorsOfContainers() {
    let id = ObjectID(high: 1, low: 2)
    #expect(Value.document(["a": 1]).asDocument == ["a": 1])
    #expect(Value.array([1]).asArray == [1])
    #expect(Value.objectID(id).asObjectID == id)
  }

  @Test func literalsChooseTheNaturalType() {
    #expect((nil as Value) == .null)
    #expect((true as Value) == .bool(true))
    #expect((1 as Value) == .int32(1))
    #expect((2_147_483_648 as Value) == .int64(2_147_483_648))
    #expect((1.0 as Value) == .double(1))
    #expect(("a\(1)" as Value) == .string("a1"))
    #expect(([1, "a", nil] as Value) == .array([.int32(1), .string("a"), .null]))
    #expect((["a": ["b": []]] as Value) == .document(["a": .document(["b": .array([])])]))
  }

  @Test(arguments: [
    (1.0, Value.int32(1)), (-2_147_483_648, .int32(.min)), (2_147_483_648, .double(2_147_483_648)),
    (0.5, .double(0.5)), (.infinity, .double(.infinity)),
  ])
  func numbersAreThoseOfJavaScript(_ number: Double, _ value: Value) {
    #expect(Value.number(number) == value)
  }

  @Test(arguments: [
    (0, Value.int32(0)), (Int(Int32.max), .int32(.max)), (Int(Int32.max) + 1, .int64(1 << 31)),
  ])
  func integersAreAsSmallAsTheyFit(_ number: Int, _ value: Value) {
    #expect(Value.int(number) == value)
  }

  @Test func equalityIsExactAndHashesAgree() {
    #expect(Value.int32(1) != .double(1))
    #expect(Value.int32(1) != .int64(1))
    #expect(Value.decimal(Decimal128("1.0")!) != .decimal(Decimal128("1.00")!))
    #expect(Value.document(["a": 1, "b": 2]) != .document(["b": 2, "a": 1]))
    // But for canonically equivalent texts, which Swift takes for the same.
    #expect(Value.string("e\u{301}") == .string("\u{E9}"))
    let all = ValueOrderTests.ladder.joined().filter { $0 != "\u{E9}" }
    #expect(Set(all).count == all.count)
  }

  @Test func regularExpressionsSortTheirOptions() {
    #expect(RegularExpression("a", options: "xim") == RegularExpression("a", options: "imx"))
  }

  @Test func timestampsOrderBySecondsThenIncrement() {
    let early = Timestamp(seconds: 1, increment: 9)
    let late = Timestamp(seconds: 2, increment: 0)
    #expect(early < late)
    #expect(Timestamp(seconds: 2, increment: 0) < Timestamp(seconds: 2, increment: 1))
  }
}

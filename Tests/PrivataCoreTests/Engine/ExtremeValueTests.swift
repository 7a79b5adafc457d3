import Testing

@testable import PrivataCore

/// Every operator with the most unlikely operands there are: each answers or refuses, none traps.
@Suite(.serialized) struct ExtremeValueTests {
  static let values: [Value] = [
    .null, .undefined, .minKey, .maxKey, .bool(true), .int32(.min), .int32(.max), .int32(-1),
    .int32(0),
    .int32(1), .int64(.min), .int64(.max), .double(.nan), .double(.infinity), .double(-.infinity),
    .double(-.greatestFiniteMagnitude), .double(.leastNonzeroMagnitude), .double(-0.0),
    .double(0x1p63),
    .decimal(.nan), .decimal(.infinity), .decimal(-.infinity), .decimal(.zero),
    .decimal(Decimal128(high: 0x5FFE_D09B_EAD8_7C03, low: 0x78D8_E63F_FFFF_FFFF)),
    .decimal(Decimal128(high: 0, low: 1)), .decimal(Decimal128(high: .max, low: .max)), .string(""),
    .string("\0"), .string("e\u{301}\u{1F600}"), .string("9223372036854775808"), .string("$"),
    .string("UTC"),
    .string("year"), .string("week"), .string("millisecond"), .symbol(""),
    .date(DateTime(milliseconds: .min)),
    .date(DateTime(milliseconds: .max)), .date(DateTime(milliseconds: 0)),
    .timestamp(Timestamp(seconds: .max, increment: .max)), .binary(Binary([])),
    .binary(Binary([UInt8](repeating: 255, count: 20))), .regex(RegularExpression("(")),
    .regex(RegularExpression("")), .objectID(ObjectID(high: .max, low: .max)), .array([]),
    .array([.int64(.min)]),
    .array([.array([.string("k"), .int32(1)])]), .array([.double(.nan), .null, .string("x")]),
    .document([:]),
    .document(["k": "a", "v": 1]), .document(["": .int64(.min)]), .code("f", scope: [:]),
    .dbPointer(namespace: "", id: ObjectID(high: 0, low: 0)),
  ]

  private static func literal(_ value: Value) -> Value { ["$literal": value] }

  private func evaluate(_ expression: Value, _ root: Document = [:]) {
    do throws(PrivataError) { _ = try Expression(expression).evaluate(root) } catch {
      #expect(!error.message.isEmpty)
    }
  }

  @Test(arguments: ExpressionCompiler.operators.keys.sorted())
  func operatorsOfOneOperand(_ name: String) {
    for value in Self.values {
      evaluate(.document(Document([.init(key: name, value: value)])))
      evaluate(.document(Document([.init(key: name, value: Self.literal(value))])))
      evaluate(.document(Document([.init(key: name, value: .array([Self.literal(value)]))])))
    }
  }

  @Test(arguments: ExpressionCompiler.operators.keys.sorted())
  func operatorsOfTwoAndMoreOperands(_ name: String) {
    for (index, a) in Self.values.enumerated() {
      // Each with a third of the others, so that all pairs of kinds meet.
      for b in Self.values[(index % 3)...].enumerated().filter({ $0.offset % 3 == 0 }).map(
        \.element)
      {
        let pair = [Self.literal(a), Self.literal(b)]
        evaluate(.document(Document([.init(key: name, value: .array(pair))])))
      }
    }
    var random = SeededRandom(5)
    for count in [3, 4] {
      for _ in 0..<100 {
        let operands = (0..<count).map { _ in
          Self.literal(Self.values.randomElement(using: &random) ?? .null)
        }
        evaluate(.document(Document([.init(key: name, value: .array(operands))])))
      }
    }
  }

  /// Operators that name their operands, with those names.
  static let named: [(String, [String])] = [
    ("$dateAdd", ["startDate", "unit", "amount", "timezone"]),
    ("$dateSubtract", ["startDate", "unit", "amount", "timezone"]),
    ("$dateDiff", ["startDate", "endDate", "unit", "timezone", "startOfWeek"]),
    ("$dateTrunc", ["date", "unit", "binSize", "timezone", "startOfWeek"]),
    (
      "$dateFromParts",
      ["year", "month", "day", "hour", "minute", "second", "millisecond", "timezone"]
    ),
    (
      "$dateFromParts", ["isoWeekYear", "isoWeek", "isoDayOfWeek", "hour", "second", "millisecond"]
    ),
    ("$dateToParts", ["date", "timezone", "iso8601"]),
    ("$dateToString", ["date", "format", "timezone"]),
    ("$dateFromString", ["dateString", "format", "timezone"]), ("$year", ["date", "timezone"]),
    ("$isoWeek", ["date", "timezone"]), ("$convert", ["input", "to"]),
    ("$trim", ["input", "chars"]),
    ("$regexFind", ["input", "regex", "options"]), ("$regexFindAll", ["input", "regex"]),
    ("$filter", ["input", "cond", "limit"]), ("$map", ["input", "in"]),
    ("$reduce", ["input", "initialValue", "in"]),
    ("$zip", ["inputs", "defaults", "useLongestLength"]),
    ("$sortArray", ["input", "sortBy"]), ("$firstN", ["n", "input"]), ("$maxN", ["n", "input"]),
    ("$getField", ["field", "input"]), ("$setField", ["field", "input", "value"]),
    ("$replaceAll", ["input", "find", "replacement"]), ("$switch", ["branches", "default"]),
    ("$let", ["vars", "in"]), ("$cond", ["if", "then", "else"]),
  ]

  /// What brings such operators far enough to compute.
  static let likely: [Value] = [
    .date(DateTime(milliseconds: .min)), .date(DateTime(milliseconds: .max)),
    .date(DateTime(milliseconds: 0)),
    "year", "quarter", "month", "week", "day", "hour", "second", "millisecond", "UTC", "+23:59",
    "-2359",
    "America/New_York", "monday", "%Y-%m-%dT%H:%M:%S.%L%z %G %V %u %j", .int64(.max), .int64(.min),
    1, 9999,
    .int32(-32768), .int32(32767), .double(1e15), true, [1, 2], "long", "decimal", "a",
    ["n": .int64(.min)],
  ]

  @Test(arguments: named.indices) func operatorsWithNamedOperands(_ index: Int) {
    let (name, operands) = Self.named[index]
    var random = SeededRandom(UInt64(index) + 1)
    for round in 0..<1500 {
      var call = Document()
      for operand in operands where round < 500 || Int.random(in: 0..<4, using: &random) > 0 {
        let pool = Bool.random(using: &random) ? Self.likely : Self.values
        call.append(operand, Self.literal(pool.randomElement(using: &random) ?? .null))
      }
      evaluate(.document(Document([.init(key: name, value: .document(call))])))
    }
  }

  @Test(arguments: UpdateOperation.names.sorted()) func updates(_ name: String) {
    for operand in Self.values {
      for subject in Self.values {
        update([name: ["a": operand]], ["_id": 1, "a": subject])
      }
      update([name: operand], ["_id": 1])
    }
    var random = SeededRandom(9)
    for _ in 0..<500 {
      var clause: Document = ["$each": .array(random.pick(Self.values, 3))]
      for key in ["$slice", "$position", "$sort"] where Bool.random(using: &random) {
        clause.append(key, Self.values.randomElement(using: &random) ?? .null)
      }
      update(
        [name: ["a": .document(clause)]], ["_id": 1, "a": .array(random.pick(Self.values, 4))])
      let path =
        ["a.0", "a.9223372036854775807", "a.-1", "a.$[]", "a.$", "a.b.c"].randomElement(
          using: &random) ?? "a"
      update(
        [name: .document([path: Self.values.randomElement(using: &random) ?? .null])],
        ["_id": 1, "a": .array(random.pick(Self.values, 2))])
    }
  }

  private func update(_ operators: Document, _ subject: Document) {
    do throws(PrivataError) {
      let updater = try DocumentUpdater(.operators(operators))
      let matcher = try DocumentMatcher(["_id": 1])
      _ = try updater.apply(to: subject, matching: matcher)
    } catch { #expect(!error.message.isEmpty) }
  }

  @Test func typedAssignments() {
    let operations: [Assignment.Operation] = [
      .set, .increment, .decrement, .multiply, .divide, .push, .unset,
    ]
    for operation in operations {
      for operand in Self.values {
        for subject in Self.values {
          do throws(PrivataError) {
            _ = try DocumentUpdater(.assign([Assignment("a", operand, operation)])).apply(
              to: ["_id": 1, "a": subject])
          } catch { #expect([.wrongType, .rejectedByStore].contains(error.code)) }
        }
      }
    }
  }

  @Test func filters() throws {
    let names = [
      "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$not", "$exists", "$type", "$mod",
      "$size",
      "$all", "$elemMatch", "$regex", "$options", "$bitsAllSet", "$bitsAnySet", "$bitsAllClear",
      "$bitsAnyClear",
      "$jsonSchema", "$expr", "$and", "$or", "$nor", "$text", "$where", "$comment", "$sampleRate",
      "$geoWithin", "$near", "$rand",
    ]
    for name in names {
      for operand in Self.values {
        let inner = Document([.init(key: name, value: operand)])
        for filter in [inner, ["a": .document(inner)], ["a": [name: [operand, operand]]]]
          as [Document]
        {
          guard let matcher = try? DocumentMatcher(filter) else { continue }
          for subject in Self.values { _ = try? matcher.matches(["a": subject]) }
        }
      }
    }
  }

  @Test func projectionsAndSorts() {
    for operand in Self.values {
      for projection in [
        ["a": operand], ["a": ["$slice": operand]], ["a": ["$slice": [operand, operand]]],
        ["a": ["$elemMatch": operand]], ["a": ["b": operand]], ["a.$": operand],
      ] as [Document] {
        guard let projector = try? DocumentProjector(.document(projection), filter: ["a": 1]) else {
          continue
        }
        for subject in Self.values { _ = try? projector.project(["_id": 1, "a": subject]) }
      }
    }
    let documents = Self.values.map { ["a": $0, "b": [$0, $0]] as Document }
    for path in ["a", "b", "a.b", "b.0", "b.9223372036854775807"] {
      #expect((try? DocumentSorter([SortKey(path)]).sorted(documents).count) == documents.count)
    }
  }

  @Test(arguments: PipelineStageNames.all.sorted()) func stages(_ name: String) async {
    let documents = Self.values.enumerated().map {
      ["_id": .int($0.offset), "a": $0.element] as Document
    }
    var operands = Self.values
    for value in Self.values {
      let built: [Value] = [
        ["path": "$a", "includeArrayIndex": value], ["_id": value],
        ["_id": "$a", "n": ["$sum": value]],
        ["_id": nil, "n": ["$firstN": ["n": value, "input": "$a"]]], ["a": value], ["size": value],
        ["groupBy": "$a", "boundaries": [value, value]], ["groupBy": "$a", "buckets": value],
        ["groupBy": "$a", "boundaries": [0, 10], "default": value], ["newRoot": value],
      ]
      operands.append(contentsOf: built)
    }
    for operand in operands {
      guard let pipeline = try? Pipeline([Document([.init(key: name, value: operand)])]) else {
        continue
      }
      _ = try? await pipeline.run(documents) { _ in documents }
    }
  }
}

extension SeededRandom {
  /// Some of the values, each perhaps more than once.
  fileprivate mutating func pick(_ values: [Value], _ most: Int) -> [Value] {
    (0..<Int.random(in: 0...most, using: &self)).map { _ in
      values.randomElement(using: &self) ?? .null
    }
  }
}

import Testing

@testable import PrivataCore

@Suite struct FilterMatcherTests {
  static let record: Document = [
    "n": 5, "s": "Ada Lovelace", "z": nil, "tags": ["a", "b"], "m": 7, "e": [],
  ]

  /// True, false, or neither, told by a filter and its negation.
  private func truth(_ filter: Filter) throws -> Bool? {
    let holds = try FilterMatcher(filter).matches(Self.record)
    let fails = try FilterMatcher(.not(filter)).matches(Self.record)
    return holds ? true : fails ? false : nil
  }

  @Test(
    arguments: [
      (.all, true), (.none, false), (.compare("n", .equal, 5), true),
      (.compare("n", .equal, .double(5)), true), (.compare("n", .notEqual, 5), false),
      (.compare("n", .less, 6), true), (.compare("n", .lessOrEqual, 5), true),
      (.compare("n", .greater, 5), false), (.compare("n", .greaterOrEqual, 6), false),
      (.compare("z", .equal, 5), nil), (.compare("x", .less, 5), nil),
      (.compare("n", .less, nil), nil),
      (.compareFields("n", .less, "m"), true), (.compareFields("n", .less, "z"), nil),
      (.isIn("n", [4, 5]), true), (.isIn("n", [4]), false), (.isIn("n", [4, nil]), nil),
      (.isIn("n", []), false), (.isIn("z", [5]), nil), (.isNotIn("n", [4]), true),
      (.isNotIn("n", [5]), false), (.isNotIn("z", [5]), nil), (.isNull("z"), true),
      (.isNull("x"), true), (.isNull("n"), false), (.isNotNull("n"), true),
      (.list("tags", .hasEvery, ["a", "b"]), true), (.list("tags", .hasEvery, ["a", "c"]), false),
      (.list("tags", .hasSome, ["c", "b"]), true), (.list("tags", .isEmpty, []), false),
      (.list("e", .isEmpty, []), true), (.list("tags", .isNotEmpty, []), true),
      (.list("tags", .equals, ["a", "b"]), true), (.list("tags", .equals, ["b", "a"]), false),
      (.list("n", .isEmpty, []), nil), (.document(["tags": "a"]), true),
      (.document(["x": nil]), true),
      (.and([]), true), (.or([]), false), (.and([.isNull("z"), .compare("z", .equal, 1)]), nil),
      (.and([.none, .compare("z", .equal, 1)]), false),
      (.or([.all, .compare("z", .equal, 1)]), true),
      (.or([.none, .compare("z", .equal, 1)]), nil), (.not(.compare("z", .equal, 1)), nil),
    ] as [(Filter, Bool?)])
  func answersWithThreeValues(_ filter: Filter, _ wanted: Bool?) throws {
    #expect(try truth(filter) == wanted)
  }

  @Test(
    arguments: [
      (.contains, "Love", false, true), (.contains, "love", false, false),
      (.contains, "love", true, true), (.contains, "", false, true),
      (.startsWith, "Ada", false, true),
      (.startsWith, "ada", true, true), (.startsWith, "Love", false, false),
      (.endsWith, "lace", false, true), (.endsWith, "LACE", true, true),
      (.endsWith, "Ada", false, false),
      (.like, "Ada%", false, true), (.like, "%Love%", false, true), (.like, "A_a L%e", false, true),
      (.like, "ada%", false, false), (.like, "ada%", true, true), (.like, "%", false, true),
      (.like, "Ada", false, false), (.like, "Ada Lovelace_", false, false),
      (.like, "%%_ovelac_", false, true), (.like, "", false, false), (.like, "\\Ada%", false, true),
    ] as [(Filter.TextMatch, String, Bool, Bool)])
  func findsTexts(
    _ match: Filter.TextMatch, _ text: String, _ ignoringCase: Bool, _ wanted: Bool
  ) throws {
    #expect(try truth(.text("s", match, text, ignoringCase: ignoringCase)) == wanted)
    #expect(try truth(.text("n", match, text, ignoringCase: ignoringCase)) == nil)
  }

  @Test(arguments: [
    ("100%", "100\\%", true), ("1000", "100\\%", false), ("a_b", "a\\_b", true),
    ("axb", "a\\_b", false), ("a\\", "a\\", true), ("a\\b", "a\\\\b", true),
    // One letter with a mark is two of Unicode's characters, as Postgres and SQLite count.
    ("e\u{301}", "__", true), ("e\u{301}", "_", false), ("é", "_", true), ("", "%", true),
    ("", "_", false), ("abcabd", "%ab_", true), ("aaaa", "%a_a", true),
  ])
  func likeTakesItsPatternAsServersDo(_ text: String, _ pattern: String, _ wanted: Bool) throws {
    let matcher = try FilterMatcher(.text("s", .like, pattern, ignoringCase: false))
    #expect(try matcher.matches(["s": .string(text)]) == wanted)
  }

  @Test func aPatternOfManyWildcardsIsQuick() throws {
    let pattern = String(repeating: "%a", count: 40) + "b"
    let matcher = try FilterMatcher(.text("s", .like, pattern, ignoringCase: false))
    let text = Value.string(String(repeating: "a", count: 4000))
    var isFound = true
    let duration = try ContinuousClock().measure { isFound = try matcher.matches(["s": text]) }
    #expect(!isFound)
    #expect(duration < .seconds(20))
  }

  @Test func aClosedModelKnowsItsFields() throws {
    let closed = ModelSchema(name: "M", collection: "m", fields: [.init("a", .string)])
    let error = #expect(throws: PrivataError.self) {
      try FilterMatcher(.and([.isNull("a"), .not(.isNull("b"))]), model: closed)
    }
    #expect(error?.code == .unknownField)
    #expect(error?.fields == ["b"])
    #expect(error?.model == "M")
    let open = ModelSchema(
      name: "M", collection: "m", fields: [.init("a", .string)], isOpen: true)
    #expect(try FilterMatcher(.isNull("b"), model: open).matches([:]))
  }

  @Test func collationReachesTypedConditions() throws {
    let matcher = try FilterMatcher(
      .compare("s", .equal, "ada"), collation: ["locale": "en", "strength": 2])
    #expect(try matcher.matches(["s": "ADA"]))
  }

  @Test func itsMongoDBPartIsFound() throws {
    let found = try FilterMatcher.documentMatcher(
      .and([.isNull("a"), .document(["b": 1])]), model: nil, collation: nil)
    #expect(try found?.matches(["b": 1]) == true)
    #expect(try FilterMatcher.documentMatcher(.and([.all]), model: nil, collation: nil) == nil)
    #expect(try FilterMatcher.documentMatcher(.all, model: nil, collation: nil) == nil)
  }
}

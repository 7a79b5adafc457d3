import MongoStyle
import PrivataCore
import Testing

/// A rule with values: the kinds of the errors that they cause.
struct RuleCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var path: SchemaPath
  var given: Value
  var kind: String?

  init(_ name: String, _ path: SchemaPath, _ given: Value, _ kind: String?) {
    (testDescription, self.path, self.given, self.kind) = (name, path, given, kind)
  }
}

@Suite struct ValidationTests {
  static let rules: [RuleCase] = [
    RuleCase("required missing", .string(.required), .undefined, "required"),
    RuleCase("required null", .string(.required), .null, "required"),
    RuleCase("required empty", .string(.required), "", "required"),
    RuleCase("required given", .string(.required), "a", nil),
    RuleCase("required false", .boolean(.required), false, nil),
    RuleCase("required zero", .number(.required), 0, nil),
    RuleCase("required empty list", .array(of: .string, .required), [], nil),
    RuleCase("min below", .number(.min(3)), 2, "min"),
    RuleCase("min at", .number(.min(3)), 3, nil),
    RuleCase("min null", .number(.min(3)), .null, nil),
    RuleCase("max above", .number(.max(3)), 4, "max"),
    RuleCase("min of dates", .date(.min("2020-01-01")), "2019-01-01", "min"),
    RuleCase("minlength", .string(.minLength(3)), "ab", "minlength"),
    RuleCase("maxlength", .string(.maxLength(3)), "abcd", "maxlength"),
    RuleCase("length in UTF-16 units", .string(.maxLength(1)), "😀", "maxlength"),
    RuleCase("enum", .string(.enum(["a", "b"])), "c", "enum"),
    RuleCase("enum member", .string(.enum(["a", "b"])), "b", nil),
    RuleCase("enum null", .string(.enum(["a", "b"])), .null, nil),
    RuleCase("enum after setters", .string(.lowercase, .enum(["a"])), "A", nil),
    RuleCase("enum of elements", .array(of: .string, .enum(["a"])), ["a", "x"], "enum"),
    RuleCase("match", .string(.match("^a")), "b", "regexp"),
    RuleCase("match empty", .string(.match("^a")), "", nil),
    RuleCase("not null", .string(.notNull), .null, "allowNull"),
    RuleCase("own rule", .number(.validate { value, _ in value == 4 }), 5, "user defined"),
    RuleCase("own kind", .number(.validate("m", kind: "odd") { _, _ in false }), 5, "odd"),
    RuleCase("own rule throws", .number(.validate { _, _ in throw Refused() }), 5, "user defined"),
    RuleCase("own rule waits", .number(.validateAsync { _, _ in false }), 5, "user defined"),
    RuleCase("own rule skips missing", .number(.validate { _, _ in false }), .undefined, nil),
  ]

  @Test(arguments: rules)
  func ofPaths(_ rule: RuleCase) async throws {
    let model = try memory().model("Thing", ["p": rule.path])
    let error = await thrown { try await model(["p": rule.given]).validate() }
    let invalid = error?.style(ValidationError.self)
    let found = invalid?.errors.first { $0.path.hasPrefix("p") }?.error as? ValidatorError
    #expect(found?.kind == rule.kind)
  }

  @Test(arguments: rules.filter { $0.kind != "required" && $0.given != .undefined })
  func ofUpdates(_ rule: RuleCase) async throws {
    let model = try memory(.standard).model("Thing", ["p": rule.path])
    let id = try await model.create(
      Document(), options: SaveOptions { $0.validateBeforeSave = false }
    )._id
    let error = await thrown {
      try await model.updateOne(["_id": id], ["$set": ["p": rule.given]]).exec()
    }
    #expect((error?.style(ValidationError.self) != nil) == (rule.kind != nil))
  }

  @Test func conditionsAndMessages() async throws {
    let model = try memory().model(
      "Thing",
      [
        "kind": .string,
        "guardian": .string(.required(if: { $0.value("kind") == "minor" }, "needs {PATH}")),
        "size": .number(.min(3, message: "{VALUE} is below {MIN}")),
      ])
    let error = await thrown { try await model(["kind": "minor", "size": 1]).validate() }
    let invalid = error?.style(ValidationError.self)
    #expect(invalid?["guardian"]?.message == "needs guardian")
    #expect(invalid?["size"]?.message == "1 is below 3")
    try await model(["kind": "adult"]).validate()
  }

  @Test func ownTextsHoldNoValues() async throws {
    let model = try memory().model("Thing", ["n": .number(.min(3)), "s": .string(.enum(["a"]))])
    let error = await thrown { try await model(["n": 1, "s": "secret-value"]).validate() }
    #expect("\(String(describing: error))".contains("secret-value") == false)
    #expect((error as? PrivataError)?.message.contains("secret-value") == false)
    #expect(error?.privataCode == .validation)
    #expect(error?.style(ValidationError.self)?.model == "Thing")
  }

  @Test func subdocumentsUnderFullPaths() async throws {
    let inner: Schema = ["k": .number(.required, .max(5))]
    let model = try memory().model(
      "Thing",
      ["rows": [.document(inner)], "one": .document(inner), "byKey": .map(of: .document(inner))])
    let error = await thrown {
      try await model([
        "rows": [["k": 1], ["k": 9], [:]], "one": ["k": 9], "byKey": ["a": ["k": 9]],
      ]).validate()
    }
    let paths = Set(error?.style(ValidationError.self)?.paths ?? [])
    #expect(paths.isSuperset(of: ["rows.1.k", "rows.2.k", "one.k", "byKey.a.k"]))
    #expect(paths.contains("rows.0.k") == false)
  }

  @Test func someOfThePaths() async throws {
    let model = try memory().model("Thing", ["a": .number(.max(1)), "b": .number(.max(1))])
    let document = try model(["a": 5, "b": 5])
    let only = await thrown { try await document.validate(.init { $0.paths = ["a"] }) }
    #expect(only?.style(ValidationError.self)?.paths == ["a"])
    let rest = await thrown { try await document.validate(.init { $0.pathsToSkip = ["a"] }) }
    #expect(rest?.style(ValidationError.self)?.paths == ["b"])
    #expect(document.validateSync()?.paths == ["a", "b"])
  }

  @Test func modifiedOnly() async throws {
    let model = try memory().model("Thing", ["a": .number(.max(1)), "b": .number])
    _ = try await model.insertMany(
      [["a": 9, "b": 1]], options: InsertManyOptions { $0.lean = true })
    let document = try await model.findOne().orFail().exec()
    document["b"] = 2
    #expect(await thrown { try await document.save() }?.mongoName == "ValidationError")
    try await document.save(SaveOptions { $0.validateModifiedOnly = true })
    document["a"] = 10
    try await document.save(SaveOptions { $0.validateBeforeSave = false })
    #expect(try await model.findOne().exec()?["a"] == 10)
  }

  @Test func errorsByHand() async throws {
    let model = try memory().model("Thing", ["size": .number])
    let document = try model(["size": 14])
    document.invalidate("size", "too big", value: 14, kind: "own")
    #expect(document.isValid("size") == false)
    let error = await thrown { try await document.validate() }
    let found = error?.style(ValidationError.self)?["size"] as? ValidatorError
    #expect(found?.kind == "own")
    #expect(found?.message == "too big")
    document.invalidate("size", "again")
    document.markValid("size")
    #expect(document.isValid())
    try await document.validate()
  }

  @Test func castErrorsBlockAndClear() async throws {
    let model = try memory().model("Thing", ["n": .number(.required)])
    let document = try model(["n": "x"])
    for _ in 0..<2 {
      let error = await thrown { try await document.validate() }
      #expect(error?.style(ValidationError.self)?["n"] is CastError)
    }
    document["n"] = 1
    try await document.validate()
  }
}

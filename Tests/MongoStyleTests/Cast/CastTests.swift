import MongoStyle
import PrivataCore
import Testing

private let hex = "60a000000000000000000001"
private let objectID = ObjectID("60a000000000000000000001") ?? ObjectID()

/// A path's type with a value, and what becomes of it: the cast value, or the kind of the error.
struct CastCase: Sendable, CustomTestStringConvertible {
  var type: SchemaPath
  var given: Value
  var expected: Value?
  var kind: String?
  var name: String

  init(_ name: String, _ type: SchemaPath, _ given: Value, _ expected: Value) {
    (self.name, self.type, self.given, self.expected) = (name, type, given, expected)
  }

  init(_ name: String, _ type: SchemaPath, _ given: Value, fails kind: String) {
    (self.name, self.type, self.given, self.kind) = (name, type, given, kind)
  }

  var testDescription: String { name }
}

@Suite struct CastTests {
  static let casts: [CastCase] = [
    CastCase("string of number", .string, 12, "12"),
    CastCase("string of bool", .string, true, "true"),
    CastCase("string of id", .string, .objectID(objectID), .string(hex)),
    CastCase("string of document with text id", .string, ["_id": "x"], "x"),
    CastCase("string of document", .string, ["a": 1], fails: "string"),
    CastCase("string of list", .string, ["a"], fails: "string"),
    CastCase("string null", .string, .null, .null),
    CastCase("number of text", .number, "42", 42),
    CastCase("number of fraction", .number, "4.5", 4.5),
    CastCase("number of exponent", .number, "1e3", 1000),
    CastCase("number of true", .number, true, 1),
    CastCase("number of empty text", .number, "", .null),
    CastCase("number of letters", .number, "x", fails: "Number"),
    CastCase("number beyond 32 bits", .number, "4294967296", .double(4_294_967_296)),
    CastCase("number of document", .number, ["a": 1], fails: "Number"),
    CastCase("boolean yes", .boolean, "yes", true),
    CastCase("boolean 1", .boolean, 1, true),
    CastCase("boolean no", .boolean, "no", false),
    CastCase("boolean 0", .boolean, "0", false),
    CastCase("boolean 2", .boolean, 2, fails: "Boolean"),
    CastCase("boolean TRUE", .boolean, "TRUE", fails: "Boolean"),
    CastCase(
      "date of ISO", .date, "2020-01-02T03:04:05.006Z",
      .date(DateTime(milliseconds: 1_577_934_245_006))),
    CastCase("date of day", .date, "2020-01-02", .date(DateTime(milliseconds: 1_577_923_200_000))),
    CastCase("date of milliseconds", .date, 1000, .date(DateTime(milliseconds: 1000))),
    CastCase("date of empty text", .date, "", .null),
    CastCase("date of letters", .date, "soon", fails: "date"),
    CastCase("date of bool", .date, true, fails: "date"),
    CastCase("id of text", .objectID, .string(hex), .objectID(objectID)),
    CastCase("id of document", .objectID, ["_id": .string(hex)], .objectID(objectID)),
    CastCase("id of short text", .objectID, "60a0", fails: "ObjectId"),
    CastCase("id of empty text", .objectID, "", fails: "ObjectId"),
    CastCase("decimal of text", .decimal128, "1.50", .decimal(Decimal128("1.50") ?? Decimal128(0))),
    CastCase("decimal of letters", .decimal128, "x", fails: "Decimal128"),
    CastCase("bigint of text", .bigInt, "9007199254740993", .int64(9_007_199_254_740_993)),
    CastCase("bigint of number", .bigInt, 5, .int64(5)),
    CastCase("bigint of letters", .bigInt, "x", fails: "BigInt"),
    CastCase("bigint of fraction", .bigInt, 1.5, fails: "BigInt"),
    CastCase("int32 of text", .int32, "7", .int32(7)),
    CastCase("int32 of fraction", .int32, 1.5, fails: "Int32"),
    CastCase("int32 out of range", .int32, .double(3_000_000_000), fails: "Int32"),
    CastCase("double of whole", .double, 3, .double(3)),
    CastCase("double of letters", .double, "x", fails: "Double"),
    CastCase("buffer of text", .buffer, "ab", .binary(Binary([0x61, 0x62]))),
    CastCase("buffer of bytes", .buffer, [1, 2], .binary(Binary([1, 2]))),
    CastCase("uuid of letters", .uuid, "x", fails: "UUID"),
    CastCase("mixed", .mixed, ["a": [1, "b"]], ["a": [1, "b"]]),
    CastCase("array of scalar", .array(of: .number), "3", [3]),
    CastCase("array of list", .array(of: .number), ["1", 2], [1, 2]),
    CastCase("array with letters", .array(of: .number), ["x"], fails: "[Number]"),
    CastCase("nested arrays", .array(of: .array(of: .number)), [["1"], ["2"]], [[1], [2]]),
    CastCase("map", .map(of: .number), ["k": "4"], ["k": 4]),
    CastCase("lowercase", .string(.lowercase, .trim), " AB ", "ab"),
    CastCase("uppercase", .string(.uppercase), "ab", "AB"),
    CastCase("own setter", .number(.set { .int(($0.asInt ?? 0) + 1) }), 1, 2),
    CastCase("own caster", .string(.cast { _ in "same" }), 9, "same"),
    CastCase("union takes what fits", .union(.number, .boolean), true, true),
    CastCase("union converts", .union(.number, .boolean), "12", 12),
  ]

  @Test(arguments: casts)
  func onAssignment(_ one: CastCase) async throws {
    let model = try memory().model("Thing", ["p": one.type])
    let document = try model(["p": one.given])
    if let expected = one.expected {
      #expect(document.errors == nil)
      #expect(try document.toObject()["p"] ?? .undefined == expected)
    } else {
      let error = document.errors?.errors.first?.error as? CastError
      #expect(error?.kind == one.kind)
      #expect(error?.path.hasPrefix("p") == true)
      let failed = await thrown { try await document.validate() }
      #expect(failed?.style(ValidationError.self) != nil)
    }
  }

  @Test(arguments: casts.filter { $0.expected != .null })
  func inUpdates(_ one: CastCase) async throws {
    let model = try memory().model("Thing", ["p": one.type])
    let id = try await model.create(Document())._id
    let error = await thrown {
      _ = try await model.updateOne(["_id": id], ["$set": ["p": one.given]]).exec()
    }
    guard let expected = one.expected else {
      #expect(error?.style(CastError.self) != nil)
      return
    }
    #expect(error == nil)
    #expect(try await model.findById(id).lean().exec()?["p"] == expected)
  }

  @Test func errorsNameTypeAndPathButNoValue() async throws {
    let model = try memory().model("Thing", ["age": .number])
    let error = await thrown { _ = try await model.find(["age": "forty-two"]).exec() }
    let cast = error?.style(CastError.self)
    #expect(cast?.kind == "Number")
    #expect(cast?.path == "age")
    #expect(cast?.valueType == "string")
    #expect(cast?.value.revealed == "forty-two")
    #expect("\(String(describing: error))".contains("forty-two") == false)
    #expect(error?.privataCode == .wrongType)
  }

  @Test func castCanBeSwitchedOff() async throws {
    var options = PathOptions()
    options.isCast = false
    options.castMessage = "{PATH} is no {KIND}"
    let model = try memory().model("Thing", Schema([.init("n", SchemaPath(.number, options))]))
    let error = await thrown { try await model.create(["n": "1"]) }
    #expect(error?.style(ValidationError.self)?["n"]?.message == "n is no Number")
  }

  @Test func plainHelpers() async throws {
    let model = try memory().model(
      "Thing",
      Schema(
        [
          "n": .number(.min(1)), "s": .string(.default("d"), .alias("text")), "inner": ["k": .date],
        ],
        options: .timestamps))
    #expect(try model.castObject(["n": "2", "x": 1]) == ["n": 2])
    let failed = await thrown { _ = try model.castObject(["n": "x"]) }
    #expect(failed?.style(ValidationError.self)?["n"] is CastError)
    #expect(try model.castObject(["n": "x", "s": 1], ignoringCastErrors: true) == ["s": "1"])
    #expect(try await model.validate(["n": "3"])["n"] == 3)
    let invalid = await thrown { _ = try await model.validate(["n": 0]) }
    #expect(invalid?.style(ValidationError.self)?.paths == ["n"])
    #expect(try await model.validate(["n": 0], pathsToSkip: ["n"])["n"] == 0)
    #expect(try model.applyDefaults(to: ["n": 1])["s"] == "d")
    #expect(model.translateAliases(["text": "x"]) == ["s": "x"])
    let stamped = model.applyTimestamps(to: ["n": 1])
    #expect(stamped["createdAt"] != nil && stamped["updatedAt"] != nil)
    #expect(model.applyTimestamps(to: ["n": 1], isUpdate: true)["createdAt"] == nil)
  }
}

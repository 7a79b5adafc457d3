import MongoStyle
import PrivataCore
import Testing

@Suite struct OptionsTests {
  private let model: MongoModel

  init() throws {
    model = try memory().model("Thing", ["a": .number, "b": .string(.alias("bee"))])
  }

  /// One option by its name, and whether the settings hold it.
  struct Option: Sendable, CustomTestStringConvertible {
    var name: String
    var value: Value
    var holds: @Sendable (QuerySettings) -> Bool
    var testDescription: String { name }
  }

  static let options: [Option] = [
    Option(name: "limit", value: 3) { $0.limit == 3 },
    Option(name: "skip", value: "2") { $0.skip == 2 },
    Option(name: "collation", value: ["locale": "de"]) { $0.collation == ["locale": "de"] },
    Option(name: "hint", value: "a_1") { $0.hint == "a_1" },
    Option(name: "comment", value: "c") { $0.comment == "c" },
    Option(name: "maxTimeMS", value: 5) { $0.maxTimeMilliseconds == 5 },
    Option(name: "batchSize", value: 7) { $0.batchSize == 7 },
    Option(name: "readPreference", value: "nearest") { $0.readPreference == "nearest" },
    Option(name: "readConcern", value: "majority") { $0.readConcern == "majority" },
    Option(name: "allowDiskUse", value: true) { $0.allowDiskUse == true },
    Option(name: "upsert", value: true) { $0.upsert },
    Option(name: "returnDocument", value: "after") { $0.returnsAfter == true },
    Option(name: "new", value: true) { $0.returnsAfter == true },
    Option(name: "returnOriginal", value: false) { $0.returnsAfter == true },
    Option(name: "includeResultMetadata", value: true) { $0.includesMetadata },
    Option(name: "runValidators", value: true) { $0.runValidators == true },
    Option(name: "setDefaultsOnInsert", value: false) { $0.setDefaultsOnInsert == false },
    Option(name: "arrayFilters", value: [["i.a": 1]]) { $0.arrayFilters == [["i.a": 1]] },
    Option(name: "strict", value: "throw") { $0.strict == .throw },
    Option(name: "strict", value: false) { $0.strict == .keep },
    Option(name: "strictQuery", value: true) { $0.strictQuery == .drop },
    Option(name: "timestamps", value: false) { $0.timestamps == .off },
    Option(name: "timestamps", value: ["updatedAt": false]) {
      $0.timestamps == TimestampChoice(createdAt: true, updatedAt: false)
    },
    Option(name: "overwriteDiscriminatorKey", value: true) { $0.overwriteDiscriminatorKey },
    Option(name: "overwriteImmutable", value: true) { $0.overwriteImmutable },
    Option(name: "requireFilter", value: true) { $0.requireFilter == true },
    Option(name: "sanitizeFilter", value: true) { $0.sanitizeFilter == true },
    Option(name: "sanitizeProjection", value: true) { $0.sanitizeProjection == true },
    Option(name: "translateAliases", value: true) { $0.translateAliases == true },
    Option(name: "updatePipeline", value: true) { $0.allowsPipeline == true },
    Option(name: "multipleCastError", value: true) { $0.multipleCastError },
    Option(name: "defaults", value: false) { $0.appliesDefaults == false },
    Option(name: "schemaLevelProjections", value: false) { !$0.schemaLevelProjections },
    Option(name: "lean", value: ["versionKey": false]) { $0.lean?.versionKey == false },
    Option(name: "noCursorTimeout", value: true) { $0.more["noCursorTimeout"] == true },
  ]

  @Test(arguments: options)
  func byName(_ option: Option) {
    #expect(option.holds(model.find().setOptions([option.name: option.value]).options))
  }

  @Test func chainMethodsAmongOptions() {
    let query = model.find().setOptions([
      "sort": "-a", "select": "a", "populate": "x", "middleware": false,
    ])
    #expect(query.plan.sort == ["a": -1])
    #expect(query.selected == ["a": 1])
    #expect(query.populatedPaths == ["x"])
    #expect(query.plan.hooks == .none)
  }

  @Test(
    arguments: [
      ("p", "primary"), ("pp", "primaryPreferred"), ("s", "secondary"),
      ("sp", "secondaryPreferred"), ("n", "nearest"), ("nearest", "nearest"),
    ])
  func readPreferences(_ short: String, _ long: String) {
    #expect(model.find().read(short).options.readPreference == long)
  }

  @Test(
    arguments: [
      ("l", "local"), ("a", "available"), ("m", "majority"), ("lz", "linearizable"),
      ("s", "snapshot"),
    ])
  func readConcerns(_ short: String, _ long: String) {
    #expect(model.find().readConcern(short).options.readConcern == long)
  }

  @Test func ofUpdates() {
    let query = model.updateOne([:], [:]).arrayFilters([["i": 1]]).setDefaultsOnInsert(false)
      .overwriteImmutable().overwriteDiscriminatorKey().multipleCastError().upsert()
      .runValidators().timestamps(.off).strict(.throw)
    #expect(query.options.arrayFilters == [["i": 1]])
    #expect(query.options.setDefaultsOnInsert == false)
    #expect(query.options.overwriteImmutable)
    #expect(query.options.overwriteDiscriminatorKey)
    #expect(query.options.multipleCastError)
    #expect(query.options.upsert)
    #expect(query.options.runValidators == true)
    #expect(query.options.timestamps == .off)
    #expect(query.options.strict == .throw)
  }

  @Test func setAddsToTheUpdate() throws {
    let query = model.updateOne([:], ["a": 1]).set("b", "x")
    guard case .document(let update)? = query.update else { throw Refused() }
    #expect(update == ["a": 1, "$set": ["b": "x"]])
    #expect(query.plan.updateValue("b") == "x")
    #expect(query.plan.updateValue("a") == 1)
  }

  @Test func castsItsFilter() throws {
    #expect(try model.find(["a": "3"]).castFilter() == ["a": 3])
    #expect(try model.find(["bee": "x"]).translateAliases().castFilter() == ["b": "x"])
  }

  @Test func defaultsCanBeLeftOut() async throws {
    let model = try memory().model("D", ["n": .number, "d": .string(.default("x"))])
    _ = try await model.insertMany([["n": 1]], options: InsertManyOptions { $0.lean = true })
    #expect(try await model.findOne().exec()?["d"] == "x")
    #expect(try await model.findOne().applyDefaults(false).exec()?["d"] == nil)
  }

  @Test func leanShapes() async throws {
    var schema: Schema = [
      "n": .number, "d": .string(.default("x")),
      "cents": .number(.get { .double(($0.asDouble ?? 0) / 100) }),
      "sub": .document(["k": .number]),
    ]
    schema.virtual("twice", get: { .int(($0["n"]?.asInt ?? 0) * 2) })
    let model = try memory().model("L", schema)
    _ = try await model.insertMany(
      [["n": 2, "__v": 0, "cents": 250, "sub": ["k": 1]]],
      options: InsertManyOptions { $0.lean = true })
    let plain = try await model.findOne().lean().orFail().exec()
    #expect(plain["d"] == nil)
    #expect(plain["cents"] == 250)
    #expect(plain["twice"] == nil)
    let shaped = try await model.findOne().lean(
      LeanOptions {
        $0.versionKey = false
        $0.defaults = true
        $0.virtuals = .only(["twice"])
        $0.getters = true
        $0.transform = { $0["seen"] = true }
      }
    ).orFail().exec()
    #expect(shaped["__v"] == nil)
    #expect(shaped["d"] == "x")
    #expect(shaped["twice"] == 4)
    #expect(shaped["cents"] == 2.5)
    #expect(shaped["seen"] == true)
    #expect(shaped.value_("sub.seen") == true)
    let lean = try memory().model(
      "Always", Schema(["a": .number], options: SchemaOptions { $0.lean = true }))
    try await lean.create(["a": 1])
    if case .plain(let all) = try await lean.find().erased.exec() {
      #expect(all.count == 1)
    } else {
      Issue.record("the schema asks for plain documents")
    }
  }
}

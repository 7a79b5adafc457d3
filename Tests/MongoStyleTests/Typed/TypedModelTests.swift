import MongoStyle
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import PrivataTesting
import Testing

/// What `@Model` writes for a person of the clinic.
private struct Person: Model, Equatable {
  var id: String
  var email: String
  var role: String
  var age: Int?
  var mentor: String?

  struct Fields: Sendable {
    let id = Field<Person, String>("id", at: 0)
    let email = Field<Person, String>("email", at: 1)
    let role = Field<Person, String>("role", at: 2)
    let age = Field<Person, Int?>("age", at: 3)
    let mentor = Field<Person, String?>("mentor", at: 4)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Person", collection: "people",
    fields: [
      FieldSchema("id", .string, isOptional: false),
      FieldSchema("email", .string, isOptional: false, isUnique: true, privacy: .pii),
      FieldSchema("role", .string, isOptional: false, allowed: ["patient", "clinician"]),
      FieldSchema("age", .int64),
      FieldSchema("mentor", .string, reference: Reference("Person")),
    ],
    primaryKey: ["id"])

  init(_ id: String, role: String = "patient", age: Int? = nil, mentor: String? = nil) {
    self.id = id
    email = "\(id)@example.org"
    self.role = role
    self.age = age
    self.mentor = mentor
  }

  init(from row: RowView) throws(PrivataError) {
    id = try row.decode(at: 0)
    email = try row.decode(at: 1)
    role = try row.decode(at: 2)
    age = try row.decode(at: 3)
    mentor = try row.decode(at: 4)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(id)
    row.append(email)
    row.append(role)
    row.append(age)
    row.append(mentor)
  }
}

@Suite struct TypedModelTests {
  private static let people = [
    Person("ada", age: 36, mentor: "grace"), Person("ben", mentor: "nobody"), Person("cy", age: 17),
    Person("grace", role: "clinician", age: 45),
  ]

  private func model() async throws -> (TypedModel<Person>, MongoConnection) {
    let mongo = try await MongoStyle.connect(.sqlite(":memory:"))
    let model = try mongo.model(Person.self)
    #expect(try await model.insertMany(Self.people) == 4)
    return (model, mongo)
  }

  @Test func conditionsAreKeyPaths() async throws {
    let (people, _) = try await model()
    #expect(
      try await people.find(\.role == "patient" && \.age >= 18).exec() == [Self.people[0]])
    #expect(
      try await people.find().sort(.desc(\.id)).skip(1).limit(2).exec().map(\.id) == ["cy", "ben"])
    #expect(
      try await people.find(\.age == nil).where(\.role == "patient").exec().map(\.id) == ["ben"])
    #expect(try await people.findOne(\.email == "cy@example.org").exec()?.age == 17)
    #expect(try await people.findById("grace").orFail().exec().role == "clinician")
    #expect(try await people.findById("nobody").exec() == nil)
    #expect(try await people.exists(\.age > 40).exec())
    #expect(try await !people.exists(\.age > 50).exec())
    #expect(try await people.countDocuments(\.role == "patient").exec() == 3)
    #expect(try await people.find(\.age < 40).sort(.asc(\.id)).countDocuments().exec() == 2)
    #expect(try await people.distinct(\.role).exec().sorted() == ["clinician", "patient"])
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var filter: Document
    var ids: [String]
    var testDescription: String { "\(filter)" }
  }

  static let filters: [Row] = [
    Row(filter: [:], ids: ["ada", "ben", "cy", "grace"]),
    Row(filter: ["_id": "ada"], ids: ["ada"]),
    Row(filter: ["role": "patient", "age": ["$gte": 18]], ids: ["ada"]),
    Row(filter: ["age": "36"], ids: ["ada"]),
    Row(filter: ["age": ["$gt": 17, "$lte": 36]], ids: ["ada"]),
    Row(filter: ["age": ["$lt": 18]], ids: ["cy"]),
    Row(filter: ["age": ["$ne": 17]], ids: ["ada", "ben", "grace"]),
    Row(filter: ["age": ["$in": [17, 45]]], ids: ["cy", "grace"]),
    Row(filter: ["age": ["$in": [17, .null]]], ids: ["ben", "cy"]),
    Row(filter: ["age": ["$nin": [17, 45]]], ids: ["ada", "ben"]),
    Row(filter: ["age": ["$exists": false]], ids: ["ben"]),
    Row(filter: ["age": ["$not": ["$gte": 18]]], ids: ["ben", "cy"]),
    Row(filter: ["age": .null], ids: ["ben"]),
    Row(filter: ["$or": [["id": "ada"], ["role": ["$eq": "clinician"]]]], ids: ["ada", "grace"]),
    Row(filter: ["$nor": [["age": ["$gte": 18]], ["role": "clinician"]]], ids: ["ben", "cy"]),
    Row(filter: ["$and": [["age": ["$gte": 18]], ["mentor": "grace"]]], ids: ["ada"]),
  ]

  @Test(arguments: filters) func filtersAreMongoDBs(_ row: Row) async throws {
    let (people, _) = try await model()
    #expect(try await people.find(row.filter).sort(.asc(\.id)).exec().map(\.id) == row.ids)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var filter: Document
    var code: PrivataError.Code
    var fields: [String]
    var testDescription: String { "\(filter)" }
  }

  static let refusals: [Refusal] = [
    Refusal(filter: ["agee": 1], code: .unknownField, fields: ["agee"]),
    Refusal(filter: ["age": "secret"], code: .wrongType, fields: ["age"]),
    Refusal(filter: ["age": ["$gte": "secret"]], code: .wrongType, fields: ["age"]),
    Refusal(filter: ["age": ["$near": 1]], code: .unknownOperator, fields: ["age"]),
    Refusal(filter: ["age": ["$not": 1]], code: .unknownOperator, fields: ["age"]),
    Refusal(filter: ["age": ["$in": 1]], code: .badArgument, fields: ["age"]),
    Refusal(filter: ["$where": "1"], code: .unknownOperator, fields: []),
    Refusal(filter: ["$or": []], code: .badArgument, fields: []),
    Refusal(filter: ["$or": [1]], code: .badArgument, fields: []),
  ]

  @Test(arguments: refusals) func wrongFiltersNameTheField(_ row: Refusal) async throws {
    let (people, _) = try await model()
    let error = await #expect(throws: PrivataError.self) {
      try await people.find(row.filter).exec()
    }
    #expect(error?.code == row.code)
    #expect(error?.fields == row.fields)
    #expect(error?.message.contains("secret") == false)
  }

  @Test func selectsTuples() async throws {
    let (people, _) = try await model()
    let pairs: [(String, Int?)] = try await people.find(\.role == "patient").sort(.asc(\.id))
      .select(\.id, \.age).exec()
    #expect(pairs.map(\.0) == ["ada", "ben", "cy"])
    #expect(pairs.map(\.1) == [36, nil, 17])
  }

  @Test func populatesInTwoStatements() async throws {
    let (people, _) = try await model()
    let pairs = try await people.find(\.role == "patient").sort(.asc(\.id))
      .populate(\.mentor, people).exec()
    #expect(pairs.map(\.0.id) == ["ada", "ben", "cy"])
    #expect(pairs.map(\.1) == [.record(Self.people[3]), .missing("nobody"), .none])
  }

  @Test func populatesLists() async throws {
    let (people, _) = try await model()
    let pairs = try await people.find().sort(.asc(\.id)).populate(people, by: \.mentor).exec()
    #expect(pairs.map(\.0.id) == ["ada", "ben", "cy", "grace"])
    let expected = Self.people.filter { $0.mentor == "grace" }.map(\.id).sorted()
    #expect(!expected.isEmpty)
    #expect(pairs.last?.1.map(\.id).sorted() == expected)
    #expect(pairs.dropLast().allSatisfy { $0.1.isEmpty })
    let none = try await people.find(\.id == "nobody").populate(people, by: \.mentor).exec()
    #expect(none.isEmpty)
  }

  @Test func cursorsReadInPieces() async throws {
    let (people, _) = try await model()
    var ids: [String] = []
    for try await person in people.find().sort(.asc(\.id)).cursor(batchSize: 3) {
      ids.append(person.id)
    }
    #expect(ids == ["ada", "ben", "cy", "grace"])
  }

  @Test func changesRecords() async throws {
    let (people, _) = try await model()
    let one = try await people.updateOne(\.id == "ada", .increment(\.age, 1))
    #expect(one.matchedCount == 1 && one.modifiedCount == 1)
    let many = try await people.updateMany(\.role == "patient", .set(\.mentor, "grace"))
    #expect(many.matchedCount == 3)
    let after = try await people.findByIdAndUpdate("ada", .unset(\.mentor))
    #expect(after == Person("ada", age: 37))
    let before = try await people.findOneAndUpdate(
      \.role == "patient", .set(\.age, 1), sort: [.desc(\.id)], returning: .before)
    #expect(before?.id == "cy" && before?.age == 17)
    var cy = Person("cy", role: "clinician")
    try await people.replaceOne(\.id == "cy", cy)
    #expect(try await people.findById("cy").exec() == cy)
    cy.id = "other"
    #expect(try await people.findByIdAndDelete("cy")?.role == "clinician")
    #expect(try await people.deleteOne(\.role == "patient").deletedCount == 1)
    #expect(try await people.deleteMany(.all).deletedCount == 2)
    #expect(try await people.updateOne(\.id == "ada").acknowledged == false)
  }

  @Test func refusesWhatTheModelDoesNotAllow() async throws {
    let (people, _) = try await model()
    let wrong = await #expect(throws: PrivataError.self) {
      try await people.create(Person("dee", role: "secret"))
    }
    #expect(wrong?.code == .validation)
    #expect(wrong?.fields == ["role"])
    #expect(wrong?.message.contains("secret") == false)
    let update = await #expect(throws: PrivataError.self) {
      try await people.updateMany(.all, .set(\.role, "secret"))
    }
    #expect(update?.fields == ["role"])
    let taken = await #expect(throws: PrivataError.self) { try await people.create(Person("ada")) }
    #expect(taken?.code == .duplicateKey)
    #expect(try await people.countDocuments().exec() == 4)
  }

  @Test func takesPartInTransactions() async throws {
    let (people, mongo) = try await model()
    struct Undo: Error {}
    await #expect(throws: Undo.self) {
      try await mongo.transaction { session in
        try await people.create(Person("dee"))
        #expect(try await people.countDocuments().session(session).exec() == 5)
        throw Undo()
      }
    }
    #expect(try await people.countDocuments().exec() == 4)
  }

  @Test func aNameHasOneModel() async throws {
    let (_, mongo) = try await model()
    _ = try mongo.model(Person.self)
    _ = try mongo.model("Note", Schema(["text": .string]))
    let plain = try await MongoStyle.connect(.store(MemoryStore()))
    try plain.model("Person", Schema(["name": .string]))
    let error = #expect(throws: PrivataError.self) { try plain.model(Person.self) }
    #expect(error?.underlying is OverwriteModelError)
  }

  @Test func rightsNeedAVault() async throws {
    let (people, _) = try await model()
    let error = #expect(throws: PrivataError.self) { try people.gdpr }
    #expect(error?.code == .vaultRequired)
  }
}

import Privata
import Testing

@Model("people")
struct Person: Equatable {
  @Column(.primaryKey) var id: String
  @PII @Column("email_address", .unique) var email: String
  @PHI var diagnosis: String?
  @Column(.indexed, .allowed("patient", "clinician"), .storeDefault("patient")) var role: String
  @Column(.refers("Person")) var mentor: String?
  var age: Int?
  var createdAt: DateTime
  var tags: [String]
  var isAdult: Bool { (age ?? 0) >= 18 }
  static let limit = 3
}

/// What `@Model` writes for `Person`, by hand: the two must not drift apart.
struct HandWrittenPerson: Model, Equatable {
  var id: String
  var email: String
  var diagnosis: String?
  var role: String
  var mentor: String?
  var age: Int?
  var createdAt: DateTime
  var tags: [String]

  struct Fields: Sendable {
    let id = Field<HandWrittenPerson, String>("id", at: 0)
    let email = Field<HandWrittenPerson, String>("email", at: 1)
    let diagnosis = Field<HandWrittenPerson, String?>("diagnosis", at: 2)
    let role = Field<HandWrittenPerson, String>("role", at: 3)
    let mentor = Field<HandWrittenPerson, String?>("mentor", at: 4)
    let age = Field<HandWrittenPerson, Int?>("age", at: 5)
    let createdAt = Field<HandWrittenPerson, DateTime>("createdAt", at: 6)
    let tags = Field<HandWrittenPerson, [String]>("tags", at: 7)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Person", collection: "people",
    fields: [
      FieldSchema("id", .string, isOptional: false),
      FieldSchema(
        "email", .string, column: "email_address", isOptional: false, isUnique: true,
        privacy: .pii),
      FieldSchema("diagnosis", .string, privacy: .phi),
      FieldSchema(
        "role", .string, isOptional: false, isIndexed: true, allowed: ["patient", "clinician"],
        storeDefault: "patient"),
      FieldSchema("mentor", .string, reference: Reference("Person")),
      FieldSchema("age", .int64),
      FieldSchema("createdAt", .date, isOptional: false),
      FieldSchema("tags", .array(.string), isOptional: false),
    ],
    primaryKey: ["id"])

  init(from row: RowView) throws(PrivataError) {
    id = try row.decode(at: 0)
    email = try row.decode(at: 1)
    diagnosis = try row.decode(at: 2)
    role = try row.decode(at: 3)
    mentor = try row.decode(at: 4)
    age = try row.decode(at: 5)
    createdAt = try row.decode(at: 6)
    tags = try row.decode(at: 7)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(id)
    row.append(email)
    row.append(diagnosis)
    row.append(role)
    row.append(mentor)
    row.append(age)
    row.append(createdAt)
    row.append(tags)
  }
}

@Suite struct ModelMacroTests {
  let ada = Person(
    id: "p1", email: "ada@example.org", diagnosis: nil, role: "patient", mentor: "p2", age: 36,
    createdAt: DateTime(milliseconds: 5), tags: ["a", "b"])

  @Test func schemaEqualsTheHandWrittenOne() {
    let macro = Person.schema
    let hand = HandWrittenPerson.schema
    #expect(macro.name == hand.name)
    #expect(macro.collection == hand.collection)
    #expect(macro.primaryKey == hand.primaryKey)
    #expect(macro.fields == hand.fields)
  }

  @Test func rowsGoOutAndComeBack() throws {
    var writer = RowWriter(width: Person.schema.fields.count)
    try ada.write(to: &writer)
    #expect(try writer.rows.decode(Person.self) == [ada])
    let hand = try writer.rows.decode(HandWrittenPerson.self)[0]
    #expect(hand.email == ada.email)
    #expect(hand.tags == ada.tags)
  }

  @Test func keyPathsNameFields() {
    let condition: Condition<Person> = \.role == "patient" && \.age >= 18
    #expect(
      condition.filter
        == .and([
          .compare("role", .equal, "patient"), .compare("age", .greaterOrEqual, .int64(18)),
        ]))
  }

  @Test func aCellOfAnotherTypeIsRefusedWithoutItsValue() {
    var batch = RowBatch(width: 8)
    batch.append(text: "p1")
    batch.append(int64: 99)
    for _ in 2..<8 { batch.appendNull() }
    let error = #expect(throws: PrivataError.self) { try batch.decode(Person.self) }
    #expect(error?.code == .wrongType)
    #expect(error?.message.contains("99") == false)
  }
}

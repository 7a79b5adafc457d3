import PrivataCore
import Testing

@Suite struct ModelSchemaTests {
  private func schema(_ names: [String], primaryKey: [String] = []) -> ModelSchema {
    ModelSchema(
      name: "M", collection: "m", fields: names.map { FieldSchema($0, .string) },
      primaryKey: primaryKey)
  }

  @Test(arguments: [
    (["a", "id", "_id"], [String](), "_id"), (["a", "id"], [], "id"), (["a", "b"], [], "a"),
    (["a", "b"], ["b"], "b"), (["a", "b"], ["b", "a"], "b"), (["a", "b"], ["unknown"], "a"),
  ])
  func choosesItsKey(_ names: [String], _ primaryKey: [String], _ key: String) {
    #expect(schema(names, primaryKey: primaryKey).key.name == key)
  }

  @Test func findsFieldsByName() {
    let schema = schema(["a", "b"])
    #expect(schema.position(of: "b") == 1)
    #expect(schema.position(of: "c") == nil)
    #expect(schema.field("a")?.name == "a")
    #expect(schema.field("c") == nil)
  }

  @Test func equalsItselfAlone() {
    let (first, second) = (schema(["a"]), schema(["a"]))
    #expect(first == first)
    #expect(first != second)
    #expect(Set([first, first, second]).count == 2)
  }

  @Test func fieldsFollowTheirSwiftTypes() {
    let wanted: [(FieldSchema, FieldType, Bool)] = [
      (FieldSchema("a", as: Bool.self), .bool, false),
      (FieldSchema("a", as: Int32.self), .int32, false),
      (FieldSchema("a", as: Int.self), .int64, false),
      (FieldSchema("a", as: Int64?.self), .int64, true),
      (FieldSchema("a", as: Double.self), .double, false),
      (FieldSchema("a", as: String?.self), .string, true),
      (FieldSchema("a", as: DateTime.self), .date, false),
      (FieldSchema("a", as: ObjectID.self), .objectID, false),
      (FieldSchema("a", as: Decimal128.self), .decimal(), false),
      (FieldSchema("a", as: Binary.self), .binary, false),
      (FieldSchema("a", as: Document.self), .document, false),
      (FieldSchema("a", as: Value.self), .any, false),
      (FieldSchema("a", as: [String].self), .array(.string), false),
      (FieldSchema("a", as: [Int]?.self), .array(.int64), true),
      (FieldSchema("a", as: Tag.Kind.self), .string, false),
      (FieldSchema("a", as: String.self, kept: .varchar(8)), .varchar(8), false),
    ]
    for (field, type, isOptional) in wanted {
      #expect(field.type == type)
      #expect(field.isOptional == isOptional)
      #expect(field.column == "a" && field.privacy == .open && !field.isUnique)
    }
  }

  @Test func containersAreNoScalars() {
    for type in [FieldType.document, .json, .array(.string), .any] { #expect(!type.isScalar) }
    for type in [FieldType.bool, .number, .decimal(), .varchar(3), .uuid, .binary, .date] {
      #expect(type.isScalar)
    }
  }

  @Test func indexesAndReferencesSayWhatTheyWereTold() {
    let index = IndexSchema(
      name: "by", parts: [.init("a"), .init("b", isDescending: true, kind: "text")], isUnique: true,
      isSparse: true, partialFilter: ["a": 1], expireAfterSeconds: 5, collation: ["locale": "de"])
    #expect(index.parts.map(\.isDescending) == [false, true])
    #expect(index != IndexSchema(parts: [.init("a")]))
    let reference = Reference("User", field: "id", onDelete: .cascade, isEnforced: true)
    #expect(reference.onUpdate == .noAction && reference.isEnforced)
    let model = ModelSchema(
      name: "M", collection: "m", fields: [FieldSchema("a", .string)], indexes: [index])
    #expect(model.textFields == ["b"])
  }
}

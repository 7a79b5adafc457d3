import PrismaStyle
import PrivataCore
import PrivataTesting
import Testing

private struct Person: Model, Equatable {
  var id: String
  var role: String
  var age: Int?

  struct Fields: Sendable {
    let id = Field<Person, String>("id", at: 0)
    let role = Field<Person, String>("role", at: 1)
    let age = Field<Person, Int?>("age", at: 2)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Person", collection: "people",
    fields: [
      FieldSchema("id", as: String.self), FieldSchema("role", as: String.self),
      FieldSchema("age", as: Int?.self),
    ])
}

extension Person {
  init(from row: RowView) throws(PrivataError) {
    id = try row.decode(at: 0)
    role = try row.decode(at: 1)
    age = try row.decode(at: 2)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(id)
    row.append(role)
    row.append(age)
  }
}

@Suite struct TypedClientTests {
  private func client() async throws -> TypedClient<Person> {
    let store = MemoryStore()
    try await store.prepare([Person.schema])
    let people = PrismaClient(store: store, try PrismaSchema([]))[Person.self]
    try await people.createMany([
      Person(id: "a", role: "patient", age: 36), Person(id: "b", role: "patient", age: nil),
      Person(id: "c", role: "clinician", age: 45),
    ])
    return people
  }

  @Test func findsOrdersAndCuts() async throws {
    let people = try await client()
    #expect(
      try await people.findMany(where: \.role == "patient" && \.age >= 18).map(\.id) == ["a"])
    #expect(try await people.findMany(orderBy: [.desc(\.id)], take: 2).map(\.id) == ["c", "b"])
    #expect(try await people.findUnique(\.id, "c")?.age == 45)
    #expect(try await people.count(where: \.age == nil) == 1)
  }

  @Test func selectsTuples() async throws {
    let pairs: [(String, Int?)] = try await client().findMany(
      orderBy: [.asc(\.id)], select: \.id, \.age)
    #expect(pairs.map(\.0) == ["a", "b", "c"])
    #expect(pairs.map(\.1) == [36, nil, 45])
  }

  @Test func writes() async throws {
    let people = try await client()
    try await people.update(\.id, "a", [.increment(\.age, 1), .set(\.role, "admin")])
    #expect(try await people.findUnique(\.id, "a") == Person(id: "a", role: "admin", age: 37))
    try await people.upsert(\.id, Person(id: "d", role: "patient", age: 1), [.set(\.age, 2)])
    try await people.upsert(\.id, Person(id: "d", role: "patient", age: 1), [.set(\.age, 2)])
    #expect(try await people.findUnique(\.id, "d")?.age == 2)
    try await people.delete(\.id, "d")
    let gone = await #expect(throws: PrivataError.self) { try await people.delete(\.id, "d") }
    #expect(gone?.prisma?.code == "P2025")
    let wrong = await #expect(throws: PrivataError.self) {
      try await people.findUnique(\.role, "x")
    }
    #expect(wrong?.prisma?.code == "ValidationError")
  }
}

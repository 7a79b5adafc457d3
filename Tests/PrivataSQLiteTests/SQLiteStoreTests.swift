import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataSQLite

/// A model as MongoStyle makes them.
func userModel() -> ModelSchema {
  ModelSchema(
    name: "User", collection: "users",
    fields: [
      .init("_id", .objectID), .init("email", .string, isUnique: true, privacy: .pii),
      .init("name", .string), .init("age", .int32), .init("score", .number),
      .init("born", .date), .init("active", .bool), .init("address", .document),
      .init("tags", .array(.string)),
    ], isOpen: true)
}

@Suite struct SQLiteStoreTests {
  @Test func documentsRoundTrip() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let user = userModel()
    let id = ObjectID()
    let document: Document = [
      "_id": .objectID(id), "email": "ada@example.org", "name": "Ada", "age": 36, "score": 1.5,
      "born": .date(DateTime(milliseconds: -12345)), "active": true,
      "address": ["city": "London"], "tags": ["a", "b"], "more": .null,
    ]
    let outcome = try await store.write(.insert(Insert(user, .documents([document]))))
    #expect(outcome.inserted == 1)
    let found = try await store.rows(for: Query(user, where: .document(["_id": .objectID(id)])))
    #expect(found.documents == [document])
    let none = try await store.rows(for: Query(user, where: .document(["age": ["$gt": 40]])))
    #expect(none.isEmpty)
    let updated = try await store.write(
      .update(Update(user, where: .document(["name": "Ada"]), .operators(["$inc": ["age": 1]]))))
    #expect(updated.modified == 1)
    let city = try await store.rows(
      for: Query(user, where: .document(["address.city": "London", "age": 37])))
    #expect(city.count == 1)
    let deleted = try await store.write(.delete(Delete(user, where: .document(["age": 37]))))
    #expect(deleted.deleted == 1)
  }
}

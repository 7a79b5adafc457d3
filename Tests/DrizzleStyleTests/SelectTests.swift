import DrizzleStyle
import PrivataCore
import Testing

@Suite struct SelectTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let condition: Condition<User>
    let ids: [Int64]
    var testDescription: String { name }
  }

  static let conditions = [
    Row(name: "equal", condition: \.name == "Ada", ids: [1]),
    Row(name: "not equal", condition: \.name != "Ada", ids: [2, 3]),
    Row(name: "at least", condition: \.age >= 36, ids: [1, 3]),
    Row(name: "bool", condition: \.isActive == false, ids: [2]),
    Row(name: "null", condition: \.email == nil, ids: [2]),
    Row(name: "not null", condition: \.email != nil, ids: [1, 3]),
    Row(name: "and", condition: \.age > 17 && \.name != "Cy", ids: [1]),
    Row(name: "or", condition: \.age == 17 || \.name == "Cy", ids: [2, 3]),
    Row(name: "not", condition: !(\.age == 17), ids: [1, 3]),
    Row(name: "not of null is neither", condition: !(\.email == "ada@x.test"), ids: [3]),
    Row(name: "one of", condition: User.fields.id.isIn([1, 3]), ids: [1, 3]),
    Row(name: "one of none", condition: User.fields.id.isIn([]), ids: []),
    Row(name: "none of", condition: User.fields.id.isNotIn([1]), ids: [2, 3]),
    Row(name: "contains", condition: User.fields.name.contains("d"), ids: [1]),
    Row(name: "contains tells cases apart", condition: User.fields.name.contains("A"), ids: [1]),
    Row(
      name: "contains ignoring case",
      condition: User.fields.name.contains("A", ignoringCase: true), ids: [1]),
    Row(name: "takes % literally", condition: User.fields.name.contains("%"), ids: []),
    Row(name: "starts", condition: User.fields.name.startsWith("C"), ids: [3]),
    Row(name: "ends", condition: User.fields.email.endsWith("x.test"), ids: [1, 3]),
    Row(name: "across halves", condition: \.diagnosis == "asthma" && \.name == "Cy", ids: [3]),
  ]

  @Test(arguments: Place.allCases, conditions) func finds(_ place: Place, _ row: Row) async throws {
    try await with(place) { db in
      let found = try await db.select().from(User.self).where(row.condition).orderBy(\.id).all()
      #expect(found.map { $0.id } == row.ids)
      #expect(try await db.count(User.self, where: row.condition) == row.ids.count)
    }
  }

  @Test(arguments: Place.allCases) func answersWholeRecords(_ place: Place) async throws {
    try await with(place) { db in
      let found = try await db.select().from(User.self).orderBy(User.table.id.asc).all()
      #expect(found == Sample.users)
      let first = try await db.select().from(User.self).where(\.id == 3).first()
      #expect(first == Sample.users[2])
      let none = try await db.select().from(User.self).where(\.id == 9).first()
      #expect(none == nil)
    }
  }

  @Test(arguments: Place.allCases) func ordersAndPages(_ place: Place) async throws {
    try await with(place) { db in
      let users = User.table
      let page = try await db.select().from(users).orderBy(users.age.desc).limit(1).offset(1).all()
      #expect(page.map(\.name) == ["Ada"])
    }
  }

  @Test(arguments: Place.allCases) func selectsFieldsAsTuples(_ place: Place) async throws {
    try await with(place) { db in
      let users = User.table
      let rows = try await db.select(users.name, users.email).from(users)
        .where(users.isActive == true).orderBy(users.id).all()
      #expect(rows.map(\.0) == ["Ada", "Cy"])
      #expect(rows.map(\.1) == ["ada@x.test", "cy@x.test"])
    }
  }

  @Test(arguments: Place.speakingSQL) func selectsExpressions(_ place: Place) async throws {
    try await with(place) { db in
      let users = User.table
      let rows = try await db.select(
        users.isActive, count().as(Int.self), sum(users.age).as(Decimal128.self)
      ).from(users).groupBy(users.isActive).having(gt(count(), 1)).all()
      #expect(rows.count == 1)
      #expect(rows.first?.0 == true)
      #expect(rows.first?.1 == 2)
      #expect(rows.first?.2 == Decimal128("88"))
      let upper = try await db.select(sql("upper(\(users.name))", as: String.self))
        .from(users).where(users.id == 1).first()
      #expect(upper == "ADA")
    }
  }

  @Test(arguments: Place.speakingSQL) func runsPreparedStatements(_ place: Place) async throws {
    try await with(place) { db in
      let older = try db.select().from(User.self)
        .where(gt(User.table.age, Placeholder<Int32>("age"))).orderBy(\.id).prepare()
      #expect(try await older.all(["age": 40]).map(\.id) == [3])
      #expect(try await older.all(["age": 20, "more": 1]).map(\.id) == [1, 3])
      let error = await #expect(throws: PrivataError.self) { try await older.all() }
      #expect(error?.code == .badArgument)
    }
  }

  @Test(arguments: Place.allCases) func answersDocuments(_ place: Place) async throws {
    try await with(place) { db in
      let users = User.table
      let row = try await db.select(["who": users.name, "age": users.age])
        .from(users.definition).where(users.id == 1).get()
      #expect(row == ["who": "Ada", "age": 36])
      let joined = try await db.select(["name": users.name, "session": Session.table])
        .from(users.definition)
        .leftJoin(Session.table, on: Session.table.userID == users.id)
        .where(users.id == 2).get()
      #expect(joined == ["name": "Bo", "session": nil])
    }
  }
}

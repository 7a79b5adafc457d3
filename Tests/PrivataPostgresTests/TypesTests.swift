import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataPostgres

/// One type: the column, a value, and what the text format of a result that has a foreign type beside
/// it gives.
struct TypeCase: Sendable, CustomStringConvertible {
  var sql: String
  var value: Value
  var field: FieldType?

  var description: String { "\(sql) \(field.map { "\($0)" } ?? "-")" }

  init(_ sql: String, _ value: Value, as field: FieldType? = nil) {
    self.sql = sql
    self.value = value
    self.field = field
  }

  static func decimal(_ text: String) -> Value { Decimal128(text).map(Value.decimal) ?? .null }
  static func date(_ text: String) -> Value { DateTime(iso8601: text).map(Value.date) ?? .null }
  static let uuid = Value.binary(Binary(Array(1...16), subtype: 4))
  static let oid = ObjectID(high: 0x60A0_0000_0000_0001, low: 7)

  static let all: [TypeCase] = [
    TypeCase("boolean", true), TypeCase("boolean", false),
    TypeCase("smallint", .int32(-32768)), TypeCase("smallint", .int64(5), as: .int64),
    TypeCase("integer", .int32(.min)), TypeCase("integer", .int64(7), as: .int64),
    TypeCase("integer", .double(7), as: .double),
    TypeCase("bigint", .int64(.max)), TypeCase("bigint", .int64(.min), as: .int64),
    TypeCase("real", .double(1.5)), TypeCase("double precision", .double(-0.1)),
    TypeCase("double precision", .double(.infinity)),
    TypeCase("double precision", .int32(3), as: .number),
    TypeCase("double precision", .double(3.5), as: .number),
    TypeCase("numeric", decimal("123456789012345678901234.5600")),
    TypeCase("numeric", decimal("NaN")), TypeCase("numeric(10, 2)", decimal("-7.50")),
    TypeCase("numeric", .double(2.5), as: .double), TypeCase("numeric", .int64(12), as: .int64),
    TypeCase("text", "Zoë \"x\" 日本 \n"), TypeCase("text", ""), TypeCase("varchar(10)", "abc"),
    TypeCase("char(3)", "abc"), TypeCase("name", "abc"),
    TypeCase("bytea", .binary(Binary([0, 1, 255]))), TypeCase("bytea", .binary(Binary([]))),
    TypeCase("bytea", .objectID(oid), as: .objectID),
    TypeCase("bytea", .document(["a": [1, "x"]]), as: .document),
    TypeCase("bytea", .regex(RegularExpression("^a", options: "i")), as: .any),
    TypeCase("uuid", uuid), TypeCase("uuid", uuid, as: .uuid),
    TypeCase("uuid", "01020304-0506-0708-090a-0b0c0d0e0f10", as: .string),
    TypeCase("timestamptz", date("1988-12-10T01:02:03.004Z")),
    TypeCase("timestamptz", date("0001-01-01T00:00:00.000Z")),
    TypeCase("timestamp", date("2262-04-12T00:00:00.001Z")),
    TypeCase("date", date("2024-02-29T00:00:00.000Z")),
    TypeCase("jsonb", .document(["a": [1, "x", true, .null]]), as: .json),
    TypeCase("json", .array([1, ["b": 2]]), as: .json), TypeCase("jsonb", "text", as: .json),
    TypeCase("integer[]", .array([1, .null, -3]), as: .array(.int32)),
    TypeCase("text[]", .array(["a", "", "b,\"c\" \\ {}", "NULL", .null]), as: .array(.string)),
    TypeCase("boolean[]", .array([true, false])), TypeCase("text[]", .array([])),
    TypeCase("double precision[]", .array([.double(1.5), .double(-2)])),
    TypeCase(
      "bigint[]", .array([.array([.int64(1), .int64(2)]), .array([.int64(3), .int64(4)])])),
    TypeCase("uuid[]", .array([uuid])), TypeCase("bytea[]", .array([.binary(Binary([9]))])),
    TypeCase("timestamptz[]", .array([date("2020-01-01T00:00:00.000Z")])),
    TypeCase("numeric[]", .array([decimal("1.10")])),
    TypeCase("jsonb[]", .array([.document(["a": 1])]), as: .array(.json)),
  ]
}

@Suite(.serialized) struct TypesTests {
  @Test func eachTypeComesBackInBothFormats() async throws {
    try await TestServer.withStore("types") { store in
      for type in TypeCase.all {
        let statement = SQLStatement(
          SQLTemplate(
            "SELECT $1::\(type.sql), '{}'::\(type.sql.hasSuffix("[]") ? type.sql : "text")",
            parameters: [type.field], columns: [type.field, nil]), [type.value])
        let binary = try await store.execute(statement).rows.value(row: 0, column: 0)
        #expect(same(binary, type.value), "\(type): \(String(describing: binary))")
        // A result with an interval in it comes as text.
        let text = SQLStatement(
          SQLTemplate(
            "SELECT $1::\(type.sql), '1 day'::interval", parameters: [type.field],
            columns: [type.field, nil]), [type.value])
        let rows = try await store.execute(text).rows
        let read = rows.value(row: 0, column: 0)
        #expect(same(read, type.value), "\(type) as text: \(String(describing: read))")
        #expect(rows.value(row: 0, column: 1) == "1 day")
      }
    }
  }

  private func same(_ found: Value?, _ wanted: Value) -> Bool {
    if case .decimal(let a)? = found, case .decimal(let b) = wanted {
      return a.description == b.description
    }
    return found == wanted
  }

  @Test func typesOfTheDatabaseItselfAreText() async throws {
    try await TestServer.withStore("own") { store in
      try await store.query("CREATE TYPE mood AS ENUM ('good', 'bad')")
      try await store.query("CREATE DOMAIN age AS int CHECK (value >= 0)")
      try await store.query("CREATE TABLE people (id int, mood mood, age age, at interval)")
      try await store.query(
        "INSERT INTO people VALUES ($1, $2, $3, $4)", .int32(1), "good", .int32(36), "2 hours")
      #expect(
        try await store.query("SELECT mood, age, at FROM people WHERE mood = $1", "good")
          == [["good", .int32(36), "02:00:00"]])
    }
  }

  @Test func aValueThatDoesNotFitIsRefusedUnseen() async throws {
    try await TestServer.withStore("fit") { store in
      for (type, value) in [
        ("int4", Value.int64(1 << 40)), ("int2", .int32(40000)), ("int4", .double(1.5)),
        ("bool", .int32(77)), ("uuid", .binary(Binary([1]))), ("int4[]", .array([[1], [2, 3]])),
        ("timestamptz", .date(DateTime(milliseconds: .max))),
      ] {
        let error = try await failure { () async throws(PrivataError) in
          try await store.query("SELECT $1::\(type)", value)
        }
        #expect(error.code == .wrongType)
        #expect(error.message == "parameter $1 does not take a value of this type")
      }
      let zero = try await failure { () async throws(PrivataError) in
        try await store.query("SELECT $1::text", "secret\u{0}text")
      }
      #expect(zero.code == .badArgument)
      #expect(!zero.message.contains("secret"))
    }
  }

  @Test func aTableThatChangesUnderAPreparedStatementIsReadAnew() async throws {
    try await TestServer.withStore("altered") { store in
      try await store.query("CREATE TABLE things (id int, size int)")
      try await store.query("INSERT INTO things VALUES (1, 5)")
      #expect(try await store.query("SELECT * FROM things") == [[.int32(1), .int32(5)]])
      try await store.query("ALTER TABLE things ALTER size TYPE text, ADD more boolean")
      #expect(try await store.query("SELECT * FROM things") == [[.int32(1), "5", .null]])
    }
  }

  @Test func statementsBeyondTheLimitArePreparedAgain() async throws {
    try await TestServer.withStore(
      "limit",
      {
        $0.preparedStatements = 3
        $0.connections = 1
      }
    ) { store in
      for round in 0..<3 {
        for number in 0..<8 {
          #expect(
            try await store.query("SELECT \(number) + $1::int4", .int32(Int32(round)))
              == [[.int32(Int32(number + round))]])
        }
      }
      let kept = try await store.query("SELECT count(*) FROM pg_prepared_statements")
      #expect((kept[0][0]?.asInt ?? 99) <= 3)
    }
  }

  @Test func endlessMomentsAreTheFarthest() async throws {
    try await TestServer.withStore("endless") { store in
      for (text, wanted) in [("infinity", Int64.max), ("-infinity", .min)] {
        for type in ["timestamptz", "timestamp", "date"] {
          // Once in binary, once as text, because of the interval.
          for more in ["1", "'1 day'::interval"] {
            let rows = try await store.query("SELECT '\(text)'::\(type), \(more)")
            #expect(rows[0][0] == .date(DateTime(milliseconds: wanted)), "\(text)::\(type)")
          }
        }
      }
    }
  }

  @Test func arraysWithBoundsOfTheirOwnComeBack() async throws {
    try await TestServer.withStore("bounds") { store in
      for more in ["1", "'1 day'::interval"] {
        let rows = try await store.query("SELECT '[0:1]={5,6}'::int4[], \(more)")
        #expect(rows[0][0] == [.int32(5), .int32(6)])
      }
    }
  }

  @Test func aColumnThatItsFieldCannotTakeIsNamed() async throws {
    try await TestServer.withStore("unreadable") { store in
      let template = SQLTemplate(
        "SELECT 'secret'::bytea AS size", parameters: [], columns: [.document])
      let error = try await failure { () async throws(PrivataError) in
        try await store.execute(SQLStatement(template))
      }
      #expect(error.code == .wrongType)
      #expect(error.fields == ["size"])
      #expect(!error.message.contains("secret"))
    }
  }
}

import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataPostgres

/// What a statement does wrong, and what its caller is told.
struct FaultCase: Sendable, CustomStringConvertible {
  var sql: String
  var code: PrivataError.Code
  var fields: [String] = []
  var isRetriable = false

  var description: String { sql }

  static let all: [FaultCase] = [
    FaultCase(
      sql: "INSERT INTO person VALUES (1, 'ada@secret.example', 5, 1)", code: .duplicateKey,
      fields: ["id"]),
    FaultCase(
      sql: "INSERT INTO person VALUES (2, 'grace@secret.example', 5, 1)", code: .duplicateKey,
      fields: ["email"]),
    FaultCase(
      sql: "INSERT INTO person VALUES (3, 'x', 5, 4711)", code: .foreignKey, fields: ["clinic"]),
    FaultCase(
      sql: "INSERT INTO person VALUES (3, NULL, 5, 1)", code: .missingField, fields: ["email"]),
    FaultCase(
      sql: "INSERT INTO person VALUES (3, 'x', -4711, 1)", code: .constraint, fields: ["age"]),
    FaultCase(
      sql: "INSERT INTO pair VALUES (1, 2)", code: .duplicateKey, fields: ["b", "a"]),
    FaultCase(sql: "DELETE FROM clinic", code: .foreignKey, fields: ["clinic"]),
    FaultCase(sql: "SELECT 4711 / 0", code: .wrongType),
    FaultCase(sql: "SELECT 'secret4711'::int4", code: .wrongType),
    FaultCase(sql: "SELEC 4711", code: .rejectedByStore),
    FaultCase(sql: "SELECT * FROM no_such_table_4711", code: .rejectedByStore),
    FaultCase(
      sql: "DO $$ BEGIN RAISE EXCEPTION 'secret 4711' USING ERRCODE = '40001'; END $$",
      code: .writeConflict, isRetriable: true),
    FaultCase(
      sql: "DO $$ BEGIN RAISE EXCEPTION 'secret 4711' USING ERRCODE = '40P01'; END $$",
      code: .writeConflict, isRetriable: true),
    FaultCase(
      sql: "DO $$ BEGIN RAISE EXCEPTION 'secret 4711' USING ERRCODE = '53100'; END $$",
      code: .diskFull),
    FaultCase(
      sql: "DO $$ BEGIN RAISE EXCEPTION 'secret 4711' USING ERRCODE = '53300'; END $$",
      code: .poolExhausted, isRetriable: true),
    FaultCase(
      sql: "DO $$ BEGIN RAISE EXCEPTION 'secret 4711' USING ERRCODE = '28000'; END $$",
      code: .authentication),
    FaultCase(
      sql: "DO $$ BEGIN RAISE EXCEPTION 'secret 4711' USING ERRCODE = '57014'; END $$",
      code: .timeout, isRetriable: true),
  ]
}

@Suite(.serialized) struct FailureTests {
  @Test func faultsAreNamedWithoutValues() async throws {
    try await TestServer.withStore("faults") { store in
      for text in [
        "CREATE TABLE clinic (id int PRIMARY KEY)", "INSERT INTO clinic VALUES (1)",
        """
        CREATE TABLE person (id int PRIMARY KEY, email text NOT NULL UNIQUE,
          age int CHECK (age >= 0), clinic int REFERENCES clinic (id))
        """,
        "INSERT INTO person VALUES (1, 'grace@secret.example', 5, 1)",
        "CREATE TABLE pair (a int, b int)", "CREATE UNIQUE INDEX ON pair (b, a)",
        "INSERT INTO pair VALUES (1, 2)",
      ] {
        try await store.query(text)
      }
      for fault in FaultCase.all {
        let error = try await failure { () async throws(PrivataError) in
          try await store.query(fault.sql)
        }
        #expect(error.code == fault.code, "\(fault)")
        #expect(error.fields == fault.fields, "\(fault)")
        #expect(error.isRetriable == fault.isRetriable, "\(fault)")
        #expect(!"\(error)".contains("4711"), "\(fault): \(error)")
        #expect(!"\(error)".contains("secret"), "\(fault): \(error)")
        let told = "\(String(describing: error.underlying))"
        #expect(!told.contains("secret"), "\(fault): \(told)")
      }
    }
  }

  @Test(arguments: [
    ("FATAL:  28P01", PostgresConnectFailure.refused(.invalidPassword)),
    (
      "connection to server at \"x\" (1.2.3.4), port 1 failed: FATAL:  3D000\n",
      .refused(.unknownDatabase)
    ),
    ("could not translate host name \"x\" to address: Name or service not known", .unknownHost),
    ("connection to server on socket \"/x\" failed: No such file or directory", .unreachable),
    ("connection to server at \"x\" failed: Connection refused", .unreachable),
    ("connection to server at \"x\" failed: SSL error: certificate verify failed", .tls),
    ("connection to server at \"x\" failed: timeout expired", .timeout),
    ("server closed the connection unexpectedly", .lost),
  ])
  func connectFailuresAreToldApart(_ text: String, _ failure: PostgresConnectFailure) {
    #expect(PostgresConnectFailure(libpq: text) == failure)
  }

  @Test func aModelsFieldsAreNamedAsTheModelNamesThem() async throws {
    try await TestServer.withStore("named") { store in
      let model = ModelSchema(
        name: "Person", collection: "people",
        fields: [
          .init("id", .int32, isOptional: false),
          .init("eMail", .string, column: "e_mail", isOptional: false, isUnique: true),
        ])
      try await store.prepare([model])
      var rows = RowBatch(width: 2)
      rows.append(int32: 1)
      rows.append(text: "same@secret.example")
      let first = Write.insert(Insert(model, .cells(fields: ["id", "eMail"], rows)))
      _ = try await store.write(first)
      var others = RowBatch(width: 2)
      others.append(int32: 2)
      others.append(text: "same@secret.example")
      let second = Write.insert(Insert(model, .cells(fields: ["id", "eMail"], others)))
      let error = try await failure { () async throws(PrivataError) in
        try await store.write(second)
      }
      #expect(error.code == .duplicateKey)
      #expect(error.fields == ["eMail"])
      #expect(error.model == "Person")
    }
  }
}

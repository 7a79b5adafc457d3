import PrivataCore
import Testing

@testable import PrivataSQL

/// The statements that make tables and indexes.
@Suite struct SchemaTextTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let model: ModelSchema
    let dialect: SQLDialect
    let statements: [String]

    init(_ name: String, _ model: ModelSchema, _ dialect: SQLDialect, _ statements: [String]) {
      self.name = name
      self.model = model
      self.dialect = dialect
      self.statements = statements
    }

    var testDescription: String { "\(name), \(dialect)" }
  }

  private static let clinic = ModelSchema(
    name: "Clinic", collection: "clinics", fields: [.init("id", .int64), .init("name", .string)])

  private static let visit = ModelSchema(
    name: "Visit", collection: "visits", namespace: "care",
    fields: [
      .init("id", .uuid, isOptional: false),
      .init(
        "kind", .string, isOptional: false, allowed: ["first", "o'clock"], storeDefault: "first"),
      .init("clinic", .int64, reference: Reference("Clinic", onDelete: .cascade, isEnforced: true)),
      .init("code", .string, isUnique: true), .init("at", .date, isIndexed: true),
    ],
    indexes: [
      IndexSchema(name: "by_kind", parts: [.init("kind"), .init("at", isDescending: true)])
    ])

  private static let indexed = ModelSchema(
    name: "Indexed", collection: "ix",
    fields: [
      .init("_id", .objectID), .init("a", .string), .init("n", .number),
      .init("l", .array(.string)),
    ],
    indexes: [
      IndexSchema(parts: [.init("a"), .init("n")], isUnique: true),
      IndexSchema(parts: [.init("a")], isUnique: true, partialFilter: ["n": 1]),
      IndexSchema(parts: [.init("a"), .init("b.c")]),
      IndexSchema(parts: [.init("b.c")]),
      IndexSchema(parts: [.init("l")]), IndexSchema(parts: [.init("a", kind: "text")]),
      IndexSchema(parts: [.init("n", kind: "hashed")]),
    ], isOpen: true)

  @Test(arguments: cases)
  func schema(_ one: Case) throws {
    let layout = TableLayout(one.model, dialect: one.dialect)
    func known(_ name: String) -> ModelSchema? { name == "Clinic" ? Self.clinic : nil }
    let found =
      [try layout.createTable(model: known)] + (try layout.addReferences(model: known))
      + layout.createIndexes()
    #expect(found.joined(separator: ";\n") == one.statements.joined(separator: ";\n"))
  }

  @Test func aReferenceToNobodyIsRefused() {
    let layout = TableLayout(Self.visit, dialect: .sqlite)
    let error = #expect(throws: PrivataError.self) { try layout.createTable { _ in nil } }
    #expect(error?.code == .unknownModel)
  }

  static let cases: [Case] = [
    Case(
      "documents", Models.note, .sqlite,
      [
        #"""
        CREATE TABLE IF NOT EXISTS "notes" (
          "_id" BLOB NOT NULL PRIMARY KEY,
          "title" TEXT,
          "count",
          "at" INTEGER,
          "done" INTEGER,
          "_rest" BLOB,
          "_odd" INTEGER,
          "_ix~title" BLOB,
          "_ix~body.zip" BLOB
        )
        """#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "notes_title_key" ON "notes" ("title")"#,
        #"""
        CREATE UNIQUE INDEX IF NOT EXISTS "notes_title_null" ON "notes" (("title" IS \#
        NULL)) WHERE "title" IS NULL AND "_odd" IS NULL
        """#,
        #"""
        CREATE UNIQUE INDEX IF NOT EXISTS "notes__ix~title_key" ON "notes" ("_ix~title")
        """#,
        #"CREATE INDEX IF NOT EXISTS "notes__ix~body.zip_idx" ON "notes" ("_ix~body.zip")"#,
        #"""
        CREATE INDEX IF NOT EXISTS "notes_odd_idx" ON "notes" ("_odd") WHERE "_odd" IS \#
        NOT NULL
        """#,
      ]),
    Case(
      "documents", Models.note, .postgres,
      [
        #"""
        CREATE TABLE IF NOT EXISTS "notes" (
          "_id" bytea NOT NULL PRIMARY KEY,
          "title" text COLLATE "C",
          "count" double precision,
          "at" timestamptz,
          "done" boolean,
          "_rest" bytea,
          "_odd" boolean,
          "_ix~title" bytea,
          "_ix~body.zip" bytea
        )
        """#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "notes_title_key" ON "notes" ("title")"#,
        #"""
        CREATE UNIQUE INDEX IF NOT EXISTS "notes_title_null" ON "notes" (("title" IS \#
        NULL)) WHERE "title" IS NULL AND "_odd" IS NULL
        """#,
        #"""
        CREATE UNIQUE INDEX IF NOT EXISTS "notes__ix~title_key" ON "notes" ("_ix~title")
        """#,
        #"CREATE INDEX IF NOT EXISTS "notes__ix~body.zip_idx" ON "notes" ("_ix~body.zip")"#,
        #"""
        CREATE INDEX IF NOT EXISTS "notes_odd_idx" ON "notes" ("_odd") WHERE "_odd" IS \#
        NOT NULL
        """#,
      ]),
    Case(
      "a typed model", Models.item, .sqlite,
      [
        #"""
        CREATE TABLE IF NOT EXISTS "items" (
          "id" INTEGER PRIMARY KEY AUTOINCREMENT,
          "label" TEXT NOT NULL,
          "item_code" TEXT,
          "price" TEXT,
          "size" INTEGER,
          "at" INTEGER,
          "tags" TEXT,
          "uid" BLOB
        )
        """#
      ]),
    Case(
      "a typed model", Models.item, .postgres,
      [
        #"""
        CREATE TABLE IF NOT EXISTS "items" (
          "id" bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
          "label" text COLLATE "C" NOT NULL,
          "item_code" text COLLATE "C",
          "price" numeric(10, 2),
          "size" integer,
          "at" timestamptz,
          "tags" text[],
          "uid" uuid
        )
        """#
      ]),
    Case(
      "references and rules", visit, .sqlite,
      [
        #"""
        CREATE TABLE IF NOT EXISTS "care.visits" (
          "id" BLOB NOT NULL PRIMARY KEY,
          "kind" TEXT NOT NULL DEFAULT 'first' CHECK ("kind" IN ('first', 'o''clock')),
          "clinic" INTEGER,
          "code" TEXT,
          "at" INTEGER,
          FOREIGN KEY ("clinic") REFERENCES "clinics" ("id") ON DELETE CASCADE
        )
        """#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "visits_code_key" ON "care.visits" ("code")"#,
        #"CREATE INDEX IF NOT EXISTS "visits_at_idx" ON "care.visits" ("at")"#,
        #"""
        CREATE INDEX IF NOT EXISTS "visits_by_kind" ON "care.visits" ("kind", "at" DESC)
        """#,
      ]),
    Case(
      "references and rules", visit, .postgres,
      [
        #"""
        CREATE TABLE IF NOT EXISTS "care"."visits" (
          "id" uuid NOT NULL PRIMARY KEY,
          "kind" text COLLATE "C" NOT NULL DEFAULT 'first' CHECK ("kind" IN ('first', \#
        'o''clock')),
          "clinic" bigint,
          "code" text COLLATE "C",
          "at" timestamptz
        )
        """#,
        #"""
        ALTER TABLE "care"."visits" ADD FOREIGN KEY ("clinic") REFERENCES "clinics" \#
        ("id") ON DELETE CASCADE
        """#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "visits_code_key" ON "care"."visits" ("code")"#,
        #"CREATE INDEX IF NOT EXISTS "visits_at_idx" ON "care"."visits" ("at")"#,
        #"""
        CREATE INDEX IF NOT EXISTS "visits_by_kind" ON "care"."visits" ("kind", "at" \#
        DESC)
        """#,
      ]),
    Case(
      "indexes of documents", indexed, .sqlite,
      [
        #"""
        CREATE TABLE IF NOT EXISTS "ix" (
          "_id" BLOB NOT NULL PRIMARY KEY,
          "a" TEXT,
          "n",
          "_rest" BLOB,
          "_odd" INTEGER,
          "_ix~a~n" BLOB,
          "_ix~a" BLOB,
          "_ix~b.c" BLOB
        )
        """#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "ix_a_n_key" ON "ix" ("a", "n")"#,
        #"CREATE INDEX IF NOT EXISTS "ix_a_idx" ON "ix" ("a")"#,
        #"CREATE INDEX IF NOT EXISTS "ix_n_idx" ON "ix" ("n")"#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "ix__ix~a~n_key" ON "ix" ("_ix~a~n")"#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "ix__ix~a_key" ON "ix" ("_ix~a")"#,
        #"CREATE INDEX IF NOT EXISTS "ix__ix~b.c_idx" ON "ix" ("_ix~b.c")"#,
        #"""
        CREATE INDEX IF NOT EXISTS "ix_odd_idx" ON "ix" ("_odd") WHERE "_odd" IS NOT \#
        NULL
        """#,
      ]),
    Case(
      "indexes of documents", indexed, .postgres,
      [
        #"""
        CREATE TABLE IF NOT EXISTS "ix" (
          "_id" bytea NOT NULL PRIMARY KEY,
          "a" text COLLATE "C",
          "n" double precision,
          "_rest" bytea,
          "_odd" boolean,
          "_ix~a~n" bytea,
          "_ix~a" bytea,
          "_ix~b.c" bytea
        )
        """#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "ix_a_n_key" ON "ix" ("a", "n")"#,
        #"CREATE INDEX IF NOT EXISTS "ix_a_idx" ON "ix" ("a")"#,
        #"CREATE INDEX IF NOT EXISTS "ix_n_idx" ON "ix" ("n")"#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "ix__ix~a~n_key" ON "ix" ("_ix~a~n")"#,
        #"CREATE UNIQUE INDEX IF NOT EXISTS "ix__ix~a_key" ON "ix" ("_ix~a")"#,
        #"CREATE INDEX IF NOT EXISTS "ix__ix~b.c_idx" ON "ix" ("_ix~b.c")"#,
        #"""
        CREATE INDEX IF NOT EXISTS "ix_odd_idx" ON "ix" ("_odd") WHERE "_odd" IS NOT \#
        NULL
        """#,
      ]),
  ]
}

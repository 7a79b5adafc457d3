import PrivataCore
import Testing

@testable import PrivataSQL

/// The text of every kind of read, in both dialects.
@Suite struct ReadTextTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let query: Query
    let texts: Texts

    init(_ name: String, _ query: Query, sqlite: String, postgres: String) {
      self.query = query
      texts = Texts(name: name, sqlite: sqlite, postgres: postgres)
    }

    var testDescription: String { texts.name }
  }

  @Test(arguments: cases + typedCases, SQLDialect.allCases)
  func reads(_ one: Case, _ dialect: SQLDialect) throws {
    let plan = try ReadPlan(one.query, Models.bound(one.query.model, dialect))
    #expect(plan.compiled.template.text == one.texts.text(dialect))
  }

  /// Once a row may be odd, its columns alone decide nothing.
  @Test(arguments: oddCases, SQLDialect.allCases)
  func readsBesideOddRows(_ one: Case, _ dialect: SQLDialect) throws {
    let bound = Models.bound(one.query.model, dialect, mayHoldOdd: true)
    let plan = try ReadPlan(one.query, bound)
    #expect(plan.compiled.template.text == one.texts.text(dialect))
  }

  static let cases: [Case] = [
    Case(
      "all documents", Query(Models.note),
      sqlite: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#),
    Case(
      "by key", Query(Models.note, where: .document(["_id": .objectID(ObjectID())])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "_id" = \#
        ?
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "_id" = \#
        $1
        """#),
    Case(
      "equality of a text", Query(Models.note, where: .document(["title": "a"])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "title" \#
        = ?
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "title" \#
        = $1
        """#),
    Case(
      "equality of a number", Query(Models.note, where: .document(["count": 5])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = ?
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = $1
        """#),
    Case(
      "equality of a great number",
      Query(Models.note, where: .document(["count": .int64(1 << 60)])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = ?
        """#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#),
    Case(
      "a text for a number", Query(Models.note, where: .document(["count": "5"])),
      sqlite: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE 0 = 1"#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE 0 = 1"#),
    Case(
      "null", Query(Models.note, where: .document(["title": .null])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "title" \#
        IS NULL
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "title" \#
        IS NULL
        """#),
    Case(
      "not equal", Query(Models.note, where: .document(["title": ["$ne": "a"]])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" = ?) IS NOT TRUE
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" = $1) IS NOT TRUE
        """#),
    Case(
      "a range", Query(Models.note, where: .document(["count": ["$gte": 1, "$lt": 9]])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("count" >= ? AND "count" < ?)
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("count" >= $1 AND "count" < $2)
        """#),
    Case(
      "a list", Query(Models.note, where: .document(["title": ["$in": ["a", "b"]]])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "title" \#
        IN privata_list(?)
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "title" \#
        = ANY($1)
        """#),
    Case(
      "a list with null", Query(Models.note, where: .document(["title": ["$in": ["a", .null]]])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" IN privata_list(?) OR "title" IS NULL)
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" = ANY($1) OR "title" IS NULL)
        """#),
    Case(
      "not in a list", Query(Models.note, where: .document(["title": ["$nin": ["a"]]])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" IN privata_list(?)) IS NOT TRUE
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" = ANY($1)) IS NOT TRUE
        """#),
    Case(
      "or", Query(Models.note, where: .document(["$or": [["title": "a"], ["count": 1]]])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" = ? OR "count" = ?)
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" = $1 OR "count" = $2)
        """#),
    Case(
      "nor", Query(Models.note, where: .document(["$nor": [["title": "a"], ["count": 1]]])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        (("title" = ? OR "count" = ?)) IS NOT TRUE
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        (("title" = $1 OR "count" = $2)) IS NOT TRUE
        """#),
    Case(
      "not", Query(Models.note, where: .document(["count": ["$not": ["$gt": 5]]])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("count" > ?) IS NOT TRUE
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("count" > $1) IS NOT TRUE
        """#),
    Case(
      "what SQL cannot tell", Query(Models.note, where: .document(["tags": "x", "done": true])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "done" \#
        = ?
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "done" \#
        = $1
        """#),
    Case(
      "what SQL cannot tell, with a page",
      Query(Models.note, where: .document(["title": .regex(RegularExpression("^a"))]), limit: 3),
      sqlite: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#),
    Case(
      "a nested path with an index", Query(Models.note, where: .document(["body.zip": "10001"])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("_ix~body.zip" IN (?, X'') OR "_ix~body.zip" IS NULL)
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("_ix~body.zip" IN ($1, ''::bytea) OR "_ix~body.zip" IS NULL)
        """#),
    Case(
      "a nested path without one", Query(Models.note, where: .document(["body.city": "Oslo"])),
      sqlite: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#),
    Case(
      "sorted", Query(Models.note, sort: [SortKey("count", descending: true), SortKey("_id")]),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" ORDER BY \#
        "count" DESC, "_id"
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" ORDER BY \#
        "count" DESC NULLS LAST, "_id"
        """#),
    Case(
      "sorted by what SQL has not", Query(Models.note, sort: [SortKey("tags")], limit: 2),
      sqlite: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#),
    Case(
      "paged", Query(Models.note, sort: [SortKey("_id")], skip: 20, limit: 10),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" ORDER BY \#
        "_id" LIMIT ? OFFSET ?
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" ORDER BY \#
        "_id" LIMIT $1 OFFSET $2
        """#),
    Case(
      "skipped", Query(Models.note, skip: 20),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" LIMIT -1 \#
        OFFSET ?
        """#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" OFFSET $1"#),
    Case(
      "projected", Query(Models.note, projection: .document(["title": 1])),
      sqlite: #"SELECT "_id", "title", "_rest" FROM "notes""#,
      postgres: #"SELECT "_id", "title", "_rest" FROM "notes""#),
    Case(
      "counted", Query(Models.note, where: .document(["done": true]), answer: .count),
      sqlite: #"SELECT count(*) FROM "notes" WHERE "done" = ?"#,
      postgres: #"SELECT count(*) FROM "notes" WHERE "done" = $1"#),
    Case(
      "counted within a page", Query(Models.note, skip: 1, limit: 2, answer: .count),
      sqlite: #"SELECT count(*) FROM (SELECT 1 FROM "notes" LIMIT ? OFFSET ?) AS matching"#,
      postgres: #"SELECT count(*) FROM (SELECT 1 FROM "notes" LIMIT $1 OFFSET $2) AS matching"#),
    Case(
      "asked for existence", Query(Models.note, where: .document(["done": true]), answer: .exists),
      sqlite: #"SELECT EXISTS (SELECT 1 FROM "notes" WHERE "done" = ?)"#,
      postgres: #"SELECT EXISTS (SELECT 1 FROM "notes" WHERE "done" = $1)"#),
    Case(
      "distinct keys", Query(Models.note, answer: .distinct("_id")),
      sqlite: #"SELECT DISTINCT "_id" FROM "notes" WHERE "_id" IS NOT NULL"#,
      postgres: #"SELECT DISTINCT "_id" FROM "notes" WHERE "_id" IS NOT NULL"#),
  ]

  static let oddCases: [Case] = [
    Case(
      "equality", Query(Models.note, where: .document(["title": "a"])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" = ? OR "_odd" IS NOT NULL)
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE \#
        ("title" = $1 OR "_odd" IS NOT NULL)
        """#),
    Case(
      "never of the column", Query(Models.note, where: .document(["count": "5"])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "_odd" \#
        IS NOT NULL
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "_odd" \#
        IS NOT NULL
        """#),
    Case(
      "by key", Query(Models.note, where: .document(["_id": .objectID(ObjectID())])),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "_id" = \#
        ?
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "_id" = \#
        $1
        """#),
    Case(
      "sorted", Query(Models.note, sort: [SortKey("count")], limit: 5),
      sqlite: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#),
  ]
}

import PrivataCore
import Testing

@testable import PrivataSQL

/// The first statement of every kind of write, in both dialects.
@Suite struct WriteTextTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let write: Write
    let texts: Texts

    init(_ name: String, _ write: Write, sqlite: String, postgres: String) {
      self.write = write
      texts = Texts(name: name, sqlite: sqlite, postgres: postgres)
    }

    var testDescription: String { texts.name }
  }

  @Test(arguments: cases, SQLDialect.allCases)
  func writes(_ one: Case, _ dialect: SQLDialect) throws {
    let text: String
    switch one.write {
    case .insert(let insert):
      let plan = try InsertPlan(insert, Models.bound(insert.model, dialect))
      text = (plan.generated?.compiled ?? plan.whole).template.text
    case .update(let update):
      let plan = try UpdatePlan(update, Models.bound(update.model, dialect))
      text = (plan.direct?.compiled ?? plan.candidates).template.text
    case .delete(let delete):
      let plan = try DeletePlan(delete, Models.bound(delete.model, dialect))
      text = (plan.direct ?? plan.candidates).template.text
    case .bulk: text = ""
    }
    #expect(text == one.texts.text(dialect))
  }

  static let cases: [Case] = [
    Case(
      "an insert of a document",
      .insert(Insert(Models.note, .documents([["_id": .objectID(ObjectID())]]))),
      sqlite: #"""
        INSERT INTO "notes" ("_id", "title", "count", "at", "done", "_rest", "_odd", \#
        "_ix~title", "_ix~body.zip") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """#,
      postgres: #"""
        INSERT INTO "notes" ("_id", "title", "count", "at", "done", "_rest", "_odd", \#
        "_ix~title", "_ix~body.zip") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """#),
    Case(
      "a typed insert",
      .insert(
        Insert(
          Models.item, .cells(fields: ["label", "size"], RowBatch(width: 2)), returning: ["id"])),
      sqlite: #"INSERT INTO "items" ("label", "size") VALUES (?, ?) RETURNING "id""#,
      postgres: #"INSERT INTO "items" ("label", "size") VALUES ($1, $2) RETURNING "id""#),
    Case(
      "an insert that skips what is taken",
      .insert(
        Insert(
          Models.item, .cells(fields: ["id", "label"], RowBatch(width: 2)),
          onConflict: .ignore(["id"]))),
      sqlite: #"INSERT INTO "items" ("label") VALUES (?) ON CONFLICT ("id") DO NOTHING"#,
      postgres: #"INSERT INTO "items" ("label") VALUES ($1) ON CONFLICT ("id") DO NOTHING"#),
    Case(
      "an upsert",
      .insert(
        Insert(
          Models.item, .cells(fields: ["id", "label"], RowBatch(width: 2)),
          onConflict: .update(
            fields: ["id"], .assign([Assignment("label", "x"), Assignment("size", 1, .increment)])))
      ),
      sqlite: #"""
        INSERT INTO "items" ("label") VALUES (?) ON CONFLICT ("id") DO UPDATE SET \#
        "label" = ?, "size" = "items"."size" + ?
        """#,
      postgres: #"""
        INSERT INTO "items" ("label") VALUES ($1) ON CONFLICT ("id") DO UPDATE SET \#
        "label" = $2, "size" = "items"."size" + $3
        """#),
    Case(
      "$set of a column",
      .update(
        Update(Models.note, where: .document(["count": 1]), .operators(["$set": ["done": true]]))),
      sqlite: #"""
        UPDATE "notes" SET "done" = ? WHERE ("_id" IN (SELECT "_id" FROM "notes" WHERE \#
        "count" = ? LIMIT 1) AND ("done" IS NOT NULL OR "_rest" IS NULL) AND ("done" IS \#
        NOT ?))
        """#,
      postgres: #"""
        UPDATE "notes" SET "done" = $1 WHERE ("_id" IN (SELECT "_id" FROM "notes" WHERE \#
        "count" = $2 LIMIT 1 FOR UPDATE) AND ("done" IS NOT NULL OR "_rest" IS NULL) AND \#
        ("done" IS DISTINCT FROM $3))
        """#),
    Case(
      "$inc",
      .update(
        Update(
          Models.note, where: .document(["_id": .objectID(ObjectID())]),
          .operators(["$inc": ["count": 1]]))),
      sqlite: #"""
        UPDATE "notes" SET "count" = "count" + ? WHERE ("_id" = ? AND (typeof("count") = \#
        'integer' AND "count" + ? BETWEEN -2147483648 AND 2147483647) AND ("count" IS \#
        NOT "count" + ?))
        """#,
      postgres: #"""
        UPDATE "notes" SET "count" = "count" + $1 WHERE ("_id" = $2 AND ("count" = \#
        trunc("count") AND "count" BETWEEN -2147483648 AND 2147483647 AND "count" + $3 \#
        BETWEEN -2147483648 AND 2147483647) AND ("count" IS DISTINCT FROM "count" + $4))
        """#),
    Case(
      "$unset of many",
      .update(Update(Models.note, where: .all, .operators(["$unset": ["at": ""]]), isMany: true)),
      sqlite: #"""
        UPDATE "notes" SET "at" = NULL WHERE (("at" IS NOT NULL OR "_rest" IS NULL) AND \#
        ("at" IS NOT NULL))
        """#,
      postgres: #"""
        UPDATE "notes" SET "at" = NULL WHERE (("at" IS NOT NULL OR "_rest" IS NULL) AND \#
        ("at" IS DISTINCT FROM NULL))
        """#),
    Case(
      "$set of a nested path",
      .update(
        Update(Models.note, where: .document(["count": 1]), .operators(["$set": ["body.zip": "1"]]))
      ),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = ? LIMIT 1
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = $1 LIMIT 1 FOR UPDATE
        """#),
    Case(
      "$push",
      .update(
        Update(Models.note, where: .document(["count": 1]), .operators(["$push": ["tags": "x"]]))),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = ? LIMIT 1
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = $1 LIMIT 1 FOR UPDATE
        """#),
    Case(
      "$set, answered",
      .update(
        Update(
          Models.note, where: .document(["_id": .objectID(ObjectID())]),
          .operators(["$set": ["done": true]]), returning: .after)),
      sqlite: #"""
        UPDATE "notes" SET "done" = ? WHERE ("_id" = ? AND ("done" IS NOT NULL OR \#
        "_rest" IS NULL) AND ("done" IS NOT ?)) RETURNING "_id", "title", "count", "at", \#
        "done", "_rest"
        """#,
      postgres: #"""
        UPDATE "notes" SET "done" = $1 WHERE ("_id" = $2 AND ("done" IS NOT NULL OR \#
        "_rest" IS NULL) AND ("done" IS DISTINCT FROM $3)) RETURNING "_id", "title", \#
        "count", "at", "done", "_rest"
        """#),
    Case(
      "a replacement",
      .update(Update(Models.note, where: .document(["count": 1]), .replacement(["title": "x"]))),
      sqlite: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = ? LIMIT 1
        """#,
      postgres: #"""
        SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" WHERE "count" \#
        = $1 LIMIT 1 FOR UPDATE
        """#),
    Case(
      "typed assignments",
      .update(
        Update(
          Models.item, where: .compare("id", .equal, 1),
          .assign([
            Assignment("label", "x"), Assignment("size", 2, .multiply),
            Assignment("code", .null, .unset),
          ]), isMany: true, layout: .cells)),
      sqlite: #"""
        UPDATE "items" SET "label" = ?, "size" = "items"."size" * ?, "item_code" = NULL \#
        WHERE "id" = ?
        """#,
      postgres: #"""
        UPDATE "items" SET "label" = $1, "size" = "items"."size" * $2, "item_code" = \#
        NULL WHERE "id" = $3
        """#),
    Case(
      "a typed push",
      .update(
        Update(
          Models.item, where: .all, .assign([Assignment("tags", "x", .push)]), isMany: true,
          layout: .cells)),
      sqlite: #"""
        UPDATE "items" SET "tags" = CASE WHEN coalesce("items"."tags", '[]') = '[]' THEN \#
        ? WHEN ? = '[]' THEN "items"."tags" ELSE substr("items"."tags", 1, \#
        length("items"."tags") - 1) || ',' || substr(?, 2) END
        """#,
      postgres: #"UPDATE "items" SET "tags" = coalesce("items"."tags", '{}') || $1"#),
    Case(
      "a delete", .delete(Delete(Models.note, where: .document(["count": 1]))),
      sqlite: #"DELETE FROM "notes" WHERE "count" = ?"#,
      postgres: #"DELETE FROM "notes" WHERE "count" = $1"#),
    Case(
      "a delete of one",
      .delete(
        Delete(Models.note, where: .document(["count": 1]), isMany: false, sort: [SortKey("at")])),
      sqlite: #"""
        DELETE FROM "notes" WHERE "_id" IN (SELECT "_id" FROM "notes" WHERE "count" = ? \#
        ORDER BY "at" LIMIT 1)
        """#,
      postgres: #"""
        DELETE FROM "notes" WHERE "_id" IN (SELECT "_id" FROM "notes" WHERE "count" = $1 \#
        ORDER BY "at" NULLS FIRST LIMIT 1 FOR UPDATE)
        """#),
    Case(
      "a delete by what SQL cannot tell",
      .delete(Delete(Models.note, where: .document(["tags": "x"]))),
      sqlite: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes""#,
      postgres: #"SELECT "_id", "title", "count", "at", "done", "_rest" FROM "notes" FOR UPDATE"#),
    Case(
      "a typed delete, answered",
      .delete(
        Delete(Models.item, where: .compare("id", .equal, 1), returning: .before, layout: .cells)),
      sqlite: #"""
        DELETE FROM "items" WHERE "id" = ? RETURNING "id", "label", "item_code", \#
        "price", "size", "at", "tags", "uid"
        """#,
      postgres: #"""
        DELETE FROM "items" WHERE "id" = $1 RETURNING "id", "label", "item_code", \#
        "price", "size", "at", "tags", "uid"
        """#),
  ]
}

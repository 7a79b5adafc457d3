import PrivataCore

@testable import PrivataSQL

extension ReadTextTests {
  static let typedCases: [Case] = [
    Case(
      "typed, all", Query(Models.item, layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items"
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items"
        """#),
    Case(
      "typed, fields", Query(Models.item, projection: .fields(["code", "id"]), layout: .cells),
      sqlite: #"SELECT "item_code", "id" FROM "items""#,
      postgres: #"SELECT "item_code", "id" FROM "items""#),
    Case(
      "typed, equality", Query(Models.item, where: .compare("code", .equal, "x"), layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "item_code" = ?
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "item_code" = $1
        """#),
    Case(
      "typed, a comparison of fields",
      Query(Models.item, where: .compareFields("label", .less, "code"), layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "label" < "item_code"
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "label" < "item_code"
        """#),
    Case(
      "typed, a list", Query(Models.item, where: .isIn("size", [1, 2]), layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "size" IN privata_list(?)
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "size" = ANY($1)
        """#),
    Case(
      "typed, no list", Query(Models.item, where: .isNotIn("size", [1, 2]), layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE NOT ("size" IN privata_list(?))
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE NOT ("size" = ANY($1))
        """#),
    Case(
      "typed, null",
      Query(Models.item, where: .and([.isNull("code"), .isNotNull("size")]), layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE ("item_code" IS NULL AND "size" IS NOT NULL)
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE ("item_code" IS NULL AND "size" IS NOT NULL)
        """#),
    Case(
      "typed, texts",
      Query(
        Models.item,
        where: .or([
          .text("label", .contains, "a%", ignoringCase: false),
          .text("label", .startsWith, "b", ignoringCase: true),
          .text("code", .like, "c_", ignoringCase: false),
        ]), layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE (instr("label", ?) > 0 OR "label" LIKE ? ESCAPE '\' OR "item_code" \#
        GLOB ?)
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE (strpos("label", $1) > 0 OR "label" ILIKE $2 ESCAPE '\' OR \#
        "item_code" LIKE $3)
        """#),
    Case(
      "typed, lists", Query(Models.item, where: .list("tags", .hasSome, ["a"]), layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE CASE WHEN "tags" IS NOT NULL THEN EXISTS (SELECT 1 FROM \#
        json_each("tags") AS own WHERE own.value IN (SELECT value FROM json_each(?))) \#
        END
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "tags" && $1
        """#),
    Case(
      "typed, not",
      Query(Models.item, where: .not(.compare("size", .greaterOrEqual, 3)), layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE NOT ("size" >= ?)
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE NOT ("size" >= $1)
        """#),
    Case(
      "typed, decimals",
      Query(
        Models.item, where: .compare("price", .greater, .decimal(Decimal128("1.5")!)),
        layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "price" COLLATE privata_decimal > ?
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" WHERE "price" > $1
        """#),
    Case(
      "typed, sorted with nulls last",
      Query(Models.item, sort: [SortKey("size", nulls: .last)], limit: 1, layout: .cells),
      sqlite: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" ORDER BY "size" NULLS LAST LIMIT ?
        """#,
      postgres: #"""
        SELECT "id", "label", "item_code", "price", "size", "at", "tags", "uid" FROM \#
        "items" ORDER BY "size" NULLS LAST LIMIT $1
        """#),
    Case(
      "typed, distinct", Query(Models.item, answer: .distinct("size"), layout: .cells),
      sqlite: #"SELECT DISTINCT "size" FROM "items" WHERE "size" IS NOT NULL"#,
      postgres: #"SELECT DISTINCT "size" FROM "items" WHERE "size" IS NOT NULL"#),
  ]
}

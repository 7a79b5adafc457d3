import PrivataCore

@testable import PrivataSQL

/// Models for statement texts.
enum Models {
  /// A document model, with a nested index and a unique field.
  static let note = ModelSchema(
    name: "Note", collection: "notes",
    fields: [
      .init("_id", .objectID), .init("title", .string, isUnique: true), .init("count", .number),
      .init("at", .date), .init("done", .bool), .init("body", .document),
      .init("tags", .array(.string)),
    ], indexes: [IndexSchema(parts: [.init("body.zip")])], isOpen: true)

  /// A typed model.
  static let item = ModelSchema(
    name: "Item", collection: "items",
    fields: [
      .init("id", .int64, isOptional: false, isGenerated: true),
      .init("label", .string, isOptional: false), .init("code", .string, column: "item_code"),
      .init("price", .decimal(precision: 10, scale: 2)), .init("size", .int32),
      .init("at", .date), .init("tags", .array(.string)), .init("uid", .uuid),
    ], primaryKey: ["id"])

  static func bound(
    _ model: ModelSchema, _ dialect: SQLDialect, mayHoldOdd: Bool = false
  ) -> BoundModel {
    let plain = TableLayout(model, dialect: dialect)
    let table = PhysicalTable(
      columns: plain.columns, indexes: plain.keyed, mayHoldOdd: mayHoldOdd)
    return BoundModel(model, dialect: dialect, table: table)
  }
}

/// What a plan is expected to send in each dialect.
struct Texts: Sendable, CustomStringConvertible {
  let name: String
  let sqlite: String
  let postgres: String

  var description: String { name }

  func text(_ dialect: SQLDialect) -> String { dialect == .sqlite ? sqlite : postgres }
}

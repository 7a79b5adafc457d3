internal import PrivataCore

/// A column of a table, view, alias or subquery, as queries refer to it.
///
/// ```swift
/// let email = users["email"]                 // by its key in the program
/// eq(email, "ada@example.org")               // "users"."email" = $1
/// ```
///
/// A column that a table does not have is refused when the statement is rendered.
public struct SQLColumn: Sendable {
  private let facts: Facts
  /// The name that the selection gives it.
  var alias: String?

  /// What does not change, shared by all copies.
  private final class Facts: Sendable {
    let key: String
    let name: String
    let definition: ColumnDefinition?
    let codec: any ColumnCodec
    let owner: Owner?

    init(
      _ key: String, _ name: String, _ definition: ColumnDefinition?, _ codec: any ColumnCodec,
      _ owner: Owner?
    ) {
      self.key = key
      self.name = name
      self.definition = definition
      self.codec = codec
      self.owner = owner
    }
  }

  /// The key in the program and in rows.
  public var key: String { facts.key }
  /// The name in the database.
  public var name: String { facts.name }
  /// What was said about the column where the table was defined; `nil` for an expression of a
  /// subquery.
  public var definition: ColumnDefinition? { facts.definition }
  /// How values are kept and read.
  var codec: any ColumnCodec { facts.codec }
  /// What the column's name is qualified with.
  var owner: Owner? { facts.owner }

  /// Where a column comes from.
  struct Owner: Sendable, Hashable {
    var schema: String?
    var name: String
    var isAlias: Bool
  }

  init(
    key: String, name: String, definition: ColumnDefinition?, codec: any ColumnCodec,
    owner: Owner?, alias: String? = nil
  ) {
    facts = Facts(key, name, definition, codec, owner)
    self.alias = alias
  }

  /// Selects the column under another name.
  ///
  /// ```swift
  /// users["id"].as("user_key")   // "id" as "user_key"
  /// ```
  public func `as`(_ alias: String) -> SQLColumn {
    var copy = self
    copy.alias = alias
    return copy
  }

  /// The column itself, where it was given a name by ``as(_:)``.
  var original: SQLColumn {
    var copy = self
    copy.alias = nil
    return copy
  }

  /// True where the database holds a value in every row.
  var isNotNull: Bool { definition.map { $0.isNotNull } ?? false }

  /// The type that drivers bind and read the column by, for columns of models.
  var fieldType: FieldType? { (codec as? ModelCodec)?.type }

  func moved(to owner: Owner) -> SQLColumn {
    SQLColumn(key: key, name: name, definition: definition, codec: codec, owner: owner)
  }
}

extension SQLColumn: SQLConvertible, SQLOperand {
  /// The column's name, qualified by its table.
  public var sql: SQL { SQL([.column(self)], decoder: .column(self)) }

  /// The column's name.
  public func operand(for column: SQLColumn?) -> SQL { sql }
}

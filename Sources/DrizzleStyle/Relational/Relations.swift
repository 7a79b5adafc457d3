public import PrivataCore

/// The relations between the tables of a schema, declared in one place.
///
/// ```swift
/// let relations = try Relations(
///   ["users": users, "sessions": sessions],
///   [
///     "users": ["sessions": .many("sessions", from: ["users.id"], to: ["sessions.userId"])],
///     "sessions": ["user": .one("users")],
///   ])
/// let db = try await DrizzleStyle.connect(.sqlite("clinic.db"), relations: relations)
/// let rows = try await db.query("users").findMany(with: ["sessions": true]).all()
/// ```
///
/// A relation without columns is the reverse of the one that the other table declares.
public final class Relations: Sendable {
  /// The tables and views by their keys.
  let sources: [String: any QuerySource]
  let relations: [String: [String: Relation]]

  /// Relations between these tables and views.
  ///
  /// - Throws: `badArgument` that names the relation: its name is a column's, columns of the wrong
  ///   table, one side without the other, no reverse relation or more than one.
  public init(
    _ sources: [String: any QuerySource],
    _ definitions: [String: [String: RelationDefinition]] = [:]
  ) throws(PrivataError) {
    self.sources = sources
    var builder = RelationsBuilder(sources: sources, definitions: definitions)
    relations = try builder.build()
  }

  /// The names of the relations of a table.
  public func names(of table: String) -> [String] { relations[table]?.keys.sorted() ?? [] }

  func relation(_ name: String, of table: String) -> Relation? { relations[table]?[name] }
}

/// One relation as it is declared.
public struct RelationDefinition: Sendable {
  /// True where there is at most one related row.
  public var isOne: Bool
  /// The key of the other table.
  public var target: String
  /// The columns on this side, as `table.column`.
  public var from: [RelationColumn]?
  /// The columns on the other side.
  public var to: [RelationColumn]?
  /// What tells relations between the same tables apart; the same on both sides.
  public var alias: String?
  /// False where the related row is always there.
  public var isOptional: Bool
  /// A condition on the related rows that always holds.
  public var condition: RelationFilter?

  /// At most one related row.
  public static func one(
    _ target: String, from: [RelationColumn]? = nil, to: [RelationColumn]? = nil,
    alias: String? = nil, isOptional: Bool = true, where condition: RelationFilter? = nil
  ) -> RelationDefinition {
    RelationDefinition(
      isOne: true, target: target, from: from, to: to, alias: alias, isOptional: isOptional,
      condition: condition)
  }

  /// Any number of related rows.
  public static func many(
    _ target: String, from: [RelationColumn]? = nil, to: [RelationColumn]? = nil,
    alias: String? = nil, where condition: RelationFilter? = nil
  ) -> RelationDefinition {
    RelationDefinition(
      isOne: false, target: target, from: from, to: to, alias: alias, isOptional: true,
      condition: condition)
  }
}

/// A column of a relation, as `table.column`; over a junction table with the junction's column.
public struct RelationColumn: Sendable, Hashable, ExpressibleByStringLiteral {
  /// The key of the table and the key of the column.
  public var path: String
  /// The junction's column, where the relation goes over one.
  public var through: String?

  /// A column, over the column of a junction where one is named.
  public init(_ path: String, through: String? = nil) {
    self.path = path
    self.through = through
  }

  /// A column without a junction.
  public init(stringLiteral path: String) { self.init(path) }

  var table: String { String(path.prefix { $0 != "." }) }
  var key: String { String(path.drop { $0 != "." }.dropFirst()) }
}

/// A relation that can be followed.
struct Relation: Sendable {
  var name: String
  var isOne: Bool
  var target: String
  var from: [String]
  var to: [String]
  var junction: Junction?
  var condition: RelationFilter?
  /// True where the condition was declared by the other side and so concerns this table.
  var isReversed = false

  /// The table between, and its columns for either side.
  struct Junction: Sendable {
    var table: String
    var from: [String]
    var to: [String]
  }
}

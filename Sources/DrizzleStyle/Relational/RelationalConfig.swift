internal import PrivataCore

/// What a relational query asks of one table: columns, related rows, conditions, order, page.
///
/// ```swift
/// RelationalConfig(
///   columns: ["id": true], with: ["sessions": .init(where: ["kind": "video"], limit: 1)],
///   orderBy: ["id": .ascending])
/// ```
public struct RelationalConfig: Sendable {
  /// Which columns, by key: true names those asked for, in order; false alone leaves out.
  public var columns: KeyList<Bool>?
  /// Which related rows, and what is asked of them.
  public var with: KeyList<RelationalConfig?>
  /// Which rows.
  public var filter: RelationFilter?
  /// In what order.
  public var order: RelationOrder?
  /// How many rows; per parent row below the root.
  public var limit: RowBound?
  /// How many rows to leave out first.
  public var offset: RowBound?
  /// Computed fields.
  public var extras: KeyList<RelationExtra>

  /// All columns and all rows, where nothing else is said.
  public init(
    columns: KeyList<Bool>? = nil, with: KeyList<RelationalConfig?> = [:],
    where filter: RelationFilter? = nil, orderBy order: RelationOrder? = nil,
    limit: RowBound? = nil, offset: RowBound? = nil, extras: KeyList<RelationExtra> = [:]
  ) {
    self.columns = columns
    self.with = with
    self.filter = filter
    self.order = order
    self.limit = limit
    self.offset = offset
    self.extras = extras
  }

  /// All columns and all rows.
  public static var all: RelationalConfig { RelationalConfig() }
}

/// Values by keys whose order counts.
public struct KeyList<Element: Sendable>: Sendable, ExpressibleByDictionaryLiteral {
  var entries: [(key: String, value: Element)]

  /// These keys and values.
  public init(dictionaryLiteral elements: (String, Element)...) {
    entries = elements.map { ($0.0, $0.1) }
  }

  /// Keys and values that are known at run time.
  public init(_ entries: [(key: String, value: Element)]) { self.entries = entries }
}

/// A computed field of a relational query.
public struct RelationExtra: Sendable {
  let make: @Sendable (RelationTable) -> SQL

  /// An expression over the table as the query refers to it.
  public init(_ make: @escaping @Sendable (RelationTable) -> SQL) { self.make = make }
}

/// The order of a relational query.
public struct RelationOrder: Sendable, ExpressibleByDictionaryLiteral {
  let make: @Sendable (RelationTable) -> [SQL]

  /// From low to high, or from high to low.
  public enum Direction: Sendable, Hashable { case ascending, descending }

  /// By columns, the most significant first.
  public init(dictionaryLiteral elements: (String, Direction)...) {
    let keys = elements.map { ($0.0, $0.1) }
    self.init(keys: keys)
  }

  /// By columns that are known at run time.
  public init(keys: [(key: String, direction: Direction)]) {
    make = { table in
      keys.map { $0.direction == .ascending ? asc(table[$0.key]) : desc(table[$0.key]) }
    }
  }

  /// By expressions over the table as the query refers to it; a column alone ascends.
  public init(_ make: @escaping @Sendable (RelationTable) -> [any SQLConvertible]) {
    self.make = { table in make(table).map { ($0 as? SQLColumn).map { asc($0) } ?? $0.sql } }
  }
}

/// A number of rows, given now or when the statement runs.
public enum RowBound: Sendable, ExpressibleByIntegerLiteral {
  case rows(Int)
  case placeholder(String)

  /// A number that is given now.
  public init(integerLiteral value: Int) { self = .rows(value) }

  var bound: Bound {
    switch self {
    case .rows(let number): .number(number)
    case .placeholder(let name): .placeholder(name)
    }
  }
}

/// A relational query in all its parts.
struct RelationalPlan: Sendable {
  var relations: Relations
  var key: String
  var source: SQLSource
  var config: RelationalConfig
  var isFirst: Bool
  var comment: String?
}

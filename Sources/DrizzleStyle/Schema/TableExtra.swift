public import PrivataCore

/// What a table says beyond its columns: indexes, constraints, policies.
public enum TableExtra: Sendable {
  /// An index; unique or not.
  case index(IndexDefinition)
  /// A rule that no two rows share the values of columns, by their keys.
  case unique(name: String?, keys: [String], nullsNotDistinct: Bool)
  /// A primary key of several columns, by their keys.
  case primaryKey(name: String?, keys: [String])
  /// A condition that every row fulfils.
  case check(name: String, SQL)
  /// A reference by several columns.
  case foreignKey(ForeignKeyDefinition)
  /// A policy of row level security (PostgreSQL).
  case policy(PolicyDefinition)
}

/// An index of a table.
public struct IndexDefinition: Sendable {
  /// The name; made from table and columns where `nil` (PostgreSQL).
  public var name: String?
  /// True where no two rows may share the values.
  public var isUnique: Bool
  /// The elements, the most significant first.
  public var elements: [Element]
  /// Only rows that fulfil it are in the index.
  public var condition: SQL?
  /// The method: `gin`, `gist`, `brin`, `hash` (PostgreSQL).
  public var method: String?
  /// Storage parameters (PostgreSQL).
  public var parameters: [(name: String, value: String)]
  /// True builds it without blocking writes (PostgreSQL).
  public var isConcurrent = false
  /// True leaves partitions out (PostgreSQL).
  public var isOnly = false

  /// One element of an index.
  public struct Element: Sendable {
    /// A column, or an expression.
    public var expression: SQL
    /// True from high to low; `nil` where nothing is said.
    public var isDescending: Bool?
    /// True where nulls come first; `nil` where nothing is said.
    public var nullsFirst: Bool?
    /// The operator class.
    public var operatorClass: String?

    /// An element.
    public init(
      _ expression: SQL, isDescending: Bool? = nil, nullsFirst: Bool? = nil,
      operatorClass: String? = nil
    ) {
      self.expression = expression
      self.isDescending = isDescending
      self.nullsFirst = nullsFirst
      self.operatorClass = operatorClass
    }
  }

  /// An index over these elements.
  public init(
    _ name: String?, isUnique: Bool = false, on elements: [Element], where condition: SQL? = nil,
    using method: String? = nil, with parameters: [(name: String, value: String)] = []
  ) {
    self.name = name
    self.isUnique = isUnique
    self.elements = elements
    self.condition = condition
    self.method = method
    self.parameters = parameters
  }
}

/// A reference by one or more columns.
public struct ForeignKeyDefinition: Sendable {
  /// The name; made from tables and columns where `nil`.
  public var name: String?
  /// The keys of the columns that refer.
  public var keys: [String]
  /// The columns that are referred to.
  public var columns: @Sendable () -> [SQLColumn]
  /// When the row that is referred to is deleted.
  public var onDelete: Reference.Action?
  /// When its key changes.
  public var onUpdate: Reference.Action?

  /// A reference.
  public init(
    _ name: String? = nil, _ keys: [String],
    references columns: @escaping @Sendable () -> [SQLColumn],
    onDelete: Reference.Action? = nil, onUpdate: Reference.Action? = nil
  ) {
    self.name = name
    self.keys = keys
    self.columns = columns
    self.onDelete = onDelete
    self.onUpdate = onUpdate
  }
}

/// A policy of row level security.
public struct PolicyDefinition: Sendable {
  /// The name.
  public var name: String
  /// `permissive` or `restrictive`.
  public var kind: String?
  /// `all`, `select`, `insert`, `update` or `delete`.
  public var command: String?
  /// The roles that it holds for.
  public var roles: [String]
  /// The rows that are seen.
  public var using: SQL?
  /// The rows that may be written.
  public var withCheck: SQL?

  /// A policy.
  public init(
    _ name: String, as kind: String? = nil, for command: String? = nil, to roles: [String] = [],
    using: SQL? = nil, withCheck: SQL? = nil
  ) {
    self.name = name
    self.kind = kind
    self.command = command
    self.roles = roles
    self.using = using
    self.withCheck = withCheck
  }
}

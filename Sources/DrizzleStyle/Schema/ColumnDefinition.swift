public import PrivataCore

/// What a table says about one column: its type, its name, whether it may be null, what fills it.
///
/// ```swift
/// .postgres(.text).named("first_name").notNull()
/// .sqlite(.integer(.timestampMilliseconds)).notNull().default(sql("1735689600000"))
/// ```
public struct ColumnDefinition: Sendable {
  /// The type, by database.
  public var type: ColumnType
  /// The name in the database; the key where nothing is said.
  public var name: String?
  /// True where the database refuses null.
  public var isNotNull = false
  /// True for the only column of the primary key.
  public var isPrimaryKey = false
  /// SQLite: true where ids of deleted rows are never given again.
  public var isAutoincrement = false
  /// Set where no two rows may share a value.
  public var uniqueness: Uniqueness?
  /// What the database fills in.
  public var defaultValue: DefaultValue?
  /// What is filled in for each inserted row without a value.
  public var onInsert: (@Sendable () -> SQLValue)?
  /// What is filled in on each update, and insert, without a value.
  public var onUpdate: (@Sendable () -> SQLValue)?
  /// The expression that the database computes the column from.
  public var generated: Generated?
  /// PostgreSQL's identity.
  public var identity: Identity?
  /// The column of another table that the column refers to.
  public var reference: ColumnReference?

  /// A column of a type.
  public init(_ type: ColumnType) { self.type = type }

  /// A column of PostgreSQL.
  public static func postgres(_ type: PostgresColumn) -> ColumnDefinition {
    var definition = ColumnDefinition(.postgres(type, dimensions: 0))
    definition.isNotNull = type.isSerial
    return definition
  }

  /// A column of SQLite.
  public static func sqlite(_ type: SQLiteColumn) -> ColumnDefinition {
    ColumnDefinition(.sqlite(type))
  }

  /// How the database fills a column.
  public enum DefaultValue: Sendable {
    /// A value.
    case value(Value)
    /// An expression.
    case sql(SQL)
    /// The current time.
    case now
  }

  /// The rule that no two rows share a value.
  public struct Uniqueness: Sendable, Hashable {
    /// The constraint's name; made from table and column where `nil`.
    public var name: String?
    /// True where two nulls are the same value (PostgreSQL 15 and later).
    public var nullsNotDistinct = false
  }

  /// A computed column.
  public struct Generated: Sendable {
    /// What it is computed from.
    public var expression: SQL
    /// True where the database keeps the result, false where it computes it on each read.
    public var isStored: Bool
  }

  /// PostgreSQL's numbered column.
  public struct Identity: Sendable {
    /// True where an insert must not give a value.
    public var isAlways: Bool
    /// The sequence behind it.
    public var sequence: SequenceOptions
  }
}

/// The column that another refers to.
public struct ColumnReference: Sendable {
  /// The column; asked for when it is needed, so that tables may refer to each other.
  public var column: @Sendable () -> SQLColumn
  /// When the row that is referred to is deleted.
  public var onDelete: Reference.Action?
  /// When its key changes.
  public var onUpdate: Reference.Action?
}

/// The numbers that a sequence gives.
public struct SequenceOptions: Sendable, Hashable {
  /// The sequence's name.
  public var name: String?
  /// The first number.
  public var startWith: Int?
  /// The step.
  public var increment: Int?
  /// The bounds.
  public var minValue: Int?
  public var maxValue: Int?
  /// How many numbers a connection takes at once.
  public var cache: Int?
  /// True starts again after the last number.
  public var cycles = false

  /// The database's own options.
  public init() {}
}

public import PrivataCore
internal import Synchronization

/// The text of a statement with its parameters' and columns' types: compiled once per shape of query
/// and shared by all its runs. Drivers keep prepared statements by ``id``.
///
/// ```swift
/// let template = SQLTemplate(
///   #"SELECT "name" FROM "users" WHERE "age" > ?"#, parameters: [.int32], columns: [.string])
/// let result = try await executor.execute(SQLStatement(template, [.int32(18)]))
/// ```
public final class SQLTemplate: Sendable {
  /// The SQL, with placeholders of the dialect.
  public let text: String
  /// `find`, `insert`, `update`, `delete`, `schema`, `raw`: for the statement log.
  public let kind: String
  /// The table concerned, for the statement log.
  public let collection: String
  /// The type of each parameter; `nil` follows from the value. A list as one parameter is an array.
  public let parameters: [FieldType?]
  /// How each column of the result is decoded; `nil` alone or as a whole follows from what the store
  /// answers.
  public let columns: [FieldType?]?
  /// True where the template is kept and run again; false for SQL that came as text, which drivers
  /// find again by the text.
  public let isCompiled: Bool
  /// Postgres: true where columns that no field's type decodes come as the server's text, with the
  /// numbers of their types in ``SQLResult/types``; false where they come as values.
  public let answersText: Bool
  /// Different for every template of the process.
  public let id: Int

  private static let count = Atomic<Int>(0)

  /// A template of this text.
  public init(
    _ text: String, kind: String = "raw", collection: String = "", parameters: [FieldType?] = [],
    columns: [FieldType?]? = nil, isCompiled: Bool = true, answersText: Bool = false
  ) {
    self.text = text
    self.answersText = answersText
    self.isCompiled = isCompiled
    self.kind = kind
    self.collection = collection
    self.parameters = parameters
    self.columns = columns
    id = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// What observers of the statement log receive; without values.
  public var record: StatementRecord {
    StatementRecord(kind: kind, collection: collection, text: text)
  }
}

/// A template with values for its parameters.
public struct SQLStatement: Sendable {
  /// The text with its placeholders, and the values.
  public var template: SQLTemplate
  public var parameters: [Value]

  /// A run of a compiled template.
  public init(_ template: SQLTemplate, _ parameters: [Value] = []) {
    self.template = template
    self.parameters = parameters
  }

  /// A statement of SQL text that is not compiled beforehand. Drivers prepare such a text once too,
  /// and find it again by its text.
  public init(sql text: String, _ parameters: [Value] = [], decoding columns: [FieldType?]? = nil) {
    template = SQLTemplate(text, columns: columns, isCompiled: false)
    self.parameters = parameters
  }
}

/// What a statement answered.
public struct SQLResult: Sendable {
  /// The rows, one cell per column; empty where the statement answers none.
  public var rows: RowBatch
  /// The names of the columns.
  public var columns: [String]
  /// How many rows an insert, update or delete touched.
  public var affected: Int
  /// SQLite: the row id of the last insert of this connection.
  public var lastRowID: Int64?
  /// Postgres: the number of each column's type in `pg_type`, where the template asks for texts;
  /// empty elsewhere.
  public var types: [UInt32] = []

  /// A result.
  public init(rows: RowBatch, columns: [String] = [], affected: Int = 0, lastRowID: Int64? = nil) {
    self.rows = rows
    self.columns = columns
    self.affected = affected
    self.lastRowID = lastRowID
  }
}

/// A store, or a transaction of one, that runs SQL.
///
/// ```swift
/// let result = try await executor.execute(
///   SQLStatement(sql: "SELECT count(*) FROM users WHERE age > ?", [.int32(18)]))
/// ```
///
/// The transactions that a SQL store begins are executors too.
///
/// - Privacy: SQL text goes to the store as it is, past policies; a vault offers no executor.
public protocol SQLExecutor: Sendable {
  /// The SQL that the store speaks.
  var dialect: SQLDialect { get }
  /// Runs one statement and answers its rows.
  func execute(_ statement: SQLStatement) async throws(PrivataError) -> SQLResult
}

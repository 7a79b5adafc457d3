/// What a SQL store said about a statement that it refused: the `underlying` of the errors that SQL
/// drivers throw. Holds names alone, never a value or the statement.
///
/// ```swift
/// catch let error as PrivataError { (error.underlying as? SQLFailure)?.code }  // "23505"
/// ```
public struct SQLFailure: Error, Sendable, Hashable {
  /// Postgres: the SQLSTATE. SQLite: the extended result code by its name, such as
  /// `SQLITE_CONSTRAINT_UNIQUE`.
  public var code: String
  /// The constraint that refused, where the store names one.
  public var constraint: String?
  /// The table concerned, where the store names one.
  public var table: String?

  /// A failure of a code.
  public init(code: String, constraint: String? = nil, table: String? = nil) {
    self.code = code
    self.constraint = constraint
    self.table = table
  }
}

public import PrivataCore
internal import PrivataSQL

/// What a database said about a refused statement: the `underlying` of the `PrivataError`.
///
/// ```swift
/// do { try await db.insert(tags).values(["name": "vip"]).run() }
/// catch let error as PrivataError where error.code == .duplicateKey {
///   let failure = error.underlying as? QueryError   // code "23505", constraint "tags_name_key"
/// }
/// ```
///
/// - Privacy: holds the statement's text with its placeholders, never the values.
public struct QueryError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The statement.
  public let sql: String
  /// PostgreSQL's SQLSTATE, or SQLite's extended result code by name.
  public let code: String?
  /// The constraint that refused, where the database names one.
  public let constraint: String?

  /// Code and statement.
  public var description: String { "query failed (\(code ?? "no code")): \(sql)" }

  static func wrap(_ error: PrivataError, _ sql: String) -> PrivataError {
    var error = error
    let failure = error.underlying as? SQLFailure
    error.underlying = QueryError(sql: sql, code: failure?.code, constraint: failure?.constraint)
    return error
  }
}

extension PrivataError.Code {
  /// The transaction was rolled back because the program asked for it.
  public static let transactionRollback = PrivataError.Code("transactionRollback")
}

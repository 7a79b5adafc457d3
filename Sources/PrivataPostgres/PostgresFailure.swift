/// What a server said about a failed statement, by names alone.
struct PostgresFailure: Sendable, Hashable {
  var state: SQLState
  var schema: String?
  var table: String?
  var column: String?
  var constraint: String?

  /// A failure of a state, without names.
  init(_ state: SQLState) { self.state = state }
}

/// Five characters that say what went wrong.
///
/// Source: PostgreSQL manual, appendix A.
struct SQLState: Sendable, Hashable, CustomStringConvertible {
  let description: String

  init(_ text: String) { description = text }

  /// The first two characters, which many states share.
  var category: Substring { description.prefix(2) }
}

extension SQLState {
  static let uniqueViolation = SQLState("23505")
  static let foreignKeyViolation = SQLState("23503")
  static let notNullViolation = SQLState("23502")
  static let checkViolation = SQLState("23514")
  static let exclusionViolation = SQLState("23P01")
  static let serializationFailure = SQLState("40001")
  static let deadlock = SQLState("40P01")
  static let invalidPassword = SQLState("28P01")
  static let invalidAuthorization = SQLState("28000")
  static let unknownDatabase = SQLState("3D000")
  static let queryCancelled = SQLState("57014")
  static let adminShutdown = SQLState("57P01")
  static let tooManyConnections = SQLState("53300")
  static let diskFull = SQLState("53100")
  static let unknownStatement = SQLState("26000")
  static let featureNotSupported = SQLState("0A000")
  static let indeterminateType = SQLState("42P18")
  static let failedTransaction = SQLState("25P02")
  static let readOnlyTransaction = SQLState("25006")
  /// Our own, for a COPY, which has no place on a shared connection.
  static let copyRefused = SQLState("0A0CP")
  static let lockNotAvailable = SQLState("55P03")
}

/// A refusal in MongoDB's own terms: the server's code and its name. MongoDB's driver hands over what
/// the server said, the document engine (which answers for SQL and memory stores) says the same.
///
/// ```swift
/// catch let error where (error.underlying as? ServerError)?.code == 11000 { … }
/// ```
///
/// Travels as ``PrivataError/underlying``; holds no personal value that can print.
public struct ServerError: Error, Sendable, Hashable {
  /// MongoDB's number: 11000 for a duplicate key, 40 for conflicting update paths.
  public var code: Int
  /// MongoDB's name for the number: `DuplicateKey`, or `Location31254` where it has none.
  public var codeName: String
  /// The fields of the violated unique index, as MongoDB reports them.
  public var keyPattern: Document?
  /// The values that were taken, kept from printing.
  public var keyValue: Protected<Document>?
  /// What the server says about the error: `TransientTransactionError`, `RetryableWriteError`.
  public var labels: [String]

  /// A refusal; the name follows from the code where it is not given.
  public init(
    code: Int, codeName: String? = nil, keyPattern: Document? = nil, keyValue: Document? = nil,
    labels: [String] = []
  ) {
    self.code = code
    self.codeName = codeName ?? Self.name(of: code)
    self.keyPattern = keyPattern
    self.keyValue = keyValue.map { Protected($0) }
    self.labels = labels
  }

  /// MongoDB's name for a code.
  ///
  /// Source: MongoDB's `error_codes.yml`; codes without a name are called `Location<code>`.
  public static func name(of code: Int) -> String {
    names[code] ?? "Location\(code)"
  }

  private static let names: [Int: String] = [
    1: "InternalError", 2: "BadValue", 6: "HostUnreachable", 8: "UnknownError",
    9: "FailedToParse", 11: "UserNotFound", 13: "Unauthorized", 14: "TypeMismatch",
    15: "Overflow", 16: "InvalidLength", 17: "ProtocolError", 18: "AuthenticationFailed",
    20: "IllegalOperation", 24: "LockTimeout", 26: "NamespaceNotFound", 27: "IndexNotFound",
    28: "PathNotViable", 34: "CannotBackfillArray", 40: "ConflictingUpdateOperators",
    43: "CursorNotFound",
    45: "UserDataInconsistent", 48: "NamespaceExists", 50: "MaxTimeMSExpired",
    51: "ManualInterventionRequired", 52: "DollarPrefixedFieldName", 53: "InvalidIdField",
    54: "NotSingleValueField", 55: "InvalidDBRef", 56: "EmptyFieldName", 57: "DottedFieldName",
    59: "CommandNotFound", 66: "ImmutableField", 67: "CannotCreateIndex", 72: "InvalidOptions",
    73: "InvalidNamespace", 85: "IndexOptionsConflict", 86: "IndexKeySpecsConflict",
    89: "NetworkTimeout", 91: "ShutdownInProgress", 96: "OperationFailed",
    111: "NotExactValueField", 112: "WriteConflict",
    115: "CommandNotSupported", 117: "ConflictingOperationInProgress",
    121: "DocumentValidationFailure", 125: "CommandFailed", 136: "CappedPositionLost",
    146: "ExceededMemoryLimit", 159: "DurationOverflow", 168: "InvalidPipelineOperator",
    189: "PrimarySteppedDown",
    224: "QueryFeatureNotAllowed", 225: "TransactionTooOld", 241: "ConversionFailure",
    244: "TransactionAborted",
    251: "NoSuchTransaction", 256: "TransactionCommitted", 257: "TransactionTooLarge",
    263: "OperationNotSupportedInTransaction", 10107: "NotWritablePrimary",
    10334: "BSONObjectTooLarge",
    11000: "DuplicateKey", 11600: "InterruptedAtShutdown", 11601: "Interrupted",
    13435: "NotPrimaryNoSecondaryOk", 13436: "NotPrimaryOrSecondary",
  ]
}

extension PrivataError {
  /// A refusal as MongoDB gives it, with its code in ``underlying``.
  package static func rejected(
    _ code: Int, _ message: String, as privataCode: Code = .rejectedByStore, fields: [String] = []
  ) -> PrivataError {
    PrivataError(privataCode, message, fields: fields, underlying: ServerError(code: code))
  }
}

/// The one error type of Privata: a stable code, a message without personal values, and what a
/// caller can act on.
///
/// ```swift
/// do { _ = try await User.create(["email": "taken@example.org"]) }
/// catch let error where error.code == .duplicateKey { print(error.fields) }  // ["email"]
/// ```
///
/// Messages name stores, models and fields, never what a record holds. The offending value, where a
/// program needs it, travels in ``value`` as ``Protected``, which does not print.
public struct PrivataError: Error, Sendable {
  /// What went wrong, stable across releases.
  public var code: Code
  /// For people: what happened and what to do. Holds no personal value.
  public var message: String
  /// The fields concerned, as the model names them.
  public var fields: [String]
  /// The model concerned.
  public var model: String?
  /// True where the same call may succeed later without a change.
  public var isRetriable: Bool
  /// The offending value, kept from printing.
  public var value: Protected<Value>?
  /// The style's own error (a `ValidationError`, a `CastError`) or the driver's.
  public var underlying: (any Error)?

  /// An error of a code with its message.
  public init(
    _ code: Code, _ message: String, fields: [String] = [], model: String? = nil,
    isRetriable: Bool = false, value: Value? = nil, underlying: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.fields = fields
    self.model = model
    self.isRetriable = isRetriable
    self.value = value.map { Protected($0) }
    self.underlying = underlying
  }
}

extension PrivataError {
  /// A stable code. New ones may be added; compare with `==`, keep a `default`.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The name, as logs and audit events hold it.
    public let name: String

    /// A code of a style or an extension; the core's own are static members.
    public init(_ name: String) { self.name = name }

    public var description: String { name }

    // What the caller sent.
    public static let unknownModel = Code("unknownModel")
    public static let unknownField = Code("unknownField")
    public static let unknownOperator = Code("unknownOperator")
    public static let wrongType = Code("wrongType")
    public static let badID = Code("badID")
    public static let badArgument = Code("badArgument")
    public static let badURL = Code("badURL")
    public static let missingField = Code("missingField")
    public static let validation = Code("validation")
    public static let unboundedDelete = Code("unboundedDelete")
    public static let unsupported = Code("unsupported")
    public static let immutableField = Code("immutableField")
    public static let notFound = Code("notFound")

    // What the store answered.
    public static let duplicateKey = Code("duplicateKey")
    public static let foreignKey = Code("foreignKey")
    public static let constraint = Code("constraint")
    public static let writeConflict = Code("writeConflict")
    public static let versionConflict = Code("versionConflict")
    public static let transactionEnded = Code("transactionEnded")
    public static let rejectedByStore = Code("rejectedByStore")

    // What keeps the store from answering.
    public static let connection = Code("connection")
    public static let authentication = Code("authentication")
    public static let timeout = Code("timeout")
    public static let cancelled = Code("cancelled")
    public static let poolExhausted = Code("poolExhausted")
    public static let closed = Code("closed")
    public static let busy = Code("busy")
    public static let diskFull = Code("diskFull")
    public static let newerSchema = Code("newerSchema")
    public static let corrupt = Code("corrupt")

    // What the law asks.
    public static let vaultRequired = Code("vaultRequired")
    public static let accessDenied = Code("accessDenied")
    public static let contextRequired = Code("contextRequired")
    public static let auditUnavailable = Code("auditUnavailable")
    public static let subjectFrozen = Code("subjectFrozen")
    public static let malformed = Code("malformed")
  }
}

extension PrivataError: CustomStringConvertible {
  /// Code and message; the offending value and the underlying error are left out on purpose.
  public var description: String { "\(code): \(message)" }
}

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
    /// No model of that name is registered.
    public static let unknownModel = Code("unknownModel")
    /// The model has no such field.
    public static let unknownField = Code("unknownField")
    /// The query or update names an operator that does not exist.
    public static let unknownOperator = Code("unknownOperator")
    /// A value is not of the type that its field holds.
    public static let wrongType = Code("wrongType")
    /// A text is not an id of the model.
    public static let badID = Code("badID")
    /// A parameter is outside of what the call takes.
    public static let badArgument = Code("badArgument")
    /// An address cannot be read; the message never holds its password.
    public static let badURL = Code("badURL")
    /// A required field has no value.
    public static let missingField = Code("missingField")
    /// One or more values break the schema's rules; `fields` names them.
    public static let validation = Code("validation")
    /// A delete without a filter that was not asked for as such.
    public static let unboundedDelete = Code("unboundedDelete")
    /// The store cannot do what was asked.
    public static let unsupported = Code("unsupported")
    /// A change of a field that never changes.
    public static let immutableField = Code("immutableField")
    /// A record that must be there is not.
    public static let notFound = Code("notFound")

    // What the store answered.
    /// A unique value is taken; `fields` names where.
    public static let duplicateKey = Code("duplicateKey")
    /// A reference names a record that is not there, or would.
    public static let foreignKey = Code("foreignKey")
    /// The store's own rule refused the record.
    public static let constraint = Code("constraint")
    /// Another transaction changed the same record first; try again.
    public static let writeConflict = Code("writeConflict")
    /// The record changed since it was read.
    public static let versionConflict = Code("versionConflict")
    /// A call on a transaction that is committed or rolled back.
    public static let transactionEnded = Code("transactionEnded")
    /// The store refused for another reason, which the message names.
    public static let rejectedByStore = Code("rejectedByStore")

    // What keeps the store from answering.
    /// The server cannot be reached, or the connection was lost.
    public static let connection = Code("connection")
    /// The server refused the user or the password.
    public static let authentication = Code("authentication")
    /// The bound of time was reached before an answer.
    public static let timeout = Code("timeout")
    /// The task was cancelled.
    public static let cancelled = Code("cancelled")
    /// Every connection stayed in use for as long as the caller may wait.
    public static let poolExhausted = Code("poolExhausted")
    /// The store was closed.
    public static let closed = Code("closed")
    /// Another process holds the database.
    public static let busy = Code("busy")
    /// The disk has no room; nothing was written.
    public static let diskFull = Code("diskFull")
    /// The database was made by a newer schema than this program knows.
    public static let newerSchema = Code("newerSchema")
    /// A file or a record is damaged.
    public static let corrupt = Code("corrupt")

    // What the law asks.
    /// The model holds personal data and the connection is plain.
    public static let vaultRequired = Code("vaultRequired")
    /// The caller's role and purpose do not allow the fields.
    public static let accessDenied = Code("accessDenied")
    /// The vault asks for a caller's context and there is none.
    public static let contextRequired = Code("contextRequired")
    /// The access could not be audited, so it was refused.
    public static let auditUnavailable = Code("auditUnavailable")
    /// The person's data is being erased or is restricted.
    public static let subjectFrozen = Code("subjectFrozen")
    /// No key of that id was ever there.
    public static let unknownKey = Code("unknownKey")
    /// The key store or the key service does not answer.
    public static let keyUnavailable = Code("keyUnavailable")
    /// The key was destroyed, and with it what it sealed.
    public static let keyShredded = Code("keyShredded")
    /// Encrypted bytes were changed, or moved from another place.
    public static let tampered = Code("tampered")
    /// The key sealed as much as it may.
    public static let keyExhausted = Code("keyExhausted")
    /// The person did not consent to the purpose, or no longer does.
    public static let consentRequired = Code("consentRequired")
    /// A store was restored from a backup, and later erasures are not carried out on it yet.
    public static let restoreReplayPending = Code("restoreReplayPending")
    /// A legal hold keeps the data.
    public static let legalHold = Code("legalHold")
    /// Bytes or text that are not what their format asks.
    public static let malformed = Code("malformed")
  }
}

extension PrivataError: CustomStringConvertible {
  /// Code and message; the offending value and the underlying error are left out on purpose.
  public var description: String { "\(code): \(message)" }
}

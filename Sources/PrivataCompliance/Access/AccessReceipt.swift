public import PrivataCore
internal import Synchronization

/// What accesses leave for the caller: the ids of their audit events, for a header `X-Audit-Id` or a
/// line of a program's own log.
///
/// ```swift
/// let (user, receipt) = try await vault.withReceipt { try await User.create(["name": "Ada"]) }
/// receipt.auditID?.description                          // 0198…: who may read the log finds the event
/// try await vault.pseudonym(of: user.id, in: User.schema)  // nil for who may not link
/// ```
///
/// - Privacy: an id says when something happened and nothing else.
public final class AccessReceipt: Sendable, Hashable {
  private let ids = Mutex<[AuditEventID]>([])

  /// A receipt for the accesses of the context whose ``AccessDetails/receipt`` it is.
  public init() {}

  /// The ids of the events so far, the first in front.
  public var auditIDs: [AuditEventID] { ids.withLock { $0 } }

  /// The id of the last event; `nil` before the first access.
  public var auditID: AuditEventID? { ids.withLock { $0.last } }

  func note(_ id: AuditEventID) { ids.withLock { $0.append(id) } }

  public static func == (a: AccessReceipt, b: AccessReceipt) -> Bool { a === b }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension Vault {
  /// Runs accesses and answers what they left in the log.
  ///
  /// - Throws: `contextRequired` without a caller's context; what the body throws.
  public func withReceipt<R>(
    _ body: () async throws -> R
  ) async throws -> (result: R, receipt: AccessReceipt) {
    guard let given = context ?? AccessContext.current else {
      throw PrivataError(
        .contextRequired, "a receipt is for a caller: vault.acting(as:), or a context of the task")
    }
    let receipt = AccessReceipt()
    var details = given.details ?? AccessDetails()
    details.receipt = receipt
    let result = try await AccessContext.$current.withValue(given.with(details), operation: body)
    return (result, receipt)
  }

  /// The pseudonym that links the halves of a record, for who may link them:
  /// ``VaultOptions/linkageRoles``. Everybody else is answered `nil`.
  ///
  /// - Throws: `notFound`.
  /// - Privacy: the answer is audited, and on the disk before it is given.
  public func pseudonym(
    of id: some FieldValue, in model: ModelSchema
  ) async throws(PrivataError) -> Pseudonym? {
    let key = id.value
    let given = context ?? AccessContext.current ?? .service
    let scope = AuditCoding.scope(
      .linkage, model: model.name, fields: [], filterFields: [model.key.name])
    var result = AuditResult(
      count: 1, records: [core.references.reference(to: key, of: model.name)])
    guard let role = given.role, core.options.linkageRoles.contains(role) else {
      result.outcome = .refused
      try core.recorder.record(given, scope: scope, result: result, isPersonal: true)
      return nil
    }
    let text = try await gdpr(for: model).pseudonym(of: key)
    try core.recorder.record(given, scope: scope, result: result, isPersonal: true)
    try core.recorder.journal.sync()
    return Pseudonym(text)
  }
}

extension VaultAudit {
  /// The event of an id; `nil` where the log has none.
  ///
  /// - Privacy: audited like any reading of the log.
  public func event(_ id: AuditEventID) async throws(PrivataError) -> AuditEvent? {
    let moment = id.at
    let next = DateTime(milliseconds: moment.milliseconds + 1)
    for try await event in events(matching: .init(from: moment, to: next)) where event.id == id {
      return event
    }
    return nil
  }
}

extension AuditEvent.Action {
  /// Somebody asked for the pseudonym of a record.
  public static let linkage = AuditEvent.Action(rawValue: "linkage")
}

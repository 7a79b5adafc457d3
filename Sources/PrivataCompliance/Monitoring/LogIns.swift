public import PrivataCore

/// The log-ins of a program, of which the vault keeps the record: it does not log anybody in.
///
/// ```swift
/// try vault.logIns.record(.failed, actor: "dr-7", address: request.address)
/// ```
///
/// - Privacy: actors and addresses are kept as keyed references; of an address the network alone:
///   the first three of four bytes, or the first 48 bits.
///
/// Who is logged in from two networks at once raises ``Alarm/Kind/concurrentHosts``: a user is one
/// person. Say the address at both ends of a session.
///
/// Source: 45 CFR 164.308(a)(5)(ii)(C), log-in monitoring; 164.312(a)(2)(i), unique users.
public struct LogIns: Sendable {
  let core: VaultCore

  /// How an attempt ended.
  public enum Attempt: String, Sendable, Hashable {
    case succeeded, failed
    case ended
  }

  /// Records an attempt to log in, or a log-out.
  ///
  /// - Throws: `badArgument` without an actor; `auditUnavailable`.
  public func record(
    _ attempt: Attempt, actor: String, address: String? = nil
  ) throws(PrivataError) {
    guard !actor.isEmpty else {
      throw PrivataError(.badArgument, "an attempt has an actor", fields: ["actor"])
    }
    var records = [core.references.reference(to: .string(actor), of: "privata.actor")]
    if let network = address.map(Self.network) {
      records.append(core.references.reference(to: .string(network), of: "privata.address"))
    }
    let action: AuditEvent.Action =
      switch attempt {
      case .succeeded: .login
      case .failed: .loginFailed
      case .ended: .logout
      }
    let scope = AuditCoding.scope(action, model: "", fields: [], filterFields: [])
    let result = AuditResult(
      count: 1, records: records, outcome: attempt == .failed ? .failed : .success)
    try core.recorder.record(.service, scope: scope, result: result, isPersonal: true)
  }

  /// What of an address is kept, before it is keyed.
  static func network(_ address: String) -> String {
    if address.contains(":") {
      return address.split(separator: ":", omittingEmptySubsequences: false).prefix(3)
        .joined(separator: ":")
    }
    return address.split(separator: ".").prefix(3).joined(separator: ".")
  }

  /// The reference by which events and alarms name an actor.
  public func reference(to actor: String) -> String {
    core.references.reference(to: .string(actor), of: "privata.actor").text
  }
}

extension Vault {
  /// The log-ins of the program.
  public var logIns: LogIns { LogIns(core: core) }
}

public import PrivataCore

/// A code by which a person proves who they are, at an address that the controller knows already.
///
/// Source: GDPR Article 12(6).
public struct IdentityCode: Sendable {
  /// What is sent to the person; kept nowhere.
  public let text: Protected<String>
  /// Until when it counts.
  public let expiresAt: DateTime
  /// Where the person wants to be reached, and nowhere else; `nil` for the address that was asked for.
  ///
  /// Source: 45 CFR 164.522(b).
  public let contact: Protected<ConfidentialCommunication>?
}

/// Where a code goes.
public enum IdentityChannel: Sendable, Hashable {
  /// An address of the person's record, by the name of its field.
  case known(field: String)
  /// An address that came with the request: anybody could give one.
  case given
}

extension RequestRegister {
  /// How long a code counts, and how often one may be wrong.
  private static let validity: Int64 = 10 * 60_000
  private static let tries = 5

  /// Makes a code that the program sends to the person; the period stands still until the answer.
  ///
  /// ```swift
  /// let code = try await vault.requests.askForCode(request.id, to: .known(field: "email"))
  /// ```
  ///
  /// - Throws: `identityUnverified` for an address that came with the request: a human looks at it;
  ///   `badArgument` for a request that is verified; `notFound`, `unknownField`.
  /// - Privacy: the code is kept as a keyed mark.
  public func askForCode(
    _ id: String, to channel: IdentityChannel, at moment: DateTime = .now
  ) async throws(PrivataError) -> IdentityCode {
    var request = try await request(id)
    guard case .known(let field) = channel else {
      throw PrivataError(
        .identityUnverified,
        "an address that came with the request proves nothing: a human looks at it")
    }
    guard core.registry.model(request.model)?.field(field) != nil else {
      throw PrivataError(
        .unknownField, "\(request.model) has no field \(field)", fields: [field],
        model: request.model)
    }
    if request.state == .received {
      request = try await askForIdentity(id, at: moment)
    }
    guard request.state == .verifying else {
      throw PrivataError(
        .badArgument, "a request that is \(request.state.rawValue) asks for no identity")
    }
    // 50 bits in ten signs that nobody mistakes for others.
    let signs = Array("ABCDEFGHJKMNPQRSTVWXYZ0123456789".utf8)
    let text = String(decoding: SecureBytes.random(10).map { signs[Int($0 & 31)] }, as: UTF8.self)
    let expiresAt = DateTime(milliseconds: moment.milliseconds + Self.validity)
    let known = try await core.registers.count(.identity, name: id)
    try await core.registers.append(
      .identity, id,
      [
        "code": .string(core.registers.seal.mark("identity \(id)", text)),
        "expiresAt": .date(expiresAt), "field": .string(field),
      ], actor: (context ?? AccessContext.current ?? .service).actor.id,
      subject: request.subjectMark, at: moment, after: known)
    return IdentityCode(
      text: Protected(text), expiresAt: expiresAt, contact: try await contact(request))
  }

  /// Where letters about a request go: where the person wants to be reached; `nil` for where
  /// everybody is.
  ///
  /// - Throws: `notFound`.
  ///
  /// Source: 45 CFR 164.522(b).
  public func contact(
    _ id: String
  ) async throws(PrivataError) -> Protected<ConfidentialCommunication>? {
    try await contact(try await request(id))
  }

  private func contact(
    _ request: SubjectRequest
  ) async throws(PrivataError) -> Protected<ConfidentialCommunication>? {
    let live = try await core.documentation.entries(
      .communication, subject: request.subjectMark, state: "open")
    return live.last.flatMap(ConfidentialCommunication.init).map { Protected($0) }
  }

  /// Takes the code that a person gave.
  ///
  /// - Throws: `identityUnverified` for a wrong code, one that is over, and after five wrong ones,
  ///   until another is made; `notFound`.
  /// - Privacy: every attempt is kept and counted over all processes.
  @discardableResult
  public func verify(
    _ id: String, code: String, at moment: DateTime = .now
  ) async throws(PrivataError) -> SubjectRequest {
    let entries = try await core.registers.entries(.identity, name: id)
    guard let made = entries.last(where: { $0.facts["code"] != nil }),
      let mark = made.facts["code"]?.asString, case .date(let expiresAt)? = made.facts["expiresAt"]
    else { throw unverified("there is no code for the request \(id)") }
    let attempts = entries.count { $0.version > made.version }
    guard attempts < Self.tries else { throw unverified("the code was given wrong too often") }
    guard moment < expiresAt else { throw unverified("the code is over: make another") }
    // The attempt is written down first, so that attempts at once cannot be more than five.
    try await core.registers.append(
      .identity, id, ["attempt": .int(attempts + 1)], actor: made.actor, subject: made.subject,
      at: moment, after: entries.last?.version ?? made.version)
    guard core.registers.seal.isMark(mark, "identity \(id)", of: code) else {
      throw unverified("the code is another one")
    }
    return try await confirmIdentity(id, at: moment)
  }

  private func unverified(_ message: String) -> PrivataError {
    PrivataError(.identityUnverified, message)
  }
}

extension GDPR {
  /// Refuses to hand out or erase anything while somebody who asked for it has not proven who they
  /// are.
  ///
  /// - Throws: `identityUnverified`.
  func checkIdentity(
    _ kind: SubjectRequest.Kind, _ key: Value
  ) async throws(PrivataError) {
    try await checkDeceased(key)
    guard core.options.requiresVerifiedRequests else { return }
    let mark = core.ledger.mark(model.name, key)
    let requests = try await RequestRegister(core: core, context: context).open()
      .filter { $0.kind == kind && $0.subjectMark == mark }
    guard requests.contains(where: { [.verified, .inProgress].contains($0.state) }) else {
      throw PrivataError(
        .identityUnverified,
        "there is no request for \(kind.rawValue) whose person has proven who they are",
        model: model.name)
    }
  }
}

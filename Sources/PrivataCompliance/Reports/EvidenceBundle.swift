internal import Crypto
public import PrivataCore

/// What shows that the law was kept: events with the proof of the log, certificates, registers, each
/// member with its hash under one signature. It names nobody.
///
/// ```swift
/// let bundle = try await vault.evidence(from: start, to: end)
/// try EvidenceBundle(json: bundle.json).verify(publicKey: key)   // offline
/// ```
///
/// Source: GDPR Article 5(2).
public struct EvidenceBundle: Sendable, Hashable {
  /// One part.
  public struct Member: Sendable, Hashable {
    /// Its name, and its text.
    public let name: String
    public let text: String
  }

  /// The parts, by name.
  public let members: [Member]
  /// What is missing, and why: never left out silently.
  public let gaps: [String]
  /// The hashes of all members and the gaps, signed.
  public let manifest: SignedStatement

  init(_ members: [Member], gaps: [String], keys: VaultKeys) throws(PrivataError) {
    self.members = members
    self.gaps = gaps
    manifest = try SignedStatement(
      "evidence",
      [
        "at": .string(DateTime.now.iso8601),
        "members": .document(
          Document(members.map { .init(key: $0.name, value: .string(Self.hash($0.text))) })),
        "gaps": .array(gaps.map { .string($0) }),
      ], keys: keys)
  }

  /// Reads a bundle.
  ///
  /// - Throws: `malformed` for a text that is none.
  public init(json: String) throws(PrivataError) {
    let whole = try Document(extendedJSON: json)
    guard let parts = whole["members"]?.asDocument, let manifest = whole["manifest"]?.asString
    else {
      throw PrivataError(.malformed, "the text is no bundle of evidence")
    }
    members = parts.elements.map { Member(name: $0.key, text: $0.value.asString ?? "") }
    gaps = (whole["gaps"]?.asArray ?? []).compactMap(\.asString)
    self.manifest = try SignedStatement(json: manifest)
  }

  /// The bundle as JSON.
  public var json: String {
    let whole: Document = [
      "members": .document(
        Document(members.map { .init(key: $0.name, value: .string($0.text)) })),
      "gaps": .array(gaps.map { .string($0) }), "manifest": .string(manifest.json),
    ]
    return whole.extendedJSON(.relaxed)
  }

  /// Checks the bundle without any store.
  ///
  /// - Throws: `tampered`, which names the member that was changed, added or taken away; for the
  ///   manifest where its signature is not that of the key.
  public func verify(publicKey: [UInt8]) throws(PrivataError) {
    guard manifest.kind == "evidence", manifest.isValid(publicKey: publicKey) else {
      throw PrivataError(.tampered, "the manifest is not signed by this key", fields: ["manifest"])
    }
    let signed = manifest.statement["members"]?.asDocument ?? [:]
    for member in members where signed[member.name] != .string(Self.hash(member.text)) {
      throw PrivataError(
        .tampered, "the member \(member.name) was changed", fields: [member.name])
    }
    for name in signed.keys where !members.contains(where: { $0.name == name }) {
      throw PrivataError(.tampered, "the member \(name) was taken away", fields: [name])
    }
    guard manifest.statement["gaps"] == .array(gaps.map { .string($0) }) else {
      throw PrivataError(.tampered, "the list of gaps was changed", fields: ["gaps"])
    }
  }

  private static func hash(_ text: String) -> String {
    Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
  }
}

extension Vault {
  /// Collects what shows that the law was kept in a period.
  ///
  /// - Throws: what the stores throw.
  /// - Privacy: names actions, models, fields, purposes and roles, marks and counts: nobody.
  public func evidence(
    from: DateTime, to: DateTime
  ) async throws(PrivataError) -> EvidenceBundle {
    var events: [String] = []
    for try await event in audit.events(matching: .init(from: from, to: to)) {
      events.append(event.evidence.extendedJSON(.relaxed))
    }
    let verified = try await audit.verify()
    var gaps: [String] = []
    if let problem = verified.problem { gaps.append("the audit log: \(problem)") }
    if events.isEmpty { gaps.append("no event in the period") }
    if purposes.all.isEmpty { gaps.append("no purpose is registered") }
    if notices.current.isEmpty { gaps.append("no notice is published") }
    let members: [EvidenceBundle.Member] = [
      .init(name: "events", text: events.joined(separator: "\n")),
      .init(
        name: "log",
        text: Document([
          .init(key: "events", value: .int(verified.events)),
          .init(key: "checkpoints", value: .int(verified.checkpoints)),
        ]).extendedJSON(.relaxed)),
      .init(name: "processing", text: try await processingRecords().json),
      .init(
        name: "posture",
        text: posture().map { $0.document.extendedJSON(.relaxed) }.joined(separator: "\n")),
      .init(
        name: "compatibilities",
        text: purposes.compatibilities.map { $0.facts.extendedJSON(.relaxed) }
          .joined(separator: "\n")),
      .init(name: "certificates", text: try await certificates(from, to).joined(separator: "\n")),
    ]
    return try EvidenceBundle(members, gaps: gaps, keys: core.keys)
  }

  /// The certificates of erasures that were opened in a period.
  private func certificates(
    _ from: DateTime, _ to: DateTime
  ) async throws(PrivataError) -> [String] {
    try await core.prepareLedger()
    let filter = Filter.and([
      .compare("openedAt", .greaterOrEqual, .date(from)), .compare("openedAt", .less, .date(to)),
    ])
    let query = Query(
      ErasureLedger.model, where: filter, projection: .fields(["certificate"]),
      sort: [SortKey("_id")], layout: .cells)
    let rows = try await core.auditStore.rows(for: query)
    return (0..<rows.count).compactMap { rows.value(row: $0, column: 0)?.asString }
  }
}

extension AuditEvent {
  /// The event as evidence: what was done, and to nobody by name.
  fileprivate var evidence: Document {
    var document: Document = [
      "id": .string("\(id)"), "at": .string(at.iso8601), "actor": .string(actor.id),
      "action": .string(action.rawValue), "model": .string(model),
      "fields": .array(fields.map { .string($0) }), "count": .int(count),
      "outcome": .string("\(outcome)"),
    ]
    document["role"] = role.map { .string($0) }
    document["purpose"] = purpose.map { .string($0) }
    document["error"] = errorCode.map { .string($0) }
    return document
  }
}

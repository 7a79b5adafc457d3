public import PrivataCore

/// The recipients of personal data, what each was given about whom, and what they were told since.
///
/// ```swift
/// try await vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
/// try await User.gdpr.recordDisclosure(id, to: "lab-9", fields: ["name"], purpose: "care")
/// try await User.gdpr.rightToRectification(id, ["name": "Meyer"])
/// try await User.gdpr.recipientNotices(id)   // lab-9 hears of it, until it acknowledges
/// ```
///
/// Source: GDPR Article 19.
public struct RecipientRegister: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }

  /// The recipients as they are now.
  public var all: [Recipient] {
    core.registers.known.recipients.values.sorted { $0.id < $1.id }
  }

  /// Registers a recipient, or changes what is known of it.
  ///
  /// - Throws: `badArgument` without an id or a name; `processorContract` for a processor that is not
  ///   registered.
  public func register(_ recipient: Recipient) async throws(PrivataError) {
    guard !recipient.id.isEmpty, !recipient.name.isEmpty else {
      throw PrivataError(.badArgument, "a recipient has an id and a name", fields: ["name"])
    }
    if let processor = recipient.processor, core.registers.known.processors[processor] == nil {
      throw PrivataError(
        .processorContract, "the processor \(processor) is not registered", fields: ["processor"])
    }
    let entry = try await core.registers.append(
      .recipient, recipient.id, recipient.facts, actor: actor.actor.id)
    try core.record("recipient.register", actor, subjectOf: entry.id)
  }

  /// The notices that wait, were acknowledged, or reached nobody; all where nothing is said.
  public func notices(
    _ state: RecipientNotice.State? = nil
  ) async throws(PrivataError) -> [RecipientNotice] {
    try await Outbox(core: core).notices(
      state.map { .compare("state", .equal, .string($0.rawValue)) } ?? .all)
  }

  /// Delivers the notices that are due, and answers how many were acknowledged. A vault with
  /// ``VaultOptions/noticeDelivery`` does so by itself.
  @discardableResult
  public func deliver(
    through delivery: any NoticeDelivery, now: DateTime = .now
  ) async throws(PrivataError) -> Int {
    try await Outbox(core: core).deliver(through: delivery, now: now)
  }

  /// How many disclosures there were to each recipient.
  func disclosureCounts() async throws(PrivataError) -> [String: Int] {
    try await core.registers.entries(.disclosure).reduce(into: [:]) { counts, entry in
      counts[entry.facts["recipient"]?.asString ?? "", default: 0] += 1
    }
  }
}

extension Vault {
  /// The recipients of personal data.
  public var recipients: RecipientRegister { RecipientRegister(core: core, context: context) }
}

extension GDPR {
  /// Records that data about a person is given to a recipient, before it leaves.
  ///
  /// - Parameter reference: how the recipient knows the person; a keyed mark where nothing is said.
  /// - Throws: `notFound` for a recipient or a person that is not there; `processorContract` where the
  ///   recipient's contract is over or does not cover the purpose; `purposeDenied` for a purpose that
  ///   the recipient gets no data for; `noticeRequired` where the person was not told yet where the
  ///   data came from; `unknownField`.
  /// - Privacy: the person is named by a keyed mark, the reference is sealed; audited.
  public func recordDisclosure(
    _ id: some FieldValue, to recipient: String, fields: [String], purpose: String,
    reference: String? = nil, at moment: DateTime = .now
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.recordDisclosure(
        id, to: recipient, fields: fields, purpose: purpose, reference: reference, at: moment)
    }
    let scope = AuditCoding.scope(
      .init(rawValue: "disclosure"), model: model.name, fields: fields,
      filterFields: [model.key.name])
    try checkCaller(.init(rawValue: "disclosure"))
    do {
      try checkRecipient(recipient, purpose, fields, moment)
      _ = try await pseudonym(of: id.value)
      try await checkInformed(id.value)
      let entry = try await core.noteDisclosure(
        to: recipient, of: id.value, model.name, purpose: purpose, fields: fields,
        reference: reference, at: moment, by: actor)
      let result = AuditResult(
        count: 1, records: [core.references.reference(to: id.value, of: model.name)],
        subjectOf: entry.id)
      try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
    } catch {
      try core.recorder.record(actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  private func checkRecipient(
    _ id: String, _ purpose: String, _ fields: [String], _ moment: DateTime
  ) throws(PrivataError) {
    let known = core.registers.known
    guard let recipient = known.recipients[id] else {
      throw PrivataError(.notFound, "there is no recipient \(id): register it first")
    }
    if let unknown = fields.first(where: { model.field($0) == nil }) {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(unknown)", fields: [unknown],
        model: model.name)
    }
    guard recipient.purposes.isEmpty || recipient.purposes.contains(purpose) else {
      throw PrivataError(
        .purposeDenied, "\(id) gets no data for \(purpose)", fields: ["purpose"],
        model: model.name)
    }
    guard let name = recipient.processor else { return }
    guard let processor = known.processors[name], processor.isUnderContract(at: moment),
      processor.purposes.isEmpty || processor.purposes.contains(purpose)
    else {
      throw PrivataError(
        .processorContract,
        "the contract with the processor \(name) is over, or not for \(purpose)",
        model: model.name)
    }
  }

  /// What the recipients of a person's data were told, and whether they acknowledged it.
  public func recipientNotices(
    _ id: some FieldValue
  ) async throws(PrivataError) -> [RecipientNotice] {
    if let there = try await elsewhere(id.value) { return try await there.recipientNotices(id) }
    let mark = core.ledger.mark(model.name, id.value)
    return try await Outbox(core: core).notices(.compare("subject", .equal, .string(mark)))
  }

  /// The recipients to whom data of a person was disclosed.
  public func recipients(of id: some FieldValue) async throws(PrivataError) -> [Recipient] {
    if let there = try await elsewhere(id.value) { return try await there.recipients(of: id) }
    let mark = core.ledger.mark(model.name, id.value)
    let ids = Set(
      try await core.registers.entries(.disclosure, subject: mark)
        .compactMap { $0.facts["recipient"]?.asString })
    return ids.sorted().compactMap { core.registers.known.recipients[$0] }
  }

  /// Tells the recipients of a person's data what happened to it.
  @discardableResult
  func tellRecipients(
    of key: Value, _ kind: RecipientNotice.Kind, cause: String? = nil, purpose: String? = nil
  ) async throws(PrivataError) -> [String] {
    guard !core.registers.known.recipients.isEmpty else { return [] }
    return try await Outbox(core: core).tell(
      kind, mark: core.ledger.mark(model.name, key),
      cause: cause ?? Hexadecimal.text(SecureBytes.random(12)), purpose: purpose)
  }
}

extension VaultCore {
  /// Writes down that data about a person goes to a recipient.
  @discardableResult
  func noteDisclosure(
    to recipient: String, of key: Value, _ model: String, purpose: String, fields: [String],
    reference: String? = nil, at moment: DateTime = .now, by actor: AccessContext
  ) async throws(PrivataError) -> RegisterEntry {
    var facts: Document = [
      "recipient": .string(recipient), "model": .string(model), "purpose": .string(purpose),
      "fields": .array(fields.map { .string($0) }),
    ]
    facts["reference"] = reference.map { .string($0) }
    // The ledger names a recipient also when the register does not any more.
    facts["name"] = (registers.known.recipients[recipient]?.name).map { .string($0) }
    return try await registers.append(
      .disclosure, Hexadecimal.text(SecureBytes.random(12)), facts, actor: actor.actor.id,
      subject: ledger.mark(model, key), at: moment, after: 0)
  }
}

public import PrivataCore

/// Where data about a person came from that they did not give themselves.
///
/// Source: GDPR Article 14(2)(f).
public struct DataSource: Sendable, Hashable {
  /// The source's name.
  public var name: String
  public var obtainedAt: DateTime

  /// Data that another body gave.
  public static func thirdParty(_ name: String, obtainedAt: DateTime = .now) -> DataSource {
    DataSource(name: name, obtainedAt: obtainedAt)
  }
}

/// Why a person need not be told.
///
/// Source: GDPR Article 14(5).
public enum InformingExemption: String, Sendable, Hashable, CaseIterable {
  case alreadyInformed, disproportionateEffort, laidDownByLaw, professionalSecrecy
}

/// A person who has to be told, or was.
public struct InformingDuty: Sendable, Hashable {
  /// The model, and a keyed mark in place of the person's id.
  public let model: String
  public let subjectMark: String
  /// Where the data came from; `nil` for data that the person gave.
  public let source: String?
  /// By when the person is told.
  public let dueAt: DateTime?
  /// Which text was shown, and when; `nil` while nobody told them.
  public let notice: String?
  public let noticeHash: [UInt8]?
  public let informedAt: DateTime?
  public let exemption: InformingExemption?

  /// True while the person is still to be told.
  public var isOpen: Bool { source != nil && informedAt == nil && exemption == nil }

  init(_ entry: RegisterEntry) {
    let facts = entry.facts
    let date = { (key: String) -> DateTime? in
      if case .date(let date)? = facts[key] { date } else { nil }
    }
    model = facts["model"]?.asString ?? ""
    subjectMark = entry.subject
    source = facts["source"]?.asString
    dueAt = date("dueAt")
    notice = facts["notice"]?.asString
    if case .binary(let hash)? = facts["hash"] { noticeHash = hash.bytes } else { noticeHash = nil }
    informedAt = date("informedAt")
    exemption = facts["exemption"]?.asString.flatMap(InformingExemption.init)
  }
}

extension GDPR {
  /// Records that data about persons came from somebody else: they are told within a month, at first
  /// contact, or before it is disclosed, whichever is first.
  ///
  /// ```swift
  /// try await User.gdpr.recordSource([id], .thirdParty("registry-x"))
  /// ```
  ///
  /// - Throws: `badArgument` without a name.
  /// - Privacy: the person is named by a keyed mark; audited.
  ///
  /// Source: GDPR Article 14.
  public func recordSource(
    _ ids: [some FieldValue], _ source: DataSource
  ) async throws(PrivataError) {
    guard !source.name.isEmpty else {
      throw PrivataError(.badArgument, "a source has a name", fields: ["source"])
    }
    let due = DeadlineCalendar().end(of: 1, monthsAfter: source.obtainedAt)
    for id in ids {
      let gdpr = try await elsewhere(id.value) ?? self
      try await gdpr.note(
        id.value, "gdpr.source",
        [
          "source": .string(source.name), "obtainedAt": .date(source.obtainedAt),
          "dueAt": .date(due),
        ]
      )
    }
  }

  /// Records that a person was told, and with which text.
  ///
  /// - Throws: `notFound` for a notice that was never published.
  public func recordInformed(
    _ id: some FieldValue, by notice: Notice, at moment: DateTime = .now
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.recordInformed(id, by: notice, at: moment)
    }
    guard core.registers.known.notices[notice.name]?.contains(notice) == true else {
      throw PrivataError(.notFound, "the notice \(notice.name) \(notice.version) is not published")
    }
    try await note(
      id.value, "gdpr.informed",
      [
        "notice": .string("\(notice.name) \(notice.version) \(notice.locale)"),
        "hash": .binary(Binary(notice.hash)), "informedAt": .date(moment),
      ])
  }

  /// Records that a person was written to or called for the first time: who is still to be told is
  /// told with it, at the latest.
  ///
  /// - Returns: what is due now; `nil` where nothing is.
  ///
  /// Source: GDPR Article 14(3)(b).
  @discardableResult
  public func recordContact(
    _ id: some FieldValue, at moment: DateTime = .now
  ) async throws(PrivataError) -> InformingDuty? {
    if let there = try await elsewhere(id.value) {
      return try await there.recordContact(id, at: moment)
    }
    guard let duty = try await informing(id), duty.isOpen else { return nil }
    if duty.dueAt.map({ moment < $0 }) ?? true {
      try await note(id.value, "gdpr.contact", ["dueAt": .date(moment)])
    }
    return try await informing(id)
  }

  /// Records why a person need not be told.
  public func recordExemption(
    _ id: some FieldValue, _ exemption: InformingExemption
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.recordExemption(id, exemption)
    }
    try await note(id.value, "gdpr.informed", ["exemption": .string(exemption.rawValue)])
  }

  /// What a person was told, and where their data came from; `nil` where nothing is recorded.
  public func informing(_ id: some FieldValue) async throws(PrivataError) -> InformingDuty? {
    if let there = try await elsewhere(id.value) { return try await there.informing(id) }
    let mark = core.ledger.mark(model.name, id.value)
    return try await core.registers.last(.informed, name: mark).first.map(InformingDuty.init)
  }

  /// Adds to what is known of a person's informing.
  private func note(
    _ key: Value, _ action: String, _ more: Document
  ) async throws(PrivataError) {
    try checkCaller(.init(rawValue: action))
    let mark = core.ledger.mark(model.name, key)
    let known = try await core.registers.last(.informed, name: mark).first
    var facts = known?.facts ?? ["model": .string(model.name)]
    for element in more.elements { facts[element.key] = element.value }
    let entry = try await core.registers.append(
      .informed, mark, facts, actor: actor.actor.id, subject: mark, after: known?.version ?? 0)
    let result = AuditResult(
      count: 1, records: [core.references.reference(to: key, of: model.name)],
      subjectOf: entry.id)
    try core.record(action, actor, model: model.name, result: result)
  }

  /// Refuses to hand data on about a person who was not told where it came from.
  ///
  /// - Throws: `noticeRequired`.
  func checkInformed(_ key: Value) async throws(PrivataError) {
    let mark = core.ledger.mark(model.name, key)
    guard let entry = try await core.registers.last(.informed, name: mark).first,
      InformingDuty(entry).isOpen
    else { return }
    throw PrivataError(
      .noticeRequired,
      "the data did not come from the person: they are told before it is disclosed",
      model: model.name)
  }
}

extension NoticeRegister {
  /// The persons who are still to be told, the one due first in front.
  public func duties() async throws(PrivataError) -> [InformingDuty] {
    try await core.registers.last(.informed).map(InformingDuty.init).filter(\.isOpen)
      .sorted { ($0.dueAt ?? .now) < ($1.dueAt ?? .now) }
  }
}

extension AuditedSession {
  /// Refuses to add records for a purpose whose notice nobody was shown; answers the notice that was.
  ///
  /// - Throws: `noticeRequired`.
  ///
  /// Source: GDPR Article 13.
  func noticed(
    _ write: Write, _ separation: Separation, _ context: AccessContext
  ) throws(PrivataError) -> Notice? {
    guard session.core.options.purposes == .registered, separation.isPersonal,
      case .insert = write, let purpose = session.core.registers.known.purpose(context.purpose),
      let wanted = purpose.notice
    else { return nil }
    let known = session.core.registers.known.notices[wanted]
    if let shown = Notice.shown, shown.name == wanted, known?.contains(shown) == true {
      return shown
    }
    throw PrivataError(
      .noticeRequired,
      "data for \(purpose.name) is collected once the notice \(wanted) was shown: say which, with "
        + "Notice.$shown.withValue", model: separation.model.name)
  }

  /// Links the records that were added to the text that was shown.
  func link(
    _ write: Write, _ notice: Notice?, _ separation: Separation, _ context: AccessContext
  ) async throws(PrivataError) {
    guard let notice else { return }
    let core = session.core
    let gdpr = GDPR(core: core, context: context, model: separation.model)
    for key in write.insertedKeys(separation) { try await gdpr.recordInformed(key, by: notice) }
  }
}

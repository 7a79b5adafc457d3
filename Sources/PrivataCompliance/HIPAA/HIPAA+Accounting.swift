public import PrivataCore

extension HIPAA {
  /// Writes down a disclosure that was made outside of ``disclose(_:_:)``: on paper, by word of mouth,
  /// by a business associate, or by mistake.
  ///
  /// ```swift
  /// try await User.hipaa.recordDisclosure(id, Disclosure(
  ///   to: .init("County health office", kind: .authority), what: "positive test of 3 May",
  ///   for: .publicHealth))
  /// ```
  ///
  /// - Throws: `badArgument` without recipient or description, or for a moment that lies in the
  ///   future.
  /// - Privacy: sealed, by a keyed mark of the person, and audited; its event is on the disk when this
  ///   returns.
  public func recordDisclosure(
    _ id: some FieldValue, _ disclosure: Disclosure
  ) async throws(PrivataError) {
    let fields = [
      ("recipient", disclosure.recipient.name.isEmpty),
      ("description", disclosure.description.isEmpty),
      ("at", disclosure.at.milliseconds > now.milliseconds + 300_000),
    ].filter { $0.1 }.map { $0.0 }
    guard fields.isEmpty else {
      throw PrivataError(
        .badArgument, "a disclosure has a recipient, a description and a moment that has passed",
        fields: fields, model: model.name)
    }
    let key = id.value
    try await audited("hipaa.disclosure", key) { () async throws(PrivataError) in
      var entry = entry(.disclosure, about: key, state: "closed", disclosure.body)
      entry.at = disclosure.at
      entry.effectiveUntil = disclosure.at
      try await documentation.add(entry)
      return ((), entry)
    }
    // A power cut must not take a disclosure's event.
    try core.recorder.journal.sync()
  }

  /// Suspends the right to an accounting of disclosures to an agency that oversees health care or
  /// enforces the law, because the accounting would impede its work.
  ///
  /// - Parameters:
  ///   - agency: the recipient's name, as disclosures to it have it.
  ///   - isWritten: false for an oral statement, which holds for thirty days at most.
  /// - Throws: `badArgument` where the suspension is longer than the statement allows, or names none.
  ///
  /// Source: 45 CFR 164.528(a)(2).
  public func suspendAccounting(
    _ id: some FieldValue, agency: String, until end: DateTime, isWritten: Bool
  ) async throws(PrivataError) {
    guard !agency.isEmpty, now < end else {
      throw PrivataError(
        .badArgument, "a suspension names an agency and ends in the future",
        fields: ["agency", "until"])
    }
    guard isWritten || end.milliseconds - now.milliseconds <= 30 * 86_400_000 else {
      throw PrivataError(
        .badArgument, "an oral statement suspends for thirty days at most", fields: ["until"])
    }
    let key = id.value
    try await audited("hipaa.accounting.suspend", key) { () async throws(PrivataError) in
      let entry = entry(
        .suspension, about: key, effectiveUntil: end,
        ["agency": .string(agency), "isWritten": .bool(isWritten)])
      try await documentation.add(entry)
      return ((), entry)
    }
  }

  /// To whom health data of a person was disclosed, within six years before the request, as far as an
  /// account is to be given of it.
  ///
  /// ```swift
  /// let accounting = try await User.hipaa.accountingOfDisclosures(id)
  /// accounting.entries.first?.recipient.name
  /// ```
  ///
  /// - Parameters:
  ///   - start: the begin of a shorter time that the person asks for.
  ///   - requestedAt: when the person asked; now where `nil`.
  /// - Throws: `tampered` where a record of a disclosure was changed.
  ///
  /// Source: 45 CFR 164.528.
  public func accountingOfDisclosures(
    _ id: some FieldValue, from start: DateTime? = nil, to end: DateTime? = nil,
    requestedAt: DateTime? = nil
  ) async throws(PrivataError) -> DisclosureAccounting {
    let key = id.value
    let asked = requestedAt ?? now
    return try await audited("hipaa.accounting", key) { () async throws(PrivataError) in
      let oldest = asked.yearsBefore(6)
      let from = max(start ?? oldest, oldest)
      let to = min(end ?? asked, asked)
      let entries = try await documentation.entries(.disclosure, subject: mark(key))
        .filter { $0.at >= from && $0.at <= to }.compactMap { Disclosure($0) }
      let suspended = try await suspendedAgencies(key, asked)
      let told = entries.filter { $0.isAccountable && !suspended.contains($0.recipient.name) }
      let isFree = try await isFree(key, asked)
      var given = entry(.accounting, about: key, state: "closed", ["isFree": .bool(isFree)])
      given.at = asked
      given.effectiveUntil = asked
      try await documentation.add(given)
      let accounting = DisclosureAccounting(
        from: from, to: to, entries: DisclosureAccounting.summed(told), isFree: isFree,
        dueAt: DeadlineCalendar().end(of: 60, daysAfter: asked))
      return (accounting, given)
    }
  }

  private func suspendedAgencies(
    _ key: Value, _ asked: DateTime
  ) async throws(PrivataError) -> Set<String> {
    let entries = try await documentation.entries(.suspension, subject: mark(key))
    let live = entries.filter { $0.at <= asked && $0.effectiveUntil.map { asked < $0 } ?? false }
    return Set(live.compactMap { $0.body["agency"]?.asString })
  }

  /// The first accounting within twelve months costs the person nothing.
  private func isFree(_ key: Value, _ asked: DateTime) async throws(PrivataError) -> Bool {
    let lastYear = asked.yearsBefore(1)
    return try await documentation.entries(.accounting, subject: mark(key))
      .allSatisfy { $0.at <= lastYear || $0.at > asked }
  }
}

extension DateTime {
  /// The same day and time some years earlier; of 29 February the day after, where there is none.
  func yearsBefore(_ years: Int) -> DateTime {
    var parts = parts
    parts.year -= years
    if let moment = DateTime(parts) { return moment }
    parts.month = 3
    parts.day = 1
    return DateTime(parts) ?? self
  }
}

public import PrivataCore

/// What becomes of the rights of the GDPR when a person dies: the law of each country says so.
///
/// Source: GDPR Recital 27.
public enum DeceasedRights: String, Sendable, Hashable, CaseIterable {
  /// Heirs or representatives ask in the person's place.
  case continued
  /// They end with the person.
  case ended
}

extension GDPR {
  /// Refuses what is asked about a dead person where the law of their country gives them no rights.
  ///
  /// - Throws: `accessDenied`.
  func checkDeceased(_ key: Value) async throws(PrivataError) {
    guard !core.options.deceasedRights.isEmpty else { return }
    let mark = core.ledger.mark(model.name, key)
    guard let entry = try await core.documentation.entries(.deceased, subject: mark).last,
      let country = entry.body["country"]?.asString,
      core.options.deceasedRights[country] == .ended
    else { return }
    throw PrivataError(
      .accessDenied,
      "the law of \(country) ends these rights with the person; what HIPAA gives goes on",
      model: model.name)
  }
}

extension HIPAA {
  /// Notes that a person died: their information stays protected for 50 years, and a representative
  /// asks for them.
  ///
  /// - Parameter country: the country whose law says what becomes of the rights of the GDPR
  ///   (``VaultOptions/deceasedRights``), by its ISO 3166-1 code.
  /// - Throws: `notFound`; `badArgument` for a moment that lies in the future.
  ///
  /// Source: 45 CFR 164.502(f) and (g)(4).
  public func markDeceased(
    _ id: some FieldValue, at moment: DateTime, country: String? = nil
  ) async throws(PrivataError) {
    let key = id.value
    try await audited("hipaa.deceased", key) { () async throws(PrivataError) in
      guard moment <= now else {
        throw PrivataError(.badArgument, "nobody died in the future", fields: ["at"])
      }
      try await checkExists(key)
      var body: Document = ["at": .date(moment)]
      body["country"] = country.map { .string($0.uppercased()) }
      let entry = entry(.deceased, about: key, body)
      try await documentation.add(entry)
      return ((), entry)
    }
  }

  /// When the protection of a person's information ends; `nil` for the living.
  public func protectionEnds(
    _ id: some FieldValue
  ) async throws(PrivataError) -> DateTime? {
    let entries = try await documentation.entries(.deceased, subject: mark(id.value))
    return entries.last?.body.date("at").map { CalendarText.adding(years: 50, to: $0) }
  }

  /// True while HIPAA protects a person's information.
  public func isProtected(_ id: some FieldValue) async throws(PrivataError) -> Bool {
    guard let end = try await protectionEnds(id) else { return true }
    return now < end
  }

  /// The number of persons of this model whose protection ended, by the end of it: what the report of
  /// ended rules names, without naming them.
  public func endedProtections() async throws(PrivataError) -> [DateTime] {
    try await documentation.entries(.deceased, model: model.name).compactMap { entry in
      entry.body.date("at").map { CalendarText.adding(years: 50, to: $0) }
    }.filter { $0 <= now }.sorted()
  }
}

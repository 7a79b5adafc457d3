public import PrivataCore

extension HIPAA {
  /// Notes that a person died: their information stays protected for 50 years, and a representative
  /// asks for them.
  ///
  /// - Throws: `notFound`; `badArgument` for a moment that lies in the future.
  ///
  /// Source: 45 CFR 164.502(f) and (g)(4).
  public func markDeceased(
    _ id: some FieldValue, at moment: DateTime
  ) async throws(PrivataError) {
    let key = id.value
    try await audited("hipaa.deceased", key) { () async throws(PrivataError) in
      guard moment <= now else {
        throw PrivataError(.badArgument, "nobody died in the future", fields: ["at"])
      }
      try await checkExists(key)
      let entry = entry(.deceased, about: key, ["at": .date(moment)])
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

internal import PrivataCore

extension AccessFacts {
  /// Adds what the registers hold about the person: who got data, where it came from, what programs
  /// decided, and where it went.
  ///
  /// - Throws: what the identity store throws.
  func add(to metadata: inout AccessMetadata) async throws(PrivataError) {
    let mark = core.ledger.mark(graph.root.model.name, subject.key)
    // One question for all registers: each would be a way to the store.
    let entries = try await core.registers.entries(
      .and([
        .compare("subject", .equal, .string(mark)),
        .isIn("register", Self.registers.map { .string($0.rawValue) }),
      ]))
    let disclosures = entries.filter { $0.register == .disclosure }
    metadata.recipients = recipients(disclosures)
    metadata.source = entries.filter { $0.register == .informed }.lastVersions
      .compactMap { InformingDuty($0).source }
    metadata.automatedDecisions = entries.filter { $0.register == .decision }.lastVersions
      .map(AutomatedDecision.init).sorted { $0.at < $1.at }
    metadata.transfers = try await transfers(disclosures)
  }

  private static let registers: [RegisterEntry.Register] = [.disclosure, .informed, .decision]

  /// The recipients by name: also one that is in no register any more is named in the disclosure.
  ///
  /// Source: GDPR Article 15(1)(c).
  private func recipients(_ disclosures: [RegisterEntry]) -> [AccessMetadata.RecipientUse] {
    Dictionary(grouping: disclosures) { $0.facts["recipient"]?.asString ?? "" }
      .sorted { $0.key < $1.key }.compactMap { id, entries in
        guard let first = entries.map(\.at).min(), let last = entries.map(\.at).max() else {
          return nil
        }
        let named = entries.compactMap { $0.facts["name"]?.asString }.last
        let fields = entries.flatMap { ($0.facts["fields"]?.asArray ?? []).compactMap(\.asString) }
        return .init(
          name: core.registers.known.recipients[id]?.name ?? named ?? id, firstAt: first,
          lastAt: last,
          purposes: Set(entries.compactMap { $0.facts["purpose"]?.asString }).sorted(),
          fields: Set(fields).sorted())
      }
  }

  /// Transfers to recipients of the person's data: those of the register, else on the safeguard that
  /// the recipient is registered with.
  ///
  /// Source: GDPR Article 15(2).
  private func transfers(
    _ disclosures: [RegisterEntry]
  ) async throws(PrivataError) -> [AccessMetadata.TransferUse] {
    guard !disclosures.isEmpty else { return [] }
    let known = core.registers.known.recipients
    let records = try await core.transfers.records().filter { $0.outcome == "allowed" }
    var found: [AccessMetadata.TransferUse] = []
    let byRecipient = Dictionary(grouping: disclosures) { $0.facts["recipient"]?.asString ?? "" }
    for (id, entries) in byRecipient.sorted(by: { $0.key < $1.key }) {
      let names = [id, known[id]?.name].compactMap(\.self)
      let own = records.filter { names.contains($0.recipient) }
      found += own.map {
        .init(
          recipient: $0.recipient, country: $0.country, basis: $0.basis, reference: $0.reference,
          at: $0.at)
      }
      guard own.isEmpty, let country = known[id]?.country,
        let last = entries.map(\.at).max()
      else { continue }
      found.append(
        .init(
          recipient: known[id]?.name ?? id, country: country, basis: known[id]?.safeguard ?? "",
          reference: "", at: last))
    }
    return found
  }
}

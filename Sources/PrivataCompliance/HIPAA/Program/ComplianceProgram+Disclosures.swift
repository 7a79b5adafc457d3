public import PrivataCore

extension ComplianceProgram {
  /// Defines, or defines anew, the fields that a routine disclosure has: those of related models as
  /// `Model.field`.
  ///
  /// - Throws: `badArgument` without a name or fields.
  ///
  /// Source: 45 CFR 164.514(d)(3).
  public func defineProtocol(
    _ name: String, of model: String, purpose: DisclosurePurpose, fields: Set<String>
  ) async throws(PrivataError) {
    guard !name.isEmpty, !fields.isEmpty else {
      throw PrivataError(.badArgument, "a protocol has a name and fields")
    }
    for entry in try await core.documentation.entries(.protocol, model: model, state: "open")
    where entry.body["name"]?.asString == name {
      try await change(entry, "protocol.end") { [now] entry in
        entry.state = "ended"
        entry.effectiveUntil = now
      }
    }
    try await file(
      .protocol, "protocol.define", model: model,
      [
        "name": .string(name), "purpose": .string(purpose.rawValue), "fields": .texts(fields),
      ])
  }

  /// The disclosures that wait for a second person: their numbers.
  public func pendingReviews() async throws(PrivataError) -> [String] {
    try await core.documentation.entries(.review, state: "open").map(\.id)
  }

  /// Agrees to a disclosure that follows no protocol; who asked for it cannot.
  ///
  /// - Throws: `accessDenied` for who asked; `badArgument` for one that is decided; `proofRequired`.
  public func approveReview(_ number: String) async throws(PrivataError) {
    let entry = try await core.documentation.entry(number, .review)
    guard entry.state == "open" else {
      throw PrivataError(.badArgument, "the review \(number) is \(entry.state)")
    }
    guard actor.actor.kind == "user", entry.body["asker"]?.asString != actor.actor.id else {
      throw PrivataError(.accessDenied, "a second person agrees to a disclosure")
    }
    try core.access?.checkProof(actor, for: .approval)
    try await change(entry, "review.approve") { [actor] entry in
      entry.state = "approved"
      entry.body["approver"] = .string(actor.actor.id)
    }
  }

  // MARK: - Business associates

  /// Registers a business associate with the contract that binds it.
  ///
  /// - Throws: `badArgument` without name or contract.
  ///
  /// Source: 45 CFR 164.502(e) and 164.504(e).
  public func registerAssociate(
    _ name: String, agreement: String, isAgent: Bool, until: DateTime? = nil
  ) async throws(PrivataError) {
    guard !name.isEmpty, !agreement.isEmpty else {
      throw PrivataError(
        .badArgument, "a business associate has a name and an agreement", fields: ["agreement"])
    }
    try await file(
      .associate, "associate.register", effectiveUntil: until,
      [
        "name": .string(name), "agreement": .string(agreement), "isAgent": .bool(isAgent),
      ])
  }

  /// Ends the agreement with a business associate.
  public func endAgreement(_ name: String) async throws(PrivataError) {
    for entry in try await core.documentation.entries(.associate, state: "open")
    where entry.body["name"]?.asString == name {
      try await change(entry, "associate.end") { [now] entry in
        entry.state = "ended"
        entry.effectiveUntil = min(entry.effectiveUntil ?? now, now)
      }
    }
  }

  /// Until when persons are to be told of a breach that a business associate reports: 60 days from
  /// when the associate knew of it where it acts as an agent, else from its report.
  ///
  /// - Throws: `notFound` for an unknown associate.
  ///
  /// Source: 45 CFR 164.404(b) and 164.410; 78 FR 5655.
  public func breachDeadline(
    reportedBy name: String, discoveredAt: DateTime, reportedAt: DateTime
  ) async throws(PrivataError) -> DateTime {
    let entries = try await core.documentation.entries(.associate)
    guard let entry = entries.last(where: { $0.body["name"]?.asString == name }) else {
      throw PrivataError(.notFound, "there is no business associate of this name")
    }
    let isAgent = entry.body["isAgent"]?.asBool ?? false
    return DeadlineCalendar().end(of: 60, daysAfter: isAgent ? discoveredAt : reportedAt)
  }
}

extension VaultCore {
  /// - Throws: `accessDenied` for an associate without an agreement that holds.
  func checkAgreement(of name: String, at now: DateTime) async throws(PrivataError) {
    let entries = try await documentation.entries(.associate, state: "open")
    let isLive = entries.contains { entry in
      entry.body["name"]?.asString == name && (entry.effectiveUntil.map { now < $0 } ?? true)
    }
    guard isLive else {
      throw PrivataError(
        .accessDenied, "the business associate has no agreement that holds",
        fields: ["agreement"])
    }
  }

  /// The fields of a routine protocol.
  ///
  /// - Throws: `accessDenied` for one that is not there, or not for the purpose.
  func protocolFields(
    _ name: String, _ model: String, _ purpose: DisclosurePurpose
  ) async throws(PrivataError) -> Set<String> {
    let entries = try await documentation.entries(.protocol, model: model, state: "open")
    let found = entries.last {
      $0.body["name"]?.asString == name && $0.body["purpose"]?.asString == purpose.rawValue
    }
    guard let found else {
      throw PrivataError(
        .accessDenied, "there is no protocol \(name) for this purpose", fields: ["protocol"],
        model: model)
    }
    return Set(found.body.texts("fields"))
  }
}

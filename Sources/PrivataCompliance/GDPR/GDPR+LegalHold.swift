public import PrivataCore

extension GDPR {
  /// Places a legal hold: the person is not erased while it lasts.
  ///
  /// ```swift
  /// try await User.gdpr.placeHold(id, matter: "M-12")
  /// ```
  ///
  /// - Parameter matter: the matter's number; it must name no person.
  /// - Throws: `notFound`; `badArgument` without a matter.
  ///
  /// Source: GDPR Article 17(3)(e).
  public func placeHold(
    _ id: some FieldValue, matter: String, until: DateTime? = nil
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.placeHold(id, matter: matter, until: until)
    }
    guard !matter.isEmpty else {
      throw PrivataError(.badArgument, "a hold is for a matter", fields: ["matter"])
    }
    try await hold(id.value, matter, isOn: true, until: until, evidence: [:])
  }

  /// Ends a legal hold. Two persons: who asks, and who approves.
  ///
  /// - Throws: `notFound`; `accessDenied` where both are one.
  public func releaseHold(
    _ id: some FieldValue, matter: String, approvedBy approver: AccessContext.Actor
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.releaseHold(id, matter: matter, approvedBy: approver)
    }
    guard approver != actor.actor else {
      throw PrivataError(
        .accessDenied, "a hold is released by two persons: the approver is another one")
    }
    try await hold(
      id.value, matter, isOn: false, until: nil, evidence: ["approver": .string(approver.id)])
  }

  /// The matters for which a person's data is held now.
  public func holds(_ id: some FieldValue) async throws(PrivataError) -> [String] {
    if let there = try await elsewhere(id.value) { return try await there.holds(id) }
    let link = try await pseudonym(of: id.value)
    return core.rights.current.acts(about: link, .hold).filter { $0.isLive(.now) }.map(\.about)
  }

  private func hold(
    _ key: Value, _ matter: String, isOn: Bool, until: DateTime?, evidence: Document
  ) async throws(PrivataError) {
    try await act(key, .hold, isOn ? "hold.place" : "hold.release") { link in
      RightsAct(
        subject: link, model: model.name, kind: .hold, about: matter, isOn: isOn, at: .now,
        until: until, evidence: evidence, actor: actor.actor.id)
    }
  }

  /// Refuses where a hold lasts; asks the store, because another process may have placed it.
  ///
  /// - Throws: `legalHold`.
  func checkHolds(_ subject: Subject) async throws(PrivataError) {
    guard let link = subject.link else { return }
    let own = try await core.rights.acts(
      .and([
        .compare("subject", .equal, .string(link)),
        .compare("kind", .equal, .string(RightsAct.Kind.hold.rawValue)),
      ]))
    let held = RightsState(own).subjects(.hold, of: model.name)
    guard held.isEmpty else {
      throw PrivataError(
        .legalHold, "a legal hold keeps the data of this \(model.name): release it first",
        model: model.name)
    }
  }
}

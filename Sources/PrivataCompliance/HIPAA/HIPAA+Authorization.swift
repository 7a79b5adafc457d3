public import PrivataCore

extension HIPAA {
  /// Files a person's authorization and answers its number.
  ///
  /// - Throws: `badArgument` with the names of what it lacks, and for one that is over; `notFound`;
  ///   `unknownField`.
  ///
  /// Source: 45 CFR 164.508.
  public func authorize(
    _ id: some FieldValue, _ authorization: Authorization
  ) async throws(PrivataError) -> String {
    let key = id.value
    return try await audited("hipaa.authorize", key, fields: authorization.fields.sorted()) {
      () async throws(PrivataError) in
      let missing = authorization.missing
      guard missing.isEmpty else {
        throw PrivataError(
          .badArgument, "the authorization lacks \(missing.joined(separator: ", "))",
          fields: missing, model: model.name)
      }
      try check(fields: authorization.fields)
      guard authorization.expires.map({ $0 > now }) ?? true else {
        throw PrivataError(.badArgument, "the authorization is over", fields: ["expires"])
      }
      try await checkExists(key)
      let entry = entry(
        .authorization, about: key, effectiveUntil: authorization.expires, authorization.body)
      try await documentation.add(entry)
      return (entry.id, entry)
    }
  }

  /// Notes that the person got a copy of an authorization.
  ///
  /// Source: 45 CFR 164.508(c)(4).
  public func recordCopy(ofAuthorization number: String) async throws(PrivataError) {
    let entry = try await documentation.entry(number, .authorization)
    let changed = try await documentation.change(entry) { [now] in
      $0.body["copyGivenAt"] = .date(now)
    }
    try core.record("hipaa.authorization.copy", by: actor, about: changed)
  }

  /// Revokes an authorization: from now on nothing is disclosed under it. What was disclosed before
  /// stays lawful.
  ///
  /// - Throws: `notFound`; `badArgument` for one that is not the person's.
  ///
  /// Source: 45 CFR 164.508(b)(5).
  public func revokeAuthorization(
    _ number: String, by id: some FieldValue
  ) async throws(PrivataError) {
    let key = id.value
    try await audited("hipaa.revoke", key) { () async throws(PrivataError) in
      let entry = try await documentation.entry(number, .authorization)
      guard entry.subject == mark(key) else {
        throw PrivataError(.badArgument, "the authorization is not this person's")
      }
      let changed = try await documentation.change(entry) { [now] entry in
        entry.state = "revoked"
        entry.effectiveUntil = min(entry.effectiveUntil ?? now, now)
      }
      return ((), changed)
    }
  }

  /// The authorization of a number, where it covers what is to be disclosed now.
  ///
  /// - Throws: `accessDenied` that says what is wrong with it.
  func authorization(
    _ number: String?, covering request: DisclosureRequest, of key: Value
  ) async throws(PrivataError) -> Authorization {
    guard let number else {
      throw PrivataError(
        .accessDenied, "a disclosure for \(request.purpose.rawValue) needs an authorization",
        fields: ["authorization"], model: model.name)
    }
    let entry = try await documentation.entry(number, .authorization)
    guard entry.subject == mark(key), let authorization = Authorization(entry.body) else {
      throw refused("is another person's", [])
    }
    guard entry.state == "open" else { throw refused("was revoked", []) }
    if let end = authorization.expires, end <= now { throw refused("expired", ["expires"]) }
    if let missing = authorization.missing.first { throw refused("lacks \(missing)", [missing]) }
    guard authorization.recipient == request.recipient.name else {
      throw refused("names another recipient", ["recipient"])
    }
    let uncovered = request.allFields.subtracting(authorization.fields)
    guard uncovered.isEmpty else {
      throw refused("does not cover all fields", uncovered.sorted())
    }
    try checkKind(authorization.kind, request)
    return authorization
  }

  private func checkKind(
    _ kind: Authorization.Kind, _ request: DisclosureRequest
  ) throws(PrivataError) {
    let wanted: Authorization.Kind? =
      switch request.purpose {
      case .marketing: .marketing
      case .sale: .sale
      default: request.fields.isDisjoint(with: reserved) ? nil : .psychotherapyNotes
      }
    if let wanted, wanted != kind {
      throw refused("is not one for \(wanted.rawValue)", ["kind"])
    }
  }

  private func refused(_ what: String, _ fields: [String]) -> PrivataError {
    PrivataError(
      .accessDenied, "the authorization \(what)", fields: fields, model: model.name)
  }
}

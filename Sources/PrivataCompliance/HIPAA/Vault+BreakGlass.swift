public import PrivataCore

extension Vault {
  /// Lets the task's actor at the records of one person for an hour: written down and told to the
  /// officer before any data is read, and to be reviewed within three days.
  ///
  /// ```swift
  /// try await vault.breakGlass(.init(subject: id, of: "Patient", reason: .unconscious, note: note)) {
  ///   try await User.findById(id).exec()
  /// }
  /// // select … from patients where _id = ? and _id = ?
  /// ```
  ///
  /// - Throws: `unsupported` without ``VaultOptions/hipaa``; `contextRequired` without an actor;
  ///   `accessDenied` for a role that may not, without a note, and while a review of the same actor
  ///   is overdue; `proofRequired`; `auditUnavailable` where the journal cannot be written.
  /// - Privacy: what the body deletes, exports or erases is refused. The note is sealed.
  ///
  /// Source: 45 CFR 164.312(a)(2)(ii).
  public func breakGlass<R>(
    _ request: EmergencyRequest, _ body: () async throws -> R
  ) async throws -> R {
    let context = try await openEmergency(request)
    return try await AccessContext.$current.withValue(context, operation: body)
  }

  /// The emergency accesses, the oldest first.
  public func emergencies() async throws(PrivataError) -> [EmergencyRecord] {
    try await core.documentation.entries(.emergency).compactMap(EmergencyRecord.init)
  }

  /// Closes the review of an emergency access; somebody else than who broke the glass does that.
  ///
  /// - Throws: `notFound`; `accessDenied` for one's own; `badArgument` for one that was reviewed.
  public func reviewEmergency(
    _ id: String, _ verdict: EmergencyRecord.Verdict
  ) async throws(PrivataError) -> EmergencyRecord {
    let actor = context ?? AccessContext.current ?? .service
    let entry = try await core.documentation.entry(id, .emergency)
    guard entry.state == "open" else {
      throw PrivataError(.badArgument, "the emergency access \(id) was reviewed before")
    }
    guard entry.body["actor"]?.asString != actor.actor.id, actor.actor.kind == "user" else {
      throw PrivataError(.accessDenied, "another person reviews an emergency access")
    }
    let now = core.access?.now ?? .now
    let closed = try await core.documentation.change(entry) { entry in
      entry.state = "reviewed"
      entry.effectiveUntil = now
      entry.body["verdict"] = .string(verdict.rawValue)
      entry.body["reviewer"] = .string(actor.actor.id)
    }
    try core.record("emergency.review", by: actor, about: closed)
    guard let record = EmergencyRecord(closed) else {
      throw PrivataError(.corrupt, "the emergency access \(id) cannot be read")
    }
    return record
  }

  // MARK: - Opening

  private func openEmergency(
    _ request: EmergencyRequest
  ) async throws(PrivataError) -> AccessContext {
    let given = context ?? AccessContext.current ?? .service
    do throws(PrivataError) {
      guard let access = core.access else {
        throw PrivataError(.unsupported, "emergency access needs VaultOptions.hipaa")
      }
      try check(request, given, access)
      try await checkReviews(of: given, access)
      let entry = try await file(request, given, access)
      if let notify = access.options.notifiesOfficer, let record = EmergencyRecord(entry) {
        await notify(record)
      }
      return emergency(entry, request, given, access)
    } catch {
      try core.record("breakGlass", by: given, on: request.model, failed: error)
      throw error
    }
  }

  private func check(
    _ request: EmergencyRequest, _ given: AccessContext, _ access: AccessControl
  ) throws(PrivataError) {
    guard given.actor.kind == "user" else {
      throw PrivataError(.contextRequired, "a person breaks the glass: say who, with a context")
    }
    guard access.options.emergencyRoles.contains(given.role ?? "") else {
      throw PrivataError(.accessDenied, "this role may not break the glass", fields: ["role"])
    }
    guard !request.note.isEmpty else {
      throw PrivataError(.accessDenied, "breaking the glass needs a note", fields: ["note"])
    }
    try access.checkProof(given, for: .emergencyAccess)
    guard core.recorder.journal.hasRoom else {
      throw PrivataError(
        .auditUnavailable, "the audit journal cannot be written: the glass stays whole")
    }
  }

  private func checkReviews(
    of given: AccessContext, _ access: AccessControl
  ) async throws(PrivataError) {
    for entry in try await core.documentation.entries(.emergency, state: "open") {
      guard let record = EmergencyRecord(entry), record.actor == given.actor.id,
        record.reviewDueAt < access.now
      else { continue }
      throw PrivataError(
        .accessDenied, "the emergency access \(entry.id) of this actor is overdue for review")
    }
  }

  private func file(
    _ request: EmergencyRequest, _ given: AccessContext, _ access: AccessControl
  ) async throws(PrivataError) -> DocumentationEntry {
    let now = access.now
    let later = { (minutes: Int) in
      Value.date(DateTime(milliseconds: now.milliseconds + Int64(minutes) * 60_000))
    }
    let body: Document = [
      "actor": .string(given.actor.id), "role": .string(given.role ?? ""),
      "reason": .string(request.reason.rawValue), "note": .string(request.note),
      "endsAt": later(min(access.options.emergencyMinutes, 60)),
      "reviewDueAt": later(access.options.reviewHours * 60),
    ]
    let entry = DocumentationEntry(
      .emergency, model: request.model, subject: core.ledger.mark(request.model, request.subject),
      at: now, body: body, actor: given.actor.id)
    let reference = core.references.reference(to: request.subject, of: request.model)
    try core.record("breakGlass", by: given, about: entry, records: [reference])
    // On the disk before anything is read.
    try core.recorder.journal.sync()
    try await core.documentation.add(entry)
    return entry
  }

  private func emergency(
    _ entry: DocumentationEntry, _ request: EmergencyRequest, _ given: AccessContext,
    _ access: AccessControl
  ) -> AccessContext {
    var details = given.details ?? AccessDetails()
    var end = access.now
    if case .date(let date)? = entry.body["endsAt"] { end = date }
    details.emergency = EmergencyAccess(
      id: entry.id, actor: given.actor, model: request.model, subject: request.subject,
      endsAt: end)
    return given.with(details, purpose: "emergency", reason: request.reason.rawValue)
  }
}

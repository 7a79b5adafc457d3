internal import PrivataCore
internal import Synchronization

/// What ``HIPAAOptions`` ask of each access.
final class AccessControl: Sendable {
  let options: HIPAAOptions
  let documentation: DocumentationStore
  private let workforce = TableMirror(WorkforceState())
  /// When each grant was last used.
  private let uses = Mutex<[WorkforceState.Key: DateTime]>([:])
  private let checked = Mutex<Set<ObjectIdentifier>>([])
  private let keeper = Mutex<OwnedTask?>(nil)

  init(_ options: HIPAAOptions, _ documentation: DocumentationStore) {
    self.options = options
    self.documentation = documentation
  }

  var now: DateTime { options.clock() }

  // MARK: - Each access

  /// - Throws: `accessDenied` for an unknown purpose, a shared name, a user without a live grant, an
  ///   emergency that was not opened; `unsupported` for a model with fields in the clear.
  func check(_ context: AccessContext, _ separation: Separation) throws(PrivataError) {
    guard separation.isPersonal, context != .service else { return }
    try checkPurpose(context)
    try checkActor(context.actor)
    if options.asksForGrants, context.actor.kind == "user" { try checkGrant(context) }
    if options.requiresEncryption { try checkEncryption(separation) }
    try checkEmergency(context)
  }

  private func checkPurpose(_ context: AccessContext) throws(PrivataError) {
    guard let purpose = context.purpose, options.purposes.contains(purpose) else {
      throw PrivataError(
        .accessDenied, "health information is used under one of the permitted purposes only",
        fields: ["purpose"])
    }
  }

  /// Source: 45 CFR 164.312(a)(2)(i).
  private func checkActor(_ actor: AccessContext.Actor) throws(PrivataError) {
    guard actor.kind == "user" else { return }
    if actor.id.isEmpty || options.sharedNames.contains(actor.id.lowercased()) {
      throw PrivataError(
        .accessDenied, "a user is one person: this name is one that several share",
        fields: ["actor"])
    }
  }

  private func checkGrant(_ context: AccessContext) throws(PrivataError) {
    guard isGranted(context.actor.id, context.role) else {
      throw PrivataError(
        .accessDenied, "the user has no live grant of this role", fields: ["actor"])
    }
  }

  /// True where the user holds the role now; noted as a use of it.
  private func isGranted(_ user: String, _ role: String?) -> Bool {
    guard let role else { return false }
    let key = WorkforceState.Key(user: user, role: role)
    let now = now
    guard let begin = workforce.ask({ $0.beginOfGrant(key, at: now) }) else { return false }
    return uses.withLock { uses in
      let idle = now.milliseconds - max(uses[key] ?? begin, begin).milliseconds
      guard idle <= Int64(options.dormantDays) * 86_400_000 else { return false }
      uses[key] = now
      return true
    }
  }

  /// Source: 45 CFR 164.312(a)(2)(iv).
  private func checkEncryption(_ separation: Separation) throws(PrivataError) {
    let id = ObjectIdentifier(separation)
    if checked.withLock({ $0.contains(id) }) { return }
    let model = separation.model
    let plain = model.fields.filter { $0.privacy != .open && $0.encryption == nil }
    if !plain.isEmpty, options.unencrypted[model.name]?.isEmpty != false {
      throw PrivataError(
        .unsupported,
        "\(model.name) keeps personal fields in the clear: encrypt them, or name the model with a "
          + "reason in HIPAAOptions.unencrypted", fields: plain.map(\.name), model: model.name)
    }
    checked.withLock { _ = $0.insert(id) }
  }

  private func checkEmergency(_ context: AccessContext) throws(PrivataError) {
    if let emergency = context.details?.emergency {
      try emergency.check(context, at: now)
    } else if context.purpose == "emergency" {
      throw PrivataError(
        .accessDenied, "an emergency is opened with vault.breakGlass", fields: ["purpose"])
    }
  }

  // MARK: - What is dangerous

  /// - Throws: `accessDenied` for who may not act any more; `proofRequired`.
  func checkApprover(_ context: AccessContext) throws(PrivataError) {
    if options.asksForGrants { try checkGrant(context) }
    try checkProof(context, for: .approval)
  }

  /// - Throws: `accessDenied` for a user whose employment ended.
  func checkActive(_ user: String) throws(PrivataError) {
    guard options.asksForGrants, workforce.ask({ $0.isTerminated(user) }) else { return }
    throw PrivataError(.accessDenied, "who agreed is not active any more")
  }

  /// - Throws: `proofRequired` where the context's proof is missing, of somebody else, forged, too
  ///   old or too weak.
  ///
  /// Source: 45 CFR 164.312(d).
  func checkProof(_ context: AccessContext, for action: ProofRule.Action) throws(PrivataError) {
    guard let verifier = options.proofVerifier, let rule = options.proofRules[action],
      context != .service
    else { return }
    guard let proof = context.details?.proof, proof.actor == context.actor,
      verifier.verifies(proof)
    else { throw refusal(rule, "the actor's identity is not proven") }
    let age = now.milliseconds - proof.at.milliseconds
    guard age >= -60_000, age <= Int64(rule.seconds) * 1000 else {
      throw refusal(rule, "the proof of the actor's identity is too old")
    }
    guard proof.method >= rule.method else {
      throw refusal(rule, "the actor's identity is proven too weakly")
    }
  }

  private func refusal(_ rule: ProofRule, _ why: String) -> PrivataError {
    PrivataError(
      .proofRequired,
      "\(why): \(rule.method.rawValue) within \(rule.seconds) seconds is asked for",
      fields: ["proof"])
  }

  /// - Throws: `badArgument` for a store on another machine without TLS.
  ///
  /// Source: 45 CFR 164.312(e).
  func checkStores(_ stores: [any Store]) throws(PrivataError) {
    guard options.requiresTransportEncryption else { return }
    for store in stores where store.traits.transport == .plain {
      throw PrivataError(
        .badArgument,
        "the store at \(store.traits.place) is reached without verified TLS: use sslmode=verify-full "
          + "for Postgres, tls=true for MongoDB")
    }
  }

  // MARK: - Other processes

  /// Reads the grants and looks for changes of other processes.
  func open() async throws(PrivataError) {
    guard options.asksForGrants else { return }
    try await reload()
    let owned = OwnedTask { [weak self] in
      while !Task.isCancelled {
        do { try await Task.sleep(for: .milliseconds(500)) } catch { return }
        guard let self else { return }
        try? await self.reload()
      }
    }
    keeper.withLock { $0 = owned }
  }

  func reload() async throws(PrivataError) {
    try await workforce.reload { () async throws(PrivataError) in
      WorkforceState(
        try await documentation.entries(.grant), try await documentation.entries(.termination))
    }
  }

  func close() async {
    let owned = keeper.withLock { keeper in
      defer { keeper = nil }
      return keeper
    }
    await owned?.stop()
  }
}

public import PrivataCore

/// What a relocation did.
public struct RelocationResult: Sendable, Hashable {
  /// From which region to which.
  public let from: Region
  public let to: Region
  /// How many records were moved.
  public let records: Int
  /// The transfer in the register; `nil` where the law asks for none.
  public let transfer: TransferRecord?
}

extension GDPR {
  /// Moves a person, with the records about them, to another region of the vault.
  ///
  /// ```swift
  /// try await User.gdpr.relocate(id, to: .us, basis: .derogation(.explicitConsent(reference: "c-17")))
  /// ```
  ///
  /// The records are copied under the target's keys with a fresh pseudonym, then the target serves,
  /// then the person is erased where they were: keys destroyed, rows deleted, both stores read again.
  /// Killed in between, the next start goes on; one region alone serves the person at every moment.
  /// An erasure that is asked for meanwhile comes after it, in the target. Records that name several
  /// people stay and lose the reference.
  ///
  /// - Parameter destination: who receives the data, where the target's state alone does not say it;
  ///   a commercial organisation, or a certified one.
  /// - Throws: `notFound`; `badArgument` where the person is there already, or the vault has one
  ///   region; `transferRefused` where data may not go there; `legalHold`; `subjectFrozen` while the
  ///   person is being erased; `busy` while they are being moved; what the stores throw, in which
  ///   case the person stays where they were, or the next start goes on.
  /// - Privacy: audited in both regions; a transfer is written down and audited.
  public func relocate(
    _ id: some FieldValue, to region: Region, destination: TransferDestination? = nil,
    basis: TransferBasis? = nil
  ) async throws(PrivataError) -> RelocationResult {
    guard let regions else {
      throw PrivataError(
        .badArgument, "people move between regions in a vault that has several: Vault(regions:)")
    }
    let target = try regions.member(region)
    let turn = core.ledger.mark(model.name, id.value)
    await regions.turns.enter(turn)
    defer { regions.turns.leave(turn) }
    let source = try await here(id.value, regions)
    let scope = AuditCoding.scope(
      .relocate, model: model.name, fields: ["from:\(source.region)", "to:\(region)"],
      filterFields: [model.key.name])
    do {
      let result = try await move(id.value, source, target, destination, basis)
      for core in [source.core, target.core] {
        let reference = core.references.reference(to: id.value, of: model.name)
        try core.recorder.record(
          actor, scope: scope, result: AuditResult(count: result.records, records: [reference]),
          isPersonal: true)
      }
      return result
    } catch {
      try source.core.recorder.record(
        actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  private func move(
    _ key: Value, _ source: VaultRegions.Member, _ target: VaultRegions.Member,
    _ destination: TransferDestination?, _ basis: TransferBasis?
  ) async throws(PrivataError) -> RelocationResult {
    guard let regions, source.region != target.region else {
      throw PrivataError(
        .badArgument, "the \(model.name) is in region \(target.region) already", model: model.name)
    }
    let gdpr = GDPR(core: source.core, context: context, model: model)
    try gdpr.checkCaller(.relocate)
    let graph = try SubjectGraph(model, source.core.registry)
    guard let subject = try await source.core.session.subject(key, graph) else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    try await gdpr.checkFree(subject)
    let own = Filter.compare(model.key.name, .equal, key)
    if try await target.core.holds(own, model) {
      throw PrivataError(
        .duplicateKey, "region \(target.region) has another \(model.name) of this key",
        fields: [model.key.name], model: model.name)
    }
    let record = try await transfer(source, target, destination, basis)
    let move = VaultRegions.OpenMove(
      id: source.core.ledger.mark(model.name, key), from: source.region, to: target.region,
      fence: Fences.Fence(
        number: 0, model: model.name, key: subject.key, keyName: model.key.name,
        targets: subject.targets))
    do {
      try await MoveLedger(core: source.core).open(move)
    } catch let error where error.code == .duplicateKey {
      throw PrivataError(.busy, "another process moves the person", isRetriable: true)
    }
    regions.note(move)
    var relocation = try Relocation(regions, move, model)
    let count = try await relocation.run()
    return RelocationResult(
      from: source.region, to: target.region, records: count, transfer: record)
  }

  /// Asks for the transfer; `nil` where the law of the source asks for none.
  private func transfer(
    _ source: VaultRegions.Member, _ target: VaultRegions.Member,
    _ destination: TransferDestination?, _ basis: TransferBasis?
  ) async throws(PrivataError) -> TransferRecord? {
    guard source.region.guardsTransfers else { return nil }
    let to =
      destination
      ?? TransferDestination(
        country: target.region.country ?? "", recipient: "region \(target.region)")
    return try await Transfers(vault: Vault(core: core, context: context, regions: regions))
      .authorise(Transfer(from: source.region, to: to, basis: basis, model: model.name, count: 1))
  }

  /// - Throws: `legalHold`, `subjectFrozen`.
  private func checkFree(_ subject: Subject) async throws(PrivataError) {
    try await checkHolds(subject)
    try await core.prepareLedger()
    let last = try await core.ledger.last(core.ledger.mark(model.name, subject.key))
    guard let last, last.state != .attested else { return }
    throw PrivataError(.subjectFrozen, "the \(model.name) is being erased", model: model.name)
  }

  // MARK: - Where a person is

  /// The region of a person: the one that has the record, else the one that erased it, else the
  /// home's.
  private func here(
    _ key: Value, _ regions: VaultRegions
  ) async throws(PrivataError) -> VaultRegions.Member {
    let access = RegionalAccess(regions: regions, context: context, pinned: nil) {
      [regions, context] (member) async throws(PrivataError) -> any Store in
      regions.store(member, context)
    }
    let filter = Filter.compare(model.key.name, .equal, key)
    if let holder = try await access.located(filter, model).first { return holder }
    for member in regions.members {
      try await member.core.prepareLedger()
      let mark = member.core.ledger.mark(model.name, key)
      if try await member.core.ledger.last(mark) != nil { return member }
    }
    return regions.home
  }

  /// The rights of a person where they are; `nil` where that is here.
  func elsewhere(_ key: Value) async throws(PrivataError) -> GDPR? {
    guard let regions else { return nil }
    let turn = core.ledger.mark(model.name, key)
    // A move that is under way ends first.
    await regions.turns.enter(turn)
    regions.turns.leave(turn)
    return GDPR(core: try await here(key, regions).core, context: context, model: model)
  }
}

extension AuditEvent.Action {
  /// A person was moved to another region.
  public static let relocate = AuditEvent.Action(rawValue: "region.relocation")
}

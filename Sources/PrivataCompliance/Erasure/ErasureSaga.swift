internal import PrivataCore
internal import Synchronization

/// Carries out an erasure step by step. Each step can be repeated, and is recorded in the ledger
/// before the next begins: whoever finds an open saga goes on from there.
struct ErasureSaga {
  let core: VaultCore
  let graph: SubjectGraph
  let ledger: ErasureLedger
  private(set) var entry: ErasureLedger.Entry
  private(set) var plan: ErasurePlan

  init(
    _ core: VaultCore, _ graph: SubjectGraph, _ entry: ErasureLedger.Entry, _ plan: ErasurePlan
  ) {
    self.core = core
    self.graph = graph
    ledger = core.ledger
    self.entry = entry
    self.plan = plan
  }

  /// The saga of an entry that an earlier process left.
  init(_ core: VaultCore, _ entry: ErasureLedger.Entry) throws(PrivataError) {
    guard let model = core.registry.model(entry.model) else {
      throw PrivataError(.unknownModel, "the vault knows no model \(entry.model)")
    }
    let bytes = try JournalSeal(core.keys).open(entry.sealed ?? [], id: entry.id)
    self.init(
      core, try SubjectGraph(model, core.registry), entry,
      try ErasurePlan(try Document(bson: bytes)))
  }

  /// Runs all steps that are still to do, and answers the certificate.
  ///
  /// - Throws: what a step throws; the saga stays open, and the vault's own work, the next call or the
  ///   next start goes on.
  mutating func run() async throws(PrivataError) -> ErasureCertificate {
    let fence = core.fences.raise(graph, plan.subject)
    do throws(PrivataError) {
      await core.fences.waitForEarlierWrites()
      if entry.state == .onHold { entry.state = .frozen }
      let certificate = try await steps()
      core.fences.lower(fence)
      return certificate
    } catch {
      core.fences.lower(fence)
      await postpone()
      throw error
    }
  }

  /// Leaves the rest for later. What cannot be reached now is made unreadable where nothing of it is
  /// to be kept.
  private mutating func postpone() async {
    plan.attempts += 1
    core.hasOpenErasures.store(true, ordering: .releasing)
    if let keys = core.subjectKeys, let link = plan.subject.link, plan.scope == nil,
      entry.state == .identityDeleted || entry.state == .clinicalSettled
    {
      let stores = plan.fresh == nil ? Half.allCases : [.identity]
      if let destroyed = try? await keys.shred(link, in: stores.map(\.rawValue)) {
        plan.keys += destroyed
      }
    }
    try? await advance(entry.state)
    try? await ledger.release(entry.id, after: Self.pause(plan.attempts))
  }

  /// How long to wait before the next attempt: twice as long each time, at most ten minutes.
  static func pause(_ attempts: Int) -> Int64 {
    let bound = min(Int64(1_000) << Int64(min(max(attempts - 1, 0), 10)), 600_000)
    return bound / 2 + Int64.random(in: 0...bound / 2)
  }

  private mutating func steps() async throws(PrivataError) -> ErasureCertificate {
    if entry.state == .frozen {
      KillPoint.reached("erasure-frozen")
      try await retain()
      try await advance(.retained)
    }
    if plan.scope == nil { try await wholeSteps() } else { try await scopedSteps() }
    KillPoint.reached("erasure-verified")
    let told = try await Outbox(core: core).tell(.erasure, mark: entry.mark, cause: entry.id)
    if !told.isEmpty { plan.note("recipients told", told.map { ($0, 1) }) }
    let published = told.filter { core.registers.known.recipients[$0]?.isPublic == true }
    if !published.isEmpty { plan.note(ErasurePlan.removals, published.map { ($0, 1) }) }
    try await Tombstones(core).add(tombstone)
    let certificate = try ErasureCertificate(statement, keys: core.keys)
    try await ledger.attest(entry.id, certificate)
    KillPoint.reached("erasure-attested")
    return certificate
  }

  private mutating func wholeSteps() async throws(PrivataError) {
    if entry.state == .retained {
      KillPoint.reached("erasure-retained")
      try await deleteIdentity()
      try await advance(.identityDeleted)
    }
    if entry.state == .identityDeleted {
      KillPoint.reached("erasure-identity")
      try await settleClinical()
      try await advance(.clinicalSettled)
    }
    if entry.state == .clinicalSettled {
      KillPoint.reached("erasure-clinical")
      try await destroyKeys()
      try await advance(.keysDestroyed)
    }
    if entry.state == .keysDestroyed {
      KillPoint.reached("erasure-keys")
      try await verify()
      try await advance(.verified)
    }
  }

  /// The part that the ground reaches; the person stays.
  private mutating func scopedSteps() async throws(PrivataError) {
    guard entry.state == .retained else { return }
    let step = ScopedErasure(core: core, graph: graph, plan: plan)
    plan.note("fields and records erased", try await step.run())
    core.cache?.removeAll()
    let found = try await step.remaining()
    guard found.isEmpty else {
      throw PrivataError(
        .writeConflict, "data that was erased is there again: \(found.joined(separator: ", "))",
        model: entry.model, isRetriable: true)
    }
    plan.note("read again: nothing found")
    try await advance(.verified)
  }

  private mutating func advance(_ state: ErasureState) async throws(PrivataError) {
    let sealed = try JournalSeal(core.keys).seal(plan.document.bson, id: entry.id)
    try await ledger.advance(entry.id, to: state, sealed: sealed)
    entry.state = state
  }

  // MARK: - Steps

  /// Seals away what a law has kept, before anything is deleted.
  private mutating func retain() async throws(PrivataError) {
    if plan.scope == nil {
      try await ErasedImports(core: core, separation: graph.root).remember(plan.subject)
      plan.otherLinks = try await ErasureSteps(core: core, graph: graph, plan: plan).links()
    }
    guard !plan.exceptions.isEmpty else { return }
    let step = ErasureRetention(core: core, graph: graph, plan: plan, mark: entry.mark)
    plan.retained = try await step.keep()
    plan.note("kept by exception", plan.retained.map { ($0.scope.model, $0.count) })
  }

  private mutating func deleteIdentity() async throws(PrivataError) {
    let step = ErasureSteps(core: core, graph: graph, plan: plan)
    plan.note("identity rows deleted", try await step.deleteIdentity())
    core.map.remove(pseudonyms: plan.subject.link.map { [$0] } ?? [])
    core.cache?.removeAll()
  }

  private mutating func settleClinical() async throws(PrivataError) {
    let step = ErasureSteps(core: core, graph: graph, plan: plan)
    let name = plan.fresh == nil ? "clinical rows deleted" : "clinical rows unlinked"
    plan.note(name, try await step.settleClinical())
    core.cache?.removeAll()
  }

  /// Destroys the keys under which the person's values were sealed, wherever copies of them are.
  /// What is kept was sealed anew, under the fresh pseudonym.
  private mutating func destroyKeys() async throws(PrivataError) {
    if let link = plan.subject.link {
      try await core.rights.anonymise(link, mark: entry.mark)
      try await StatementLedger(core: core).erase(link)
    }
    try await core.documentation.erase(entry.mark)
    if core.keepsCodesApart { try await core.codes.erase(entry.mark) }
    try DataPackages(core: core, context: nil).remove(of: entry.mark)
    guard let keys = core.subjectKeys else { return }
    let links = (plan.subject.link.map { [$0] } ?? []) + plan.otherLinks
    let fingerprints = try await keys.shred(links)
    plan.keys += fingerprints
    plan.note(Self.destruction, [("keys", fingerprints.count)])
  }

  /// Reads both stores again. What a late writer put there meanwhile is erased too.
  private mutating func verify() async throws(PrivataError) {
    for _ in 0..<5 {
      let step = ErasureSteps(core: core, graph: graph, plan: plan)
      let found = try await step.remaining()
      if found.isEmpty {
        plan.note("both stores read again: nothing found")
        return
      }
      try await deleteIdentity()
      try await settleClinical()
      try await destroyKeys()
    }
    throw PrivataError(
      .writeConflict,
      "rows about the person keep appearing: stop what writes them, then ask again",
      model: entry.model, isRetriable: true)
  }

  private static let destruction = "keys destroyed"

  // MARK: - The certificate

  /// What lets a restored backup be erased again.
  private var tombstone: Tombstone {
    Tombstone(
      id: entry.id, mark: entry.mark, link: plan.subject.link.map { core.ledger.mark(link: $0) },
      others: Set(plan.otherLinks.map { core.ledger.mark(link: $0) }), plan: plan,
      model: entry.model)
  }

  private var statement: Document {
    var statement: Document = [
      "version": 1, "saga": .string(entry.id), "model": .string(entry.model),
      "subject": .string(entry.mark), "legalBasis": .string(plan.legalBasis),
      "requestedBy": .string(plan.requestedBy), "openedAt": .string(entry.openedAt.iso8601),
      "completedAt": .string(DateTime.now.iso8601), "steps": .array(plan.steps.map(\.value)),
      "identity": plan.scope == nil ? "deleted" : "erased in part",
    ]
    statement["scope"] = plan.scope.map { .array($0.map { .document($0.document) }) }
    if !plan.retained.isEmpty {
      statement["retained"] = .array(plan.retained.map { .document($0.document) })
    }
    if plan.isReplay { statement["replay"] = "a restored backup had brought the person back" }
    if let options = core.options.encryption, !plan.keys.isEmpty {
      statement["destroyedKeys"] = .array(plan.keys.map { .string($0) })
      let days = Int64(options.epochDays + options.backupDays)
      let horizon = DateTime(milliseconds: DateTime.now.milliseconds + days * 86_400_000)
      statement["unreadableInBackupsFrom"] = .string(horizon.iso8601)
      // Every process had let go of the keys by then, or its lease had ended.
      statement["keysHeldNowhereFrom"] = plan.steps.last { $0.name == Self.destruction }
        .map { .string($0.at.iso8601) }
    }
    guard plan.scope == nil else { return statement }
    let kept = plan.total("clinical rows unlinked")
    switch (plan.fresh, kept) {
    case (nil, _): statement["clinical"] = "deleted"
    case (_, 0): statement["clinical"] = "none"
    default:
      statement["clinical"] = "kept under a fresh pseudonym, link dropped"
      statement["ground"] = .string(plan.ground)
    }
    return statement
  }

  /// True where clinical rows were kept.
  var preserved: Bool { plan.fresh != nil && plan.total("clinical rows unlinked") > 0 }

  /// True where the identity is gone: of an erasure that was attested, unless it had a scope.
  var deletedIdentity: Bool { plan.scope == nil }
}

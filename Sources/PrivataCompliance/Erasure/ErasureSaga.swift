internal import PrivataCore

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
  mutating func run() async throws(PrivataError) -> ErasureCertificate {
    let fence = core.fences.raise(graph, plan.subject)
    do throws(PrivataError) {
      await core.fences.waitForEarlierWrites()
      let certificate = try await steps()
      core.fences.lower(fence)
      return certificate
    } catch {
      core.fences.lower(fence)
      // The saga stays open; the next start, or the next call, goes on.
      try? await ledger.release(entry.id)
      throw error
    }
  }

  private mutating func steps() async throws(PrivataError) -> ErasureCertificate {
    if entry.state == .frozen {
      KillPoint.reached("erasure-frozen")
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
    KillPoint.reached("erasure-verified")
    let told = try await Outbox(core: core).tell(.erasure, mark: entry.mark, cause: entry.id)
    if !told.isEmpty { plan.note("recipients told", told.map { ($0, 1) }) }
    let certificate = try ErasureCertificate(statement, keys: core.keys)
    try await ledger.attest(entry.id, certificate)
    KillPoint.reached("erasure-attested")
    return certificate
  }

  private mutating func advance(_ state: ErasureState) async throws(PrivataError) {
    let sealed = try JournalSeal(core.keys).seal(plan.document.bson, id: entry.id)
    try await ledger.advance(entry.id, to: state, sealed: sealed)
    entry.state = state
  }

  // MARK: - Steps

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
    if let link = plan.subject.link { try await core.rights.anonymise(link, mark: entry.mark) }
    try await core.documentation.erase(entry.mark)
    guard let keys = core.subjectKeys, let link = plan.subject.link else { return }
    let fingerprints = try await keys.shred(link)
    plan.keys += fingerprints
    plan.note("keys destroyed", [("keys", fingerprints.count)])
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

  // MARK: - The certificate

  private var statement: Document {
    var statement: Document = [
      "version": 1, "saga": .string(entry.id), "model": .string(entry.model),
      "subject": .string(entry.mark), "legalBasis": .string(plan.legalBasis),
      "requestedBy": .string(plan.requestedBy), "openedAt": .string(entry.openedAt.iso8601),
      "completedAt": .string(DateTime.now.iso8601), "steps": .array(plan.steps.map(\.value)),
      "identity": "deleted",
    ]
    if let options = core.options.encryption, !plan.keys.isEmpty {
      statement["destroyedKeys"] = .array(plan.keys.map { .string($0) })
      let days = Int64(options.epochDays + options.backupDays)
      let horizon = DateTime(milliseconds: DateTime.now.milliseconds + days * 86_400_000)
      statement["unreadableInBackupsFrom"] = .string(horizon.iso8601)
    }
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

  /// True where identity rows were deleted.
  var deletedIdentity: Bool { plan.total("identity rows deleted") > 0 }
}

public import PrivataCore
internal import Synchronization

/// Two stores that know nothing of each other but a random pseudonym: who a person is in one, how
/// they are in the other, and an audit log over every access.
///
/// ```swift
/// let vault = try await Vault(identity: .sqlite("identity.db"), clinical: .sqlite("clinical.db"))
/// let User = try vault.model("User", userSchema)   // from here on as with a plain connection
/// await vault.close()
/// ```
///
/// A value that is cheap to copy; all copies share stores, journal and caches.
///
/// - Privacy: fields of class `.pii` never reach the clinical store, fields of class `.phi` never the
///   identity store; every read and write is audited before its result is handed out.
public struct Vault: Sendable {
  let core: VaultCore
  /// Who acts, where it is not the task's own context.
  let context: AccessContext?
  /// All regions, where the vault has several; ``core`` is then the one that is meant, or the home's.
  let regions: VaultRegions?
  /// The one region that is meant, where it is one.
  let pinned: Region?

  /// Opens a vault over two stores and, where given, a third for the audit log; without it the log
  /// lives beside the identity rows.
  ///
  /// What an earlier process left half done is finished or undone before this returns.
  ///
  /// - Throws: what opening the stores throws; `corrupt` for a damaged journal, with file and offset;
  ///   `newerSchema` for a vault that a newer version made; `badArgument` for a bad master key, and
  ///   for stores of which each holds the other's half; `unsupported` for a vault in production that
  ///   is not ready for it (``HIPAAOptions/isProduction``).
  public init(
    identity: StoreSource, clinical: StoreSource, audit: StoreSource? = nil,
    options: VaultOptions = VaultOptions()
  ) async throws(PrivataError) {
    let identityStore = try await identity.open()
    let clinicalStore = try await clinical.open()
    var auditStore = identityStore
    if let audit { auditStore = try await audit.open() }
    core = try await VaultCore(
      identity: identityStore, clinical: clinicalStore, audit: auditStore, options: options)
    context = nil
    regions = nil
    pinned = nil
    try core.access?.checkStores([identityStore, clinicalStore, auditStore])
    try await StoreMark.check(core)
    try await core.rights.open()
    try await core.registers.open()
    try await Recovery(core).run()
    try await core.gate.look(core)
    core.rights.start()
    try await core.access?.open()
    core.registers.start(core)
    core.subjectKeys?.start()
    core.maintenance.start(core)
    try await checkProduction()
  }

  /// - Throws: `unsupported` with the first finding; the vault is closed then.
  private func checkProduction() async throws(PrivataError) {
    guard core.access?.options.isProduction == true else { return }
    do {
      try await program.checkReadiness()
    } catch {
      await close()
      throw error
    }
  }

  init(
    core: VaultCore, context: AccessContext?, regions: VaultRegions? = nil, pinned: Region? = nil
  ) {
    self.core = core
    self.context = context
    self.regions = regions
    self.pinned = pinned
  }

  /// The vault as one store: what the styles run on.
  public var store: any Store { store(for: context) }

  func store(for context: AccessContext?) -> any Store {
    guard let regions else { return VaultStore(core: core, context: context) }
    return RegionalStore(regions: regions, context: context, pinned: pinned)
  }

  /// The audit log, for reading.
  public var audit: VaultAudit { VaultAudit(core: core, reader: context, isAudited: true) }

  /// The same vault on behalf of somebody: everything that is done through it is theirs.
  ///
  /// ```swift
  /// let asDoctor = vault.acting(as: .init(actor: .user("dr-7"), role: "clinician", purpose: "treatment"))
  /// ```
  public func acting(as context: AccessContext) -> Vault {
    Vault(core: core, context: context, regions: regions, pinned: pinned)
  }

  /// Tells the vault the models ahead, which sends nothing: where a field lives depends on the models
  /// that it refers to.
  public func register(_ models: [ModelSchema]) {
    for core in cores { core.registry.register(models) }
  }

  /// What the vault consists of: one core for each region.
  var cores: [VaultCore] { regions?.members.map(\.core) ?? [core] }

  /// Moves what waits to the audit store, ends the vault's own work and closes its stores.
  ///
  /// Events that the audit store does not take stay in the journal; the next start moves them.
  public func close() async {
    for core in cores { await core.close() }
  }
}

extension VaultCore {
  fileprivate func close() async {
    let core = self
    await Retention(core: core).stop()
    await core.maintenance.stop()
    await core.removeDoneMarkers()
    try? await core.drain()
    try? core.recorder.journal.sync()
    await core.rights.close()
    await core.access?.close()
    await core.registers.close()
    await core.subjectKeys?.close()
    for store in [core.identityStore, core.clinicalStore, core.auditStore] {
      await (store as? any AdministrableStore)?.close()
    }
    core.attachments.withLock { $0 = [:] }
    // The journal is free for the next vault, in this process too.
    core.recorder.journal.close()
    core.intents.close()
    core.home.release()
  }
}

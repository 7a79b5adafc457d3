internal import PrivataCore
internal import Synchronization

/// What all copies of a vault share.
final class VaultCore: Sendable {
  let identityStore: any Store
  let clinicalStore: any Store
  let auditStore: any Store
  /// True where one store holds both halves, so that one transaction covers them.
  let isOneStore: Bool
  let options: VaultOptions
  let registry: SeparationRegistry
  let map: PseudonymMap
  let keys: VaultKeys
  let references: RecordReferences
  let home: JournalHome
  let recorder: AuditRecorder
  let intents: IntentJournal
  let drainer: AuditDrainer
  let maintenance: Maintenance
  let fences = Fences()
  let markersAreReady = Atomic(false)
  let ledgerIsReady = Atomic(false)
  let hasOpenErasures = Atomic(false)
  let pendingCommits = Mutex<[PendingCommit]>([])
  /// What styles keep with the vault, by type: their registries of models.
  let attachments = Mutex<[ObjectIdentifier: any Sendable]>([:])

  init(
    identity: any Store, clinical: any Store, audit: any Store, options: VaultOptions
  ) throws(PrivataError) {
    isOneStore = identity.traits.isSamePlace(as: clinical.traits)
    identityStore = identity
    clinicalStore = isOneStore ? identity : clinical
    auditStore = audit.traits.isSamePlace(as: identity.traits) ? identity : audit
    self.options = options
    registry = SeparationRegistry(
      names: PhysicalNames(
        clinicalSuffix: isOneStore ? "_clinical" : "",
        usesIDKey: clinical.traits.kind == .mongo))
    map = PseudonymMap(bound: options.linkCache)
    let directory = options.journal.directory ?? identity.traits.journalDirectory
    home = try JournalHome.take(in: directory)
    keys = try options.masterKey.load(directory: directory)
    references = RecordReferences(hash: keys.references)
    let events = try Journal(
      "events", in: home.path, writer: home.writer, options: options.journal)
    recorder = AuditRecorder(events, writer: home.writer, overflow: options.journal.overflow)
    intents = try IntentJournal(
      try Journal("intents", in: home.path, writer: home.writer, options: options.journal))
    drainer = try AuditDrainer(events, home: home, store: auditStore, keys: keys)
    maintenance = Maintenance()
  }

  /// The session of operations outside transactions.
  var session: VaultSession {
    VaultSession(core: self, identity: identityStore, clinical: clinicalStore, isTransaction: false)
  }

  /// Moves the events that wait to the audit store.
  func drain() async throws(PrivataError) { try await drainer.drain() }
}

extension StoreTraits {
  /// True where two stores are one: rows of both halves then need names of their own.
  fileprivate func isSamePlace(as other: StoreTraits) -> Bool {
    kind == other.kind && place == other.place
  }

  /// Where the journal is kept if nobody says.
  fileprivate var journalDirectory: String {
    kind == .sqlite && !place.hasPrefix(":memory:") ? place + ".privata" : ".privata"
  }
}

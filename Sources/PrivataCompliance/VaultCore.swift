internal import PrivataCore
internal import Synchronization

/// What all copies of a vault share.
final class VaultCore: Sendable {
  let identityStore: any Store
  let clinicalStore: any Store
  let auditStore: any Store
  /// True where one store holds both halves, so that one transaction covers them.
  let isOneStore: Bool
  /// True where both halves are on servers, whose answers are better waited for at the same time.
  let waitsForBoth: Bool
  /// The identity store, where its statements reach the clinical store too.
  let joining: (any JoiningStore)?
  let options: VaultOptions
  let registry: SeparationRegistry
  let map: PseudonymMap
  let cache: RecordCache?
  let keys: VaultKeys
  /// The keys of encrypted fields; `nil` where the vault encrypts none.
  let subjectKeys: SubjectKeys?
  let references: RecordReferences
  /// Where the journals of all processes are.
  let directory: String
  let home: JournalHome
  let recorder: AuditRecorder
  let intents: IntentJournal
  let drainer: AuditDrainer
  /// Looks at the events as they come; `nil` where nobody is to be told.
  let watch: AuditWatch?
  let maintenance: Maintenance
  /// Carries out the rules of retention, where it was started.
  let sweeper = Mutex<OwnedTask?>(nil)
  let fences = Fences()
  /// Consents, restrictions, objections and holds.
  let rights: RightsLedger
  /// The policy about fields that is in force.
  let policies: PolicyBook
  /// What HIPAA asks of each access; `nil` where nothing is configured.
  let access: AccessControl?
  /// What HIPAA wants written down.
  let documentation: DocumentationStore
  /// Who is behind the codes of de-identified sets: with those whom they name, in the identity store.
  let codes: DocumentationStore
  /// True where that is another store than the documentation's.
  let keepsCodesApart: Bool
  /// What leaves for a third country goes through here.
  let transfers: TransferGate
  /// Purposes, recipients, notices, breaches, decisions.
  let registers: Registers
  /// The models, for tools that have none of their own.
  let catalog: ModelCatalog
  let markersAreReady = Atomic(false)
  let ledgerIsReady = Atomic(false)
  let hasOpenErasures = Atomic(false)
  let tombstonesAreReady = Atomic(false)
  let archiveIsReady = Atomic(false)
  let statementsAreReady = Atomic(false)
  /// Closed while erasures are to be repeated on a restored store.
  let gate = RestoreGate()
  let twoStorePermits = Permits(8)
  let recoveryPermits = Permits(1)
  let doneCommits = Mutex<[String]>([])
  let pendingCommits = Mutex<[PendingCommit]>([])
  let pendingLinks = Mutex<[PendingLink]>([])
  /// What styles keep with the vault, by type: their registries of models.
  let attachments = Mutex<[ObjectIdentifier: any Sendable]>([:])

  init(
    identity: any Store, clinical: any Store, audit: any Store, options: VaultOptions
  ) async throws(PrivataError) {
    isOneStore = StoreIdentity.isSame(identity, clinical)
    waitsForBoth = [identity, clinical].allSatisfy(\.isOnServer)
    keepsCodesApart = !StoreIdentity.isSame(identity, audit)
    auditStore = keepsCodesApart ? audit : identity
    self.options = options
    registry = SeparationRegistry(
      names: PhysicalNames(
        clinicalSuffix: isOneStore ? "_clinical" : "",
        usesIDKey: clinical.traits.kind == .mongo), encrypts: options.encryption != nil)
    map = PseudonymMap(bound: options.linkCache)
    cache = options.cache.map { RecordCache($0) }
    directory = options.journal.directory ?? JournalPlace.directory(identity, clinical)
    home = try JournalHome.take(in: directory)
    keys = try await options.masterKey.load(directory: directory)
    subjectKeys = try await SubjectKeys.opened(options, keys)
    let first = subjectKeys.encrypting(identity, registry)
    identityStore = first
    clinicalStore = isOneStore ? first : subjectKeys.encrypting(clinical, registry)
    joining = (first as? any JoiningStore).flatMap { $0.reaches(clinical) ? $0 : nil }
    rights = RightsLedger(store: first)
    policies = PolicyBook(options.fieldPolicy)
    documentation = DocumentationStore(store: auditStore, keys: keys)
    codes = DocumentationStore(store: first, keys: keys)
    access = options.hipaa.map { [documentation] in AccessControl($0, documentation) }
    registers = Registers(store: first, keys: keys)
    catalog = ModelCatalog(store: first)
    references = RecordReferences(hash: keys.references)
    let events = try Journal(
      "events", in: home.path, writer: home.writer, options: options.journal)
    recorder = AuditRecorder(events, writer: home.writer, overflow: options.journal.overflow)
    intents = try IntentJournal(
      try Journal("intents", in: home.path, writer: home.writer, options: options.journal))
    watch = options.alarms.map { [recorder] in AuditWatch($0, recorder) }
    transfers = TransferGate(
      options.transfers, store: first, recorder: recorder, hasKeys: options.encryption != nil,
      watch: watch)
    drainer = try AuditDrainer(
      events, home: home, store: auditStore, keys: keys, watch: watch)
    maintenance = Maintenance()
  }

  /// The session of operations outside transactions.
  var session: VaultSession {
    VaultSession(core: self, identity: identityStore, clinical: clinicalStore, isTransaction: false)
  }

  /// Moves the events that wait to the audit store.
  func drain() async throws(PrivataError) {
    try watch?.look()
    await watch?.deliver()
    try await drainer.drain()
  }
}

extension SubjectKeys {
  /// The keys that a vault's options ask for.
  fileprivate static func opened(
    _ options: VaultOptions, _ keys: VaultKeys
  ) async throws(PrivataError) -> SubjectKeys? {
    guard let encryption = options.encryption else { return nil }
    return try await SubjectKeys(
      store: try await encryption.keyStore.open(), options: encryption,
      service: options.masterKey.service(keys), subjects: keys.subjects)
  }
}

extension SubjectKeys? {
  /// The store, encrypting where there are keys.
  fileprivate func encrypting(_ store: any Store, _ registry: SeparationRegistry) -> any Store {
    guard let self else { return store }
    return EncryptedStore(store, plans: registry, keys: self)
  }
}

extension Store {
  /// True for a store whose answers come over a connection.
  fileprivate var isOnServer: Bool { [.postgres, .mongo].contains(traits.kind) }
}

/// Whether two stores are one: rows of both halves then need collections of their own.
enum StoreIdentity {
  static func isSame(_ a: any Store, _ b: any Store) -> Bool {
    let (left, right) = (a.traits, b.traits)
    guard left.kind == right.kind else { return false }
    if let left = left.location, let right = right.location {
      return left == right || (a.traits.kind == .sqlite && FileSystem.isSameFile(left, right))
    }
    return (a as AnyObject) === (b as AnyObject)
  }
}

/// Where the journal of a vault is kept if nobody says.
enum JournalPlace {
  /// Beside a file; for servers in the current directory, apart for each pair of stores; for what
  /// ends with the process among the temporary files.
  static func directory(_ identity: any Store, _ clinical: any Store) -> String {
    guard let first = identity.traits.location, let second = clinical.traits.location else {
      let number = String(UInt64.random(in: 0...UInt64.max), radix: 36)
      return (FileSystem.environment("TMPDIR") ?? "/tmp") + "/privata-\(number)"
    }
    if identity.traits.kind == .sqlite { return first + ".privata" }
    let check = CRC32C.of(Array((first + "|" + second).utf8).span)
    return ".privata/" + String(check, radix: 16)
  }
}

internal import PrivataCore
internal import Synchronization

/// The vault's registers in the identity store: append-only, sealed, shared by all processes. What
/// queries are checked against is also in memory, where another process's entry arrives in a second.
final class Registers: Sendable {
  let seal: RegisterSeal
  private let store: any Store
  private let mirror = TableMirror(KnownRegisters())
  private let keeper = Mutex<OwnedTask?>(nil)
  private let suppresses = Atomic(false)
  private let registersPurposes = Atomic(false)

  init(store: any Store, keys: VaultKeys) {
    self.store = store
    seal = RegisterSeal(keys)
  }

  /// True once an entry is known that writes are checked against.
  var hasSuppressions: Bool { suppresses.load(ordering: .acquiring) }

  /// True once a purpose is registered.
  var hasPurposes: Bool { registersPurposes.load(ordering: .acquiring) }

  /// What is in memory.
  var known: KnownRegisters { mirror.state }

  /// Makes the table and reads what is kept in memory.
  func open() async throws(PrivataError) {
    try await store.prepare([RegisterEntry.model, RecipientNotice.model])
    try await reload()
  }

  func reload() async throws(PrivataError) {
    try await mirror.reload { () async throws(PrivataError) in
      KnownRegisters(try await entries(Self.isKnown))
    }
    note(mirror.state)
  }

  private static let isKnown = Filter.isIn(
    "register", RegisterEntry.Register.known.map(\.rawValue).sorted().map { .string($0) })

  private func note(_ known: KnownRegisters) {
    suppresses.store(!known.suppressions.isEmpty, ordering: .releasing)
    registersPurposes.store(!known.purposes.isEmpty, ordering: .releasing)
  }

  // MARK: - Reading

  /// The entries that a filter means, by name, the first version in front.
  func entries(_ filter: Filter) async throws(PrivataError) -> [RegisterEntry] {
    let query = Query(
      RegisterEntry.model, where: filter, sort: [SortKey("name"), SortKey("version")],
      layout: .cells)
    let rows = try await store.rows(for: query)
    var entries: [RegisterEntry] = []
    entries.reserveCapacity(rows.count)
    for row in 0..<rows.count { entries.append(try RegisterEntry(rows, row, seal)) }
    return entries
  }

  /// The entries of a register: of one name, about one person.
  func entries(
    _ register: RegisterEntry.Register, name: String? = nil, subject: String? = nil
  ) async throws(PrivataError) -> [RegisterEntry] {
    var parts = [Filter.compare("register", .equal, .string(register.rawValue))]
    if let name { parts.append(.compare("name", .equal, .string(name))) }
    if let subject { parts.append(.compare("subject", .equal, .string(subject))) }
    return try await entries(.and(parts))
  }

  /// The last version of each name.
  func last(
    _ register: RegisterEntry.Register, name: String? = nil, subject: String? = nil
  ) async throws(PrivataError) -> [RegisterEntry] {
    try await entries(register, name: name, subject: subject).lastVersions
  }

  /// How many entries of a register there are.
  func count(
    _ register: RegisterEntry.Register, name: String
  ) async throws(PrivataError) -> Int {
    let filter = Filter.and([
      .compare("register", .equal, .string(register.rawValue)),
      .compare("name", .equal, .string(name)),
    ])
    let query = Query(RegisterEntry.model, where: filter, answer: .count, layout: .cells)
    return try await store.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
  }

  // MARK: - Writing

  /// Adds the next version under a name.
  ///
  /// - Parameter after: the version that the caller knows; another one there is a conflict.
  /// - Throws: `versionConflict` where somebody else was first.
  @discardableResult
  func append(
    _ register: RegisterEntry.Register, _ name: String, _ facts: Document, actor: String,
    subject: String = "", at moment: DateTime = .now, after: Int? = nil
  ) async throws(PrivataError) -> RegisterEntry {
    for _ in 0..<50 {
      var version = after
      if version == nil { version = try await lastVersion(register, name) }
      let entry = RegisterEntry(
        register: register, name: name, version: (version ?? 0) + 1, subject: subject, at: moment,
        actor: actor, facts: facts)
      if try await insert(entry) {
        remember(entry)
        return entry
      }
      if after != nil { break }
    }
    throw PrivataError(
      .versionConflict, "somebody else changed \(name) of the register \(register.rawValue)",
      isRetriable: true)
  }

  private func lastVersion(
    _ register: RegisterEntry.Register, _ name: String
  ) async throws(PrivataError) -> Int {
    try await entries(register, name: name).last?.version ?? 0
  }

  /// False where there is such a version already.
  private func insert(_ entry: RegisterEntry) async throws(PrivataError) -> Bool {
    let insert = Insert(
      RegisterEntry.model,
      .cells(fields: RegisterEntry.model.fieldNames, try entry.row(seal)))
    do throws(PrivataError) {
      let outcome = try await store.write(.insert(insert))
      guard let failure = outcome.failures.first else { return true }
      throw failure.error
    } catch  where error.code == .duplicateKey {
      return false
    }
  }

  private func remember(_ entry: RegisterEntry) {
    guard RegisterEntry.Register.known.contains(entry.register) else { return }
    note(mirror.change { $0.add(entry) })
  }

  // MARK: - Other processes

  /// Begins to look each second for entries of other processes, and to deliver what is due.
  func start(_ core: VaultCore) {
    let owned = OwnedTask { [weak core] in
      var watch = core.flatMap { core in core.options.alarms.map { AlarmWatch($0, core) } }
      while !Task.isCancelled {
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
        guard let core else { return }
        await core.registers.look()
        try? await watch?.step(core)
        guard let delivery = core.options.noticeDelivery else { continue }
        // A store that fails is asked again a second later.
        _ = try? await Outbox(core: core).deliver(through: delivery, now: .now)
      }
    }
    keeper.withLock { $0 = owned }
  }

  private func look() async {
    let query = Query(RegisterEntry.model, where: Self.isKnown, answer: .count, layout: .cells)
    guard let rows = try? await store.rows(for: query),
      mirror.isBehind || rows.value(row: 0, column: 0)?.asInt != mirror.ask({ $0.count })
    else { return }
    try? await reload()
  }

  func close() async {
    let owned = keeper.withLock { keeper in
      defer { keeper = nil }
      return keeper
    }
    await owned?.stop()
  }
}

extension [RegisterEntry] {
  /// The last version of each name, of entries in the order of names and versions.
  var lastVersions: [RegisterEntry] {
    var last: [RegisterEntry] = []
    for entry in self {
      if last.last?.name == entry.name { last.removeLast() }
      last.append(entry)
    }
    return last
  }
}

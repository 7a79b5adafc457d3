internal import Crypto
internal import PrivataCore
internal import Synchronization

/// Keeps what HIPAA wants written down, in the audit store: sealed, by keyed marks of persons, and for
/// six years after it last counted.
final class DocumentationStore: Sendable {
  private let store: any Store
  private let key: SymmetricKey
  private let signing: Curve25519.Signing.PrivateKey
  private let isReady = Atomic(false)

  init(store: any Store, keys: VaultKeys) {
    self.store = store
    key = keys.documentation
    signing = keys.signing
  }

  /// Makes the table, once.
  func prepare() async throws(PrivataError) {
    guard !isReady.load(ordering: .acquiring) else { return }
    try await store.prepare([DocumentationEntry.schema])
    isReady.store(true, ordering: .releasing)
  }

  /// Notes that the table was made with others.
  func notePrepared() { isReady.store(true, ordering: .releasing) }

  // MARK: - Reading

  /// The entries of a kind, the oldest first: about one person, in one state.
  ///
  /// - Throws: `tampered` for an entry that somebody changed in the store.
  func entries(
    _ kind: DocumentationEntry.Kind, model: String? = nil, subject: String? = nil,
    state: String? = nil
  ) async throws(PrivataError) -> [DocumentationEntry] {
    var parts = [Filter.compare("kind", .equal, .string(kind.rawValue))]
    if let model { parts.append(.compare("model", .equal, .string(model))) }
    if let subject { parts.append(.compare("subject", .equal, .string(subject))) }
    if let state { parts.append(.compare("state", .equal, .string(state))) }
    return try await entries(.and(parts))
  }

  /// The entries of a kind about several persons, in one state.
  func entries(
    _ kind: DocumentationEntry.Kind, subjects: [String], state: String
  ) async throws(PrivataError) -> [DocumentationEntry] {
    guard !subjects.isEmpty else { return [] }
    return try await entries(
      .and([
        .compare("kind", .equal, .string(kind.rawValue)),
        .oneOf("subject", subjects.map { .string($0) }),
        .compare("state", .equal, .string(state)),
      ]))
  }

  /// The entry of a number.
  ///
  /// - Throws: `notFound`.
  func entry(
    _ id: String, _ kind: DocumentationEntry.Kind
  ) async throws(PrivataError) -> DocumentationEntry {
    let filter = Filter.and([
      .compare("_id", .equal, .string(id)), .compare("kind", .equal, .string(kind.rawValue)),
    ])
    guard let found = try await entries(filter).first else {
      throw PrivataError(.notFound, "there is no \(kind.rawValue) of the number \(id)")
    }
    return found
  }

  private func entries(_ filter: Filter) async throws(PrivataError) -> [DocumentationEntry] {
    try await prepare()
    let query = Query(
      DocumentationEntry.schema, where: filter, sort: [SortKey("at"), SortKey("_id")],
      layout: .cells)
    let rows = try await store.rows(for: query)
    var entries: [DocumentationEntry] = []
    entries.reserveCapacity(rows.count)
    for row in 0..<rows.count {
      guard let (entry, sealed) = DocumentationEntry.read(rows, row) else { continue }
      entries.append(try opened(entry, sealed))
    }
    return entries
  }

  // MARK: - Writing

  /// Adds an entry.
  func add(_ entry: DocumentationEntry) async throws(PrivataError) {
    try await add(contentsOf: [entry])
  }

  /// Adds entries in one call.
  func add(contentsOf entries: [DocumentationEntry]) async throws(PrivataError) {
    try await prepare()
    var rows = RowBatch(width: DocumentationEntry.schema.fields.count)
    for entry in entries { entry.append(to: &rows, sealed: try sealed(entry)) }
    let names = DocumentationEntry.schema.fieldNames
    let insert = Insert(DocumentationEntry.schema, .cells(fields: names, rows))
    let outcome = try await store.write(.insert(insert))
    if let failure = outcome.failures.first { throw failure.error }
  }

  /// Changes an entry that nobody else changed meanwhile.
  ///
  /// - Throws: `versionConflict`.
  func change(
    _ entry: DocumentationEntry, _ body: (inout DocumentationEntry) -> Void
  ) async throws(PrivataError) -> DocumentationEntry {
    var changed = entry
    body(&changed)
    changed.revision = entry.revision + 1
    let update = Update(
      DocumentationEntry.schema,
      where: .and([
        .compare("_id", .equal, .string(entry.id)),
        .compare("revision", .equal, .int64(Int64(entry.revision))),
      ]),
      .assign([
        Assignment("state", .string(changed.state)),
        Assignment("effectiveUntil", changed.effectiveUntil.map { .date($0) } ?? .null),
        Assignment("actor", .string(changed.actor)),
        Assignment("revision", .int64(Int64(changed.revision))),
        Assignment("sealed", .binary(Binary(try sealed(changed)))),
      ]), layout: .cells)
    guard try await store.write(.update(update)).matched == 1 else {
      throw PrivataError(
        .versionConflict, "somebody else changed the \(entry.kind.rawValue) \(entry.id)",
        isRetriable: true)
    }
    return changed
  }

  /// Takes out what entries say about a person who was erased; that they were made stays.
  func erase(_ subject: String) async throws(PrivataError) {
    try await prepare()
    let filter = Filter.compare("subject", .equal, .string(subject))
    for entry in try await entries(filter) where !entry.body.isEmpty {
      _ = try await change(entry) { $0.body = [:] }
    }
  }

  /// Removes entries that last counted before a moment, and leaves a signed note of how many and
  /// which.
  func purge(_ limit: DateTime, at now: DateTime, actor: String) async throws(PrivataError) -> Int {
    let old = Filter.compare("effectiveUntil", .less, .date(limit))
    let kept = Filter.compare(
      "kind", .notEqual, .string(DocumentationEntry.Kind.purge.rawValue))
    let entries = try await entries(old.and(kept))
    guard !entries.isEmpty else { return 0 }
    var hash = SHA256()
    for entry in entries { hash.update(data: entry.authenticated) }
    let digest = Array(hash.finalize())
    var note: Document = ["count": .int(entries.count), "hash": .binary(Binary(digest))]
    note["signature"] = .binary(Binary(try signature(over: digest, entries.count)))
    try await add(
      DocumentationEntry(.purge, state: "closed", at: now, body: note, actor: actor))
    let ids = entries.map { Value.string($0.id) }
    _ = try await store.write(
      .delete(Delete(DocumentationEntry.schema, where: .isIn("_id", ids), layout: .cells)))
    return entries.count
  }

  private func signature(
    over digest: [UInt8], _ count: Int
  ) throws(PrivataError) -> [UInt8] {
    do {
      return Array(try signing.signature(for: digest + Array("/\(count)".utf8)))
    } catch {
      throw PrivataError(.rejectedByStore, "a note could not be signed", underlying: error)
    }
  }

  // MARK: - Sealing

  private func sealed(_ entry: DocumentationEntry) throws(PrivataError) -> [UInt8] {
    let cipher = AESGCMEncryptor(
      keyID: Self.keyID, key: key, place: entry.authenticated)
    return try cipher.seal(entry.body.bson.span).bytes
  }

  private func opened(
    _ entry: DocumentationEntry, _ sealed: [UInt8]
  ) throws(PrivataError) -> DocumentationEntry {
    var entry = entry
    let cipher = AESGCMEncryptor(keyID: Self.keyID, key: key, place: entry.authenticated)
    entry.body = try Document(bson: try cipher.open(try Envelope(sealed[...])))
    return entry
  }

  /// The key is the vault's own, so its id says nothing.
  private static let keyID = KeyID(Array(repeating: 0, count: 16))
}

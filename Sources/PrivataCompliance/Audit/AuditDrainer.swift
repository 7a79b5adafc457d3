internal import Crypto
internal import PrivataCore

/// Moves events from a journal to the audit store, each exactly once, and signs the heads of the
/// writer's tree.
///
/// The order makes a crash harmless at any point: events by id (those that are there are skipped),
/// the checkpoint, the local copy of the tree, and only then the journal's mark.
actor AuditDrainer {
  private let journal: Journal
  private let store: any Store
  private let keys: VaultKeys
  private let home: JournalHome
  private let watch: AuditWatch?
  private var cursor: Journal.Cursor
  private var tree: MerkleTree
  private var isPrepared = false
  /// One drain at a time; a second one waits for its turn and finds nothing left.
  private var isBusy = false

  static let batch = 1_000

  init(
    _ journal: Journal, home: JournalHome, store: any Store, keys: VaultKeys,
    watch: AuditWatch? = nil
  ) throws(PrivataError) {
    self.watch = watch
    self.journal = journal
    self.store = store
    self.keys = keys
    self.home = home
    let saved = try TreeFile(home).load()
    tree = saved ?? MerkleTree()
    cursor = Journal.Cursor(tree.size)
    guard journal.done <= tree.size else {
      throw PrivataError(
        .corrupt,
        "\(TreeFile(home).path) says \(tree.size) events, the journal beside it \(journal.done): "
          + "one of them was changed or restored from a copy")
    }
  }

  /// Moves all events that wait now.
  ///
  /// - Throws: what the audit store throws; the events stay in the journal.
  func drain() async throws(PrivataError) {
    let end = journal.next
    try journal.checkOpen()
    while isBusy, tree.size < end {
      do { try await Task.sleep(for: .milliseconds(1)) } catch { throw .cancelledWait }
    }
    guard tree.size < end else { return }
    isBusy = true
    defer { isBusy = false }
    try await prepare()
    while tree.size < end {
      guard try await moveBatch() else { break }
    }
  }

  private func prepare() async throws(PrivataError) {
    if isPrepared { return }
    try await store.prepare(AuditModels.all)
    isPrepared = true
  }

  private func moveBatch() async throws(PrivataError) -> Bool {
    var next = cursor
    let records = try journal.records(&next, limit: Self.batch)
    guard let last = records.last else { return false }
    var rows = RowBatch(width: AuditModels.events.fields.count)
    var tree = tree
    for record in records {
      let row = try AuditRow(
        writer: home.writer, sequence: record.sequence, raw: record.payload, keys: keys)
      row.append(to: &rows)
      tree.append(
        leaf: MerkleTree.leaf(AuditRow.leafBytes(home.writer, record.sequence, record.payload)))
    }
    let events = insert(rows, AuditModels.events)
    let checkpoint = try AuditCheckpoint(writer: home.writer, tree: tree, keys: keys)
    var head = RowBatch(width: AuditModels.checkpoints.fields.count)
    checkpoint.append(to: &head)
    try await add([events, insert(head, AuditModels.checkpoints)])
    try TreeFile(home).save(tree)
    self.tree = tree
    cursor = next
    // Nothing is forgotten that nobody looked at.
    try watch?.look()
    journal.markDone(last.sequence + 1)
    return true
  }

  private func insert(_ rows: RowBatch, _ model: ModelSchema) -> Insert {
    Insert(model, .cells(fields: model.fields.map(\.name), rows))
  }

  /// Adds rows in order. Only after a crash are some of them there already, and to skip them costs
  /// each insert more, so that it is done where one was refused.
  private func add(_ inserts: [Insert]) async throws(PrivataError) {
    // A file waits for the disk once.
    let writes =
      store.traits.kind == .sqlite
      ? [Write.bulk(inserts.map { .insert($0) }, isOrdered: true)] : inserts.map { .insert($0) }
    do throws(PrivataError) {
      for write in writes { try await self.write(write) }
    } catch {
      guard error.code == .duplicateKey else { throw error }
      for insert in inserts {
        var skipping = insert
        skipping.isOrdered = false
        skipping.onConflict = .ignore(["_id"])
        try await write(.insert(skipping))
      }
    }
  }

  private func write(_ write: Write) async throws(PrivataError) {
    let outcome = try await store.write(write)
    if let failure = outcome.failures.first { throw failure.error }
  }
}

extension PrivataError {
  static var cancelledWait: PrivataError {
    PrivataError(.cancelled, "the task was cancelled while it waited", isRetriable: true)
  }
}

/// The local copy of a writer's tree: what was signed last. An audit store that holds less was set
/// back.
struct TreeFile {
  let path: String

  init(_ home: JournalHome) { path = "\(home.path)/tree" }

  /// The tree; `nil` where none was saved.
  ///
  /// - Throws: `corrupt` where the file is damaged.
  func load() throws(PrivataError) -> MerkleTree? {
    guard let bytes = try FileSystem.read(path) else { return nil }
    let damaged = PrivataError(.corrupt, "\(path) is damaged: it holds no tree of audit events")
    guard bytes.count >= 12 else { throw damaged }
    var reader = ByteReader(bytes.dropLast(4))
    var check = ByteReader(bytes.suffix(4))
    guard try check.fixed(UInt32.self) == CRC32C.of(Array(bytes.dropLast(4)).span) else {
      throw damaged
    }
    let size = try reader.fixed(UInt64.self)
    var frontier: [[UInt8]] = []
    while !reader.isAtEnd { frontier.append(try reader.bytes(32)) }
    guard let tree = MerkleTree(size: size, frontier: frontier) else { throw damaged }
    return tree
  }

  /// Replaces the file in one step.
  func save(_ tree: MerkleTree) throws(PrivataError) {
    var writer = ByteWriter(capacity: 12 + 32 * tree.frontier.count)
    writer.append(fixed: tree.size)
    for node in tree.frontier { writer.append(contentsOf: node) }
    writer.append(fixed: CRC32C.of(writer.bytes.span))
    let new = path + ".new"
    FileSystem.remove(new)
    _ = try FileSystem.create(new, writer.bytes)
    try FileSystem.rename(new, to: path)
  }
}

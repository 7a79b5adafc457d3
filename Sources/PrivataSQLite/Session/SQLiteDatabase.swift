internal import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// A database file: its readers, its writer, and what is known of its tables. Shared by a store and
/// its transactions.
final class SQLiteDatabase: Sendable {
  let file: SQLiteFile
  let options: SQLiteOptions
  let pool: SQLitePool
  let writer: SQLiteWriter
  let catalog = SQLCatalog(dialect: .sqlite)
  let plans = SQLPlans()
  private let commits: CommitCount
  /// True where readers keep their view of the file between reads.
  private let keepsViews: Bool

  /// How old a view may be, in nanoseconds.
  private let viewAge: UInt64

  /// Pages that the log may hold before they are copied into the file.
  private static let logLimit = 1000

  init(_ file: SQLiteFile, _ options: SQLiteOptions) async throws(PrivataError) {
    self.file = file
    self.options = options
    viewAge = UInt64(max(0, options.snapshotMilliseconds)) &* 1_000_000
    let access: SQLiteAccess = options.isReadOnly ? .readOnly : .readWrite
    guard file.exists || (options.createsFile && !options.isReadOnly) else {
      throw PrivataError(.connection, "there is no file \(file.name)")
    }
    if !options.isReadOnly { file.create() }
    let session = try SQLiteSession(
      path: file.path, file: file.name, access: access, catalog: catalog)
    let hasLog = try await Self.prepare(session, options, isTemporary: file.isTemporary)
    keepsViews = options.sharing == .exclusive && hasLog
    let commits = CommitCount()
    self.commits = commits
    let pool = SQLitePool(
      limit: options.readers, patience: options.waitMilliseconds, file: file.name
    ) { [catalog] () throws(PrivataError) -> SQLiteSession in
      let session = try SQLiteSession(
        path: file.path, file: file.name, access: access, catalog: catalog)
      try session.run(
        """
        PRAGMA query_only = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -8000;
        SELECT count(*) FROM sqlite_master
        """)
      return session
    }
    self.pool = pool
    writer = SQLiteWriter(session, patience: options.waitMilliseconds) { session in
      Self.noteCommit(session, commits, pool)
    }
    if file.isTemporary {
      try pool.fill()
      file.removeNames()
    }
  }

  /// Sets the writer up. Answers whether the file has a write-ahead log, without which readers would
  /// keep writers out.
  private static func prepare(
    _ session: SQLiteSession, _ options: SQLiteOptions, isTemporary: Bool
  ) async throws(PrivataError) -> Bool {
    var delays = LockDelays(patience: options.waitMilliseconds)
    while true {
      do throws(PrivataError) {
        return try prepareOnce(session, options, isTemporary: isTemporary)
      } catch {
        guard error.code == .busy, await delays.next() else { throw error }
      }
    }
  }

  private static func prepareOnce(
    _ session: SQLiteSession, _ options: SQLiteOptions, isTemporary: Bool
  ) throws(PrivataError) -> Bool {
    // The first read finds out whether this is a database at all.
    try session.run("SELECT count(*) FROM sqlite_master")
    let log = SQLStatement(
      sql: options.isReadOnly ? "PRAGMA journal_mode" : "PRAGMA journal_mode = WAL")
    let mode = try session.run(log, nil).rows.value(row: 0, column: 0)
    try session.run(
      """
      PRAGMA synchronous = \(isTemporary ? "OFF" : options.durability.pragma);
      PRAGMA foreign_keys = ON;
      PRAGMA secure_delete = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -8000
      """)
    // A file that is to lose its name needs its log open before that.
    if isTemporary {
      try session.run("BEGIN IMMEDIATE; SELECT count(*) FROM sqlite_master; COMMIT")
    }
    if let limit = options.pageLimit { try session.run("PRAGMA max_page_count = \(limit)") }
    return mode == .string("wal")
  }

  var traits: StoreTraits {
    StoreTraits(
      kind: .sqlite, place: file.place, location: file.location,
      abilities: [
        .transactions, .nestedTransactions, .collation, .textSearch, .jsonSchema, .expressions,
        .foreignKeys, .generatedKeys, .aggregation,
      ])
  }

  /// Tells readers of a commit, and copies the log into the file when it has grown.
  func noteCommit(_ session: SQLiteSession) { Self.noteCommit(session, commits, pool) }

  private static func noteCommit(
    _ session: SQLiteSession, _ commits: CommitCount, _ pool: SQLitePool
  ) {
    commits.add()
    guard session.logPages >= logLimit else { return }
    pool.endIdleViews()
    session.checkpoint()
  }

  /// Leases a reader whose view holds all that was committed before this call.
  func reader() async throws(PrivataError) -> SQLiteSession {
    try current(try await pool.lease())
  }

  /// Leases a free reader without waiting, `nil` where there is none.
  @inline(__always)
  func freeReader() throws(PrivataError) -> SQLiteSession? {
    guard let session = pool.leaseFree() else { return nil }
    return try current(session)
  }

  @inline(__always)
  private func current(_ session: SQLiteSession) throws(PrivataError) -> SQLiteSession {
    guard keepsViews else { return try compared(session) }
    let commits = commits.value
    let now = SQLiteClock.coarse
    if session.hasView(asOf: commits, since: now &- viewAge) { return session }
    do throws(PrivataError) {
      try session.renewView(asOf: commits, now: now)
      return session
    } catch {
      giveBack(session)
      throw error
    }
  }

  /// A reader of a file that others write to, with a view of its own for one operation.
  private func compared(_ session: SQLiteSession) throws(PrivataError) -> SQLiteSession {
    guard isShared else { return session }
    do throws(PrivataError) {
      if session.watch.isSet { session.watch.clear() }
      try session.renewView(asOf: 0, now: 0)
      try compare(session)
      return session
    } catch {
      giveBack(session)
      throw error
    }
  }

  /// Takes a reader back; one of a shared file lets its view go, so that others can copy their log.
  @inline(__always)
  func giveBack(_ session: SQLiteSession) {
    if isShared { session.endView() }
    pool.giveBack(session)
  }

  /// True where other processes write to the file too.
  var isShared: Bool { options.sharing == .shared }

  /// Ends all connections; the file's log is copied into the file.
  func close() async {
    let session = await writer.close()
    pool.close()
    if let session, !options.isReadOnly { session.checkpoint(truncating: true) }
  }
}

/// How many commits this process has made to a file.
final class CommitCount: Sendable {
  private let count = Atomic<UInt64>(1)

  var value: UInt64 { count.load(ordering: .acquiring) }

  func add() { count.add(1, ordering: .releasing) }
}

extension SQLiteOptions.Durability {
  fileprivate var pragma: String {
    switch self {
    case .full: "FULL"
    case .normal: "NORMAL"
    case .off: "OFF"
    }
  }
}

package import PrivataCore
internal import PrivataSQL

extension SQLiteStore: JoiningStore {
  /// True for another file that this process has open: a reader attaches it. Files that other processes
  /// write are compared with what is known of their tables, which a joined read would not do.
  package func reaches(_ other: any Store) -> Bool {
    guard let other = other as? SQLiteStore else { return false }
    return [database, other.database].allSatisfy { !$0.isShared && $0.file.location != nil }
  }

  package func rows(
    for query: Query, joining joined: JoinedHalf, in other: any Store
  ) async throws(PrivataError) -> RowBatch? {
    // A store that was closed says so itself.
    guard let beside = (other as? SQLiteStore)?.database, !beside.pool.isClosed else { return nil }
    let read = try await database.plan(of: query)
    let isOne = beside === database || beside.file.location == database.file.location
    let place = beside.file.besideName
    let plan = try JoinedPlan.plan(read, query, joined) { () throws(PrivataError) in
      let bound = try beside.catalog.bound(joined.model)
      let table = bound.layout.table
      return JoinedTable(
        bound, name: isOne ? table : "\(SQLDialect.sqlite.quote(place)).\(table)")
    }
    guard let plan else { return nil }
    let session = try await database.bareReader()
    defer { database.giveBack(session) }
    if !isOne, try !session.attach(beside.file.path, as: place) { return nil }
    return try session.answer(plan.compiled, query, StatementLog.observer)
  }
}

extension SQLiteDatabase {
  /// Leases a reader without a view: each of its statements sees all that was committed before it, of
  /// every file that it reads.
  fileprivate func bareReader() async throws(PrivataError) -> SQLiteSession {
    let free = pool.leaseFree()
    let session: SQLiteSession
    if let free { session = free } else { session = try await pool.lease() }
    session.endView()
    return session
  }
}

extension SQLiteFile {
  /// The name under which the connections of other files read this one.
  fileprivate var besideName: String {
    let hash = path.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
    }
    return "beside_" + String(hash, radix: 36)
  }
}

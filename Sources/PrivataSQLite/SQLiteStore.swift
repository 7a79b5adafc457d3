public import PrivataCore
public import PrivataSQL

/// Records in a SQLite file.
///
/// ```swift
/// let store = try await SQLiteStore(path: "clinic.db")
/// let batch = try await store.rows(for: Query(user, where: .document(["role": "patient"])))
/// // SELECT … FROM "users" WHERE "role" = ?
/// ```
///
/// Reads run on the caller's task without a hop, each on a connection of its own; writes go through
/// one connection, and those that wait for it share a commit. The file is in WAL mode, so readers and
/// the writer do not keep each other out.
///
/// - Privacy: a new file may be read by its owner alone, deleted content is overwritten with zeros
///   (`secure_delete`), and sorting never writes to temporary files.
public final class SQLiteStore: Store, SQLExecutor {
  let database: SQLiteDatabase

  /// Opens a file, made where it is missing; `:memory:` for a database that ends with the store.
  ///
  /// - Throws: `connection` where the file cannot be opened, `corrupt` where it is no database,
  ///   `busy` where another process keeps it locked.
  public init(path: String, _ options: SQLiteOptions = SQLiteOptions()) async throws(PrivataError) {
    database = try await SQLiteDatabase(SQLiteFile(path), options)
  }

  public var traits: StoreTraits { database.traits }

  public var dialect: SQLDialect { .sqlite }

  public func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    if database.isShared { return try await database.sharedRows(query, StatementLog.observer) }
    if let plan = database.plans.known(query), let session = try database.freeReader() {
      defer { database.giveBack(session) }
      return try session.rows(query, plan, StatementLog.observer)
    }
    let plan = try await database.plan(of: query)
    let session = try await database.reader()
    defer { database.giveBack(session) }
    return try session.rows(query, plan, StatementLog.observer)
  }

  public func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    let action = RecordWrite(write: write, database: database, observer: StatementLog.observer)
    do throws(PrivataError) {
      return try await database.writer.run(action)
    } catch {
      guard error.code == .unprepared else { throw error }
    }
    try await database.prepareIfNeeded(write)
    return try await database.writer.run(action)
  }

  public func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await database.prepare(models)
  }

  /// Runs one SQL statement. What only reads goes to a reader, all else to the writer.
  public func execute(_ statement: SQLStatement) async throws(PrivataError) -> SQLResult {
    let observer = StatementLog.observer
    if statement.template.isRead {
      let session = try await database.reader()
      defer { database.giveBack(session) }
      session.watch.clear()
      return try session.run(statement, observer)
    }
    return try await database.writer.run(
      StatementWrite(statement: statement, observer: observer))
  }
}

extension SQLTemplate {
  /// True for a statement that begins as reads do. A reader refuses what writes all the same.
  var isRead: Bool {
    if kind == "find" { return true }
    let word = text.utf8.drop { $0 <= 0x20 }.prefix(6)
    return String(decoding: word, as: UTF8.self).lowercased() == "select"
  }
}

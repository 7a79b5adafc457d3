internal import PrivataCore
internal import PrivataSQL

/// A connection with what surrounds it: errors as callers see them, the statement log, the view of
/// the file that a reader keeps.
// Safe: leased to one task at a time, by the pool, the writer or a transaction's turns.
final class SQLiteSession: @unchecked Sendable {
  private var connection: SQLiteConnection
  let watch: SQLiteWatch
  /// The file's name, for errors.
  let file: String
  /// The commit count as of which the reader sees the file, `nil` without a view.
  private(set) var view: UInt64?
  /// When the view was taken.
  private var viewTime: UInt64 = 0
  /// How deep transactions are nested; names savepoints.
  var depth = 0

  /// The changes of others, and of the schema, up to which the catalog was compared with the file.
  var seen: (data: Int64, schema: Int64)?

  /// Files beside its own that its statements can read, by the names that they have there.
  private var besides: [String: String] = [:]

  private let catalog: SQLCatalog

  init(
    path: String, file: String, access: SQLiteAccess, catalog: SQLCatalog
  ) throws(PrivataError) {
    self.file = file
    self.catalog = catalog
    watch = SQLiteWatch()
    do {
      connection = try SQLiteConnection(path: path, access: access, watch: watch)
    } catch {
      throw error.error(in: file)
    }
  }

  /// Runs SQL of the driver's own, such as pragmas.
  func run(_ sql: String) throws(PrivataError) {
    do {
      try connection.run(sql)
    } catch {
      throw error.error(in: file, ended: watch.reason)
    }
  }

  /// Lets statements read another file under a name; not within a transaction. False where another
  /// file has the name.
  func attach(_ path: String, as name: String) throws(PrivataError) -> Bool {
    if let known = besides[name] { return known == path }
    let file = SQLDialect.sqlite.literal(path)
    let schema = SQLDialect.sqlite.quote(name)
    try run("ATTACH \(file) AS \(schema); PRAGMA \(schema).cache_size = -8000")
    besides[name] = path
    return true
  }

  /// Runs a statement to its end.
  func run(
    _ statement: SQLStatement, _ observer: (any StatementObserver)?
  ) throws(PrivataError) -> SQLResult {
    observer?.willSend(statement.template.record)
    do {
      return try connection.run(statement)
    } catch {
      throw self.error(error, statement.template)
    }
  }

  /// A failure as callers see it, with fields in the place of columns.
  private func error(_ failure: SQLiteFailure, _ template: SQLTemplate) -> PrivataError {
    let collection = template.collection
    let error = failure.error(in: file, collection: collection, ended: watch.reason)
    guard !error.fields.isEmpty else { return error }
    let fields = catalog.fields(error.fields, in: collection)
    guard fields != error.fields else { return error }
    return failure.error(
      in: file, collection: collection, ended: watch.reason, fields: fields)
  }

  /// Runs a change whose values lie in a filter and in changes. Answers how many rows it touched.
  func change(
    _ compiled: SQLCompiled, _ filter: Filter, _ changes: Changes?,
    _ observer: (any StatementObserver)?, answering rows: inout RowBatch
  ) throws(PrivataError) -> Int {
    observer?.willSend(compiled.template.record)
    do {
      return try connection.change(compiled, filter, changes, answering: &rows)
    } catch {
      throw self.error(error, compiled.template)
    }
  }

  /// Adds the rows of a batch, whose cells are what the columns hold.
  func insert(
    _ compiled: SQLCompiled, _ rows: RowBatch, _ observer: (any StatementObserver)?
  ) throws(PrivataError) -> WriteOutcome {
    if let observer {
      for _ in 0..<rows.count { observer.willSend(compiled.template.record) }
    }
    do {
      var outcome = WriteOutcome()
      outcome.inserted = try connection.insert(compiled, rows)
      outcome.lastRowID = connection.lastRowID
      return outcome
    } catch {
      throw self.error(error, compiled.template)
    }
  }

  /// Starts a read whose rows ``step(_:upTo:into:)`` takes; the caller resets the statement.
  @inline(__always)
  func start(
    _ compiled: SQLCompiled, _ query: Query, _ observer: (any StatementObserver)?
  ) throws(PrivataError) -> SQLiteStatement {
    observer?.willSend(compiled.template.record)
    do {
      return try connection.start(compiled, query)
    } catch {
      throw self.error(error, compiled.template)
    }
  }

  /// Takes rows of a started read. False once there are no more.
  func step(
    _ prepared: SQLiteStatement, upTo limit: Int, into rows: inout RowBatch
  ) throws(PrivataError) -> Bool {
    do {
      return try connection.step(prepared, upTo: limit, into: &rows)
    } catch {
      throw error.error(in: file, ended: watch.reason)
    }
  }

  /// Takes rows of a started read as documents. False once there are no more.
  func step(
    _ prepared: SQLiteStatement, upTo limit: Int, as form: DocumentForm,
    into documents: inout RowBatch
  ) throws(PrivataError) -> Bool {
    do {
      return try connection.step(prepared, upTo: limit, as: form, into: &documents)
    } catch {
      throw error.error(in: file, ended: watch.reason)
    }
  }

  /// Pages in the write-ahead log after the last commit.
  var logPages: Int { watch.logPages }

  var isInTransaction: Bool { connection.isInTransaction }

  @discardableResult
  func checkpoint(truncating: Bool = false) -> (held: Int, copied: Int) {
    connection.checkpoint(truncating: truncating)
  }
}

// MARK: - Transactions

extension SQLiteSession {
  func begin() throws(PrivataError) { try perform(SQLiteSession.beginImmediate) }

  func commit() throws(PrivataError) { try perform(SQLiteSession.commitWork) }

  /// Ends the transaction without its changes; SQLite may have ended it already.
  func rollback() {
    if connection.isInTransaction { _ = try? connection.run(SQLiteSession.rollbackWork) }
  }

  private func perform(_ statement: SQLStatement) throws(PrivataError) {
    do {
      _ = try connection.run(statement)
    } catch {
      throw error.error(in: file, ended: watch.reason)
    }
  }

  static let beginImmediate = fixed("BEGIN IMMEDIATE")
  static let beginDeferred = fixed("BEGIN")
  static let commitWork = fixed("COMMIT")
  static let rollbackWork = fixed("ROLLBACK")

  private static func fixed(_ text: String) -> SQLStatement {
    SQLStatement(SQLTemplate(text, kind: "transaction"))
  }

  /// Opens a savepoint inside the transaction.
  func savepoint() throws(PrivataError) {
    depth += 1
    do {
      try run("SAVEPOINT s\(depth)")
    } catch {
      depth -= 1
      throw error
    }
  }

  /// Keeps the changes since the savepoint.
  func release() throws(PrivataError) {
    try run("RELEASE s\(depth)")
    depth -= 1
  }

  /// Undoes the changes since the savepoint.
  func rollbackToSavepoint() {
    defer { depth -= 1 }
    guard connection.isInTransaction else { return }
    _ = try? connection.run("ROLLBACK TO s\(depth)")
    _ = try? connection.run("RELEASE s\(depth)")
  }
}

// MARK: - Views

extension SQLiteSession {
  /// True where the reader's view is no older than the count and the time.
  @inline(__always)
  func hasView(asOf commits: UInt64, since oldest: UInt64) -> Bool {
    view == commits && viewTime >= oldest
  }

  /// Takes a new view. `commits` was read before, so that the view is no older than it says.
  func renewView(asOf commits: UInt64, now: UInt64) throws(PrivataError) {
    endView()
    try perform(SQLiteSession.beginDeferred)
    view = commits
    viewTime = now
  }

  /// Makes the view a transaction that reads until ``rollback()`` or ``commit()``.
  func hold() throws(PrivataError) {
    if view == nil { try perform(SQLiteSession.beginDeferred) }
    view = nil
  }

  /// Lets the view go, so that the log can be copied into the file.
  func endView() {
    guard view != nil else { return }
    view = nil
    if connection.isInTransaction { _ = try? connection.run(SQLiteSession.commitWork) }
  }
}

internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

/// A connection to a database file and the statements prepared on it. Closing happens when the value
/// ends.
struct SQLiteConnection: ~Copyable {
  private let db: OpaquePointer
  private var statements: [Int: SQLiteStatement] = [:]
  private var texts: [String: SQLiteStatement] = [:]
  /// The statement used last for each rest of template ids by the count: most are found here.
  private var recent: [SQLiteStatement?] = Array(repeating: nil, count: 64)
  private let watch: SQLiteWatch
  private var scratch = SQLiteScratch()
  private var uses = 0

  /// How many statements are kept prepared; then the least recently used half is let go.
  private static let statementLimit = 512

  /// Opens a file.
  init(path: String, access: SQLiteAccess, watch: SQLiteWatch) throws(SQLiteFailure) {
    var opened: OpaquePointer?
    let result = sqlite3_open_v2(path, &opened, access.flags, nil)
    guard result == SQLITE_OK, let opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? ""
      sqlite3_close_v2(opened)
      throw SQLiteFailure(code: SQLiteCode(rawValue: result), message: message)
    }
    db = opened
    self.watch = watch
    // A lock held by another process is waited for in the task, not in the thread.
    sqlite3_busy_timeout(db, 2)
    watch.install(on: db)
    SQLiteList.register(on: db)
    SQLiteDecimals.register(on: db)
  }

  deinit {
    // The statements go after this, and the last of them takes the connection along.
    sqlite3_close_v2(db)
  }

  /// Runs statements without parameters or rows, such as pragmas.
  func run(_ sql: String) throws(SQLiteFailure) {
    let result = sqlite3_exec(db, sql, nil, nil, nil)
    guard result == SQLITE_OK else { throw failure(result) }
  }

  /// True while a transaction is open.
  var isInTransaction: Bool { sqlite3_get_autocommit(db) == 0 }

  /// The number of rows that the last statement changed.
  var changes: Int { Int(sqlite3_changes64(db)) }

  /// The row id of the last insert.
  var lastRowID: Int64 { sqlite3_last_insert_rowid(db) }

  /// Copies the write-ahead log into the database as far as readers allow. Answers the pages that
  /// the log holds and those copied.
  func checkpoint(truncating: Bool = false) -> (held: Int, copied: Int) {
    var held: Int32 = 0
    var copied: Int32 = 0
    let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
    sqlite3_wal_checkpoint_v2(db, nil, mode, &held, &copied)
    return (Int(held), Int(copied))
  }

  func failure(_ result: Int32) -> SQLiteFailure {
    let code = SQLiteCode(rawValue: result)
    return SQLiteFailure(code: code, message: String(cString: sqlite3_errmsg(db)))
  }
}

// MARK: - Statements

extension SQLiteConnection {
  /// The prepared statement of a template. Compiled templates are found by their id, SQL that was
  /// given as text by the text.
  mutating func prepared(_ template: SQLTemplate) throws(SQLiteFailure) -> SQLiteStatement {
    let place = template.id & 63
    if let known = recent[place], known.id == template.id { return known }
    uses &+= 1
    let known = template.isCompiled ? statements[template.id] : texts[template.text]
    let statement: SQLiteStatement
    if let known {
      statement = known
    } else {
      statement = try SQLiteStatement(template, on: db)
      if statements.count + texts.count >= Self.statementLimit { letGo() }
      if template.isCompiled {
        statements[template.id] = statement
      } else {
        texts[template.text] = statement
      }
    }
    statement.lastUse = uses
    if template.isCompiled { recent[place] = statement }
    return statement
  }

  private mutating func letGo() {
    let all = (Array(statements.values) + Array(texts.values)).map(\.lastUse).sorted()
    let oldest = all[all.count / 2]
    statements = statements.filter { $0.value.lastUse > oldest }
    texts = texts.filter { $0.value.lastUse > oldest }
  }

  /// Starts a statement with its values; the rows come from ``step(_:upTo:into:)``.
  mutating func start(_ statement: SQLStatement) throws(SQLiteFailure) -> SQLiteStatement {
    let prepared = try prepared(statement.template)
    guard prepared.bind(statement, &scratch) else { throw refused(prepared) }
    return prepared
  }

  /// Starts the statement of a plan with a query's values.
  mutating func start(
    _ compiled: SQLCompiled, _ query: Query
  ) throws(SQLiteFailure) -> SQLiteStatement {
    let prepared = try prepared(compiled.template)
    let isBound = prepared.bind(
      compiled, query.filter, nil, skip: query.skip, limit: query.pageLimit, &scratch)
    guard isBound else { throw refused(prepared) }
    return prepared
  }

  /// Runs a change to its end and answers how many rows it touched.
  mutating func change(
    _ compiled: SQLCompiled, _ filter: Filter, _ changes: Changes?,
    answering rows: inout RowBatch
  ) throws(SQLiteFailure) -> Int {
    let prepared = try prepared(compiled.template)
    guard prepared.bind(compiled, filter, changes, skip: 0, limit: nil, &scratch) else {
      throw refused(prepared)
    }
    defer { prepared.reset() }
    _ = try step(prepared, upTo: Int.max, into: &rows)
    return self.changes
  }

  /// Runs an insert once for each row of a batch, whose cells are bound where they are. Answers how
  /// many rows were added.
  mutating func insert(
    _ compiled: SQLCompiled, _ rows: RowBatch
  ) throws(SQLiteFailure) -> Int {
    let prepared = try prepared(compiled.template)
    let result = rows.withArena { arena in
      for row in 0..<rows.count {
        prepared.bind(row: row, of: rows, arena)
        let result = prepared.step()
        guard result == SQLITE_DONE else { return result }
        prepared.reset()
      }
      return SQLITE_DONE
    }
    guard result == SQLITE_DONE else {
      let failure = failure(result)
      prepared.reset()
      throw failure
    }
    return rows.count
  }

  private func refused(_ prepared: SQLiteStatement) -> SQLiteFailure {
    prepared.reset()
    return failure(sqlite3_errcode(db))
  }

  /// Runs a statement to its end.
  mutating func run(_ statement: SQLStatement) throws(SQLiteFailure) -> SQLResult {
    let prepared = try start(statement)
    defer { prepared.reset() }
    var rows = RowBatch(width: max(1, prepared.columnCount))
    _ = try step(prepared, upTo: Int.max, into: &rows)
    let isWrite = !prepared.isReadOnly
    return SQLResult(
      rows: rows, columns: statement.template.isCompiled ? [] : prepared.columnNames,
      affected: isWrite ? changes : 0, lastRowID: isWrite ? lastRowID : nil)
  }

  /// Takes rows of a started statement. False once there are no more.
  func step(
    _ prepared: SQLiteStatement, upTo limit: Int, into rows: inout RowBatch
  ) throws(SQLiteFailure) -> Bool {
    if prepared.isPlain {
      switch prepared.appendPlainRows(upTo: limit, to: &rows) {
      case SQLITE_ROW: return true
      case SQLITE_DONE: return false
      case let result: throw failure(result)
      }
    }
    var count = 0
    while count < limit {
      switch prepared.step() {
      case SQLITE_ROW:
        prepared.appendRow(to: &rows)
        count += 1
      case SQLITE_DONE: return false
      case let result: throw failure(result)
      }
    }
    return true
  }

  /// Takes rows of a started statement as documents. False once there are no more.
  func step(
    _ prepared: SQLiteStatement, upTo limit: Int, as form: DocumentForm,
    into documents: inout RowBatch
  ) throws(SQLiteFailure) -> Bool {
    var count = 0
    while count < limit {
      switch prepared.step() {
      case SQLITE_ROW:
        prepared.appendDocument(form, to: &documents)
        count += 1
      case SQLITE_DONE: return false
      case let result: throw failure(result)
      }
    }
    return true
  }
}

/// How a file is opened.
enum SQLiteAccess: Sendable {
  case readWrite, readOnly

  fileprivate var flags: Int32 {
    let common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE
    switch self {
    case .readWrite: return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    case .readOnly: return common | SQLITE_OPEN_READONLY
    }
  }
}

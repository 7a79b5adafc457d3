internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

/// A prepared statement; its connection owns it and outlives its use.
final class SQLiteStatement {
  let handle: OpaquePointer
  let columnCount: Int
  /// The template's id.
  let id: Int
  /// True for a statement that cannot change the database.
  let isReadOnly: Bool
  /// When the statement was last used, by its connection's count.
  var lastUse = 0

  /// What each column holds, and how each parameter is bound: looked up once, not per row.
  let columns: UnsafeMutableBufferPointer<SQLiteColumn>
  let parameters: UnsafeMutableBufferPointer<SQLiteParameter>
  /// The types of columns of JSON, which the short form does not hold.
  let types: [FieldType?]
  /// True where a row becomes a document without values between.
  let isDirect: Bool
  /// True where every column's values become cells without values between.
  let isPlain: Bool
  /// The values of the current row, for ``appendDocument(_:to:)``.
  let values: UnsafeMutableBufferPointer<SQLiteValue>
  /// Rows and bytes that the last answer took, so that the next reserves them at once.
  private(set) var usualRows = 1
  private(set) var usualBytes = 64

  init(_ template: SQLTemplate, on db: OpaquePointer) throws(SQLiteFailure) {
    handle = try Self.prepare(template.text, on: db)
    id = template.id
    columnCount = Int(sqlite3_column_count(handle))
    isReadOnly = sqlite3_stmt_readonly(handle) != 0
    let types = template.columns ?? []
    self.types = types
    columns = .allocate(capacity: columnCount)
    var isDirect = true
    var isPlain = columnCount > 0
    for index in 0..<columnCount {
      let column = SQLiteColumn(index < types.count ? types[index] : nil)
      columns.initializeElement(at: index, to: column)
      isDirect = isDirect && column != .json
      isPlain = isPlain && column.isPlain
    }
    self.isDirect = isDirect
    self.isPlain = isPlain
    let count = Int(sqlite3_bind_parameter_count(handle))
    parameters = .allocate(capacity: count)
    for index in 0..<count {
      let type = index < template.parameters.count ? template.parameters[index] : nil
      parameters.initializeElement(at: index, to: SQLiteParameter(type))
    }
    values = .allocate(capacity: columnCount)
    values.initialize(repeating: SQLiteValue())
  }

  deinit {
    sqlite3_finalize(handle)
    columns.deallocate()
    parameters.deallocate()
    values.deallocate()
  }

  private static func prepare(
    _ sql: String, on db: OpaquePointer
  ) throws(SQLiteFailure) -> OpaquePointer {
    var handle: OpaquePointer?
    var sql = sql
    let result = sql.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        sqlite3_prepare_v3(
          db, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
      }
    }
    if result == SQLITE_OK, let handle { return handle }
    // An empty text is no statement either.
    let code = result == SQLITE_OK ? SQLITE_MISUSE : result
    throw SQLiteFailure(
      code: SQLiteCode(rawValue: code), message: String(cString: sqlite3_errmsg(db)))
  }

  /// Remembers how large an answer was.
  func noteUse(_ rows: RowBatch) {
    usualRows = max(1, min(rows.count, 4096))
    usualBytes = min(rows.byteCount + 16, 1 << 20)
  }

  /// Steps to the next row.
  @inline(__always)
  func step() -> Int32 { sqlite3_step(handle) }

  /// Ends the run, so that the statement can start again and holds no lock.
  @inline(__always)
  func reset() { sqlite3_reset(handle) }

  /// The names of the result's columns.
  var columnNames: [String] {
    (0..<columnCount).map { index in
      sqlite3_column_name(handle, Int32(index)).map { String(cString: $0) } ?? ""
    }
  }
}

/// What a column holds, in one byte.
enum SQLiteColumn: UInt8 {
  case plain, bool, int32, int64, double, date, text, objectID, uuid, bytes, document, decimal, any
  /// JSON and lists, which are parsed.
  case json

  /// True where each of the column's values is a cell's, whatever its storage class.
  var isPlain: Bool {
    switch self {
    case .plain, .bool, .int32, .int64, .double, .date, .text, .objectID, .bytes, .document: true
    case .uuid, .decimal, .any, .json: false
    }
  }

  init(_ type: FieldType?) {
    self =
      switch type {
      case .bool: .bool
      case .int32, .number: .int32
      case .int64: .int64
      case .double: .double
      case .date: .date
      case .string, .varchar: .text
      case .objectID: .objectID
      case .uuid: .uuid
      case .binary: .bytes
      case .document: .document
      case .decimal: .decimal
      case .any: .any
      case .json, .array: .json
      case nil: .plain
      }
  }
}

/// How a parameter is bound.
enum SQLiteParameter: UInt8 {
  /// As its value asks.
  case byValue
  /// As the bytes of one BSON element.
  case element
  case json

  init(_ type: FieldType?) {
    self =
      switch type {
      case .any: .element
      case .json: .json
      default: .byValue
      }
  }
}

/// One value of the current row: where SQLite has it, its storage class, its bytes.
struct SQLiteValue {
  var value: OpaquePointer?
  var bytes: UnsafeRawPointer?
  var count = 0
  var type: Int32 = SQLITE_NULL
}

internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

/// The table-valued function `privata_list(?)`: the elements of a BSON array given as one parameter,
/// in the form in which columns hold them. So a statement is the same for lists of any length, and
/// values keep their types, which JSON would lose.
///
/// Source: https://www.sqlite.org/vtab.html, "Eponymous-only virtual tables"
enum SQLiteList {
  /// A cursor: SQLite's part first, as it asks, then the bytes of the array.
  struct Cursor {
    var base = sqlite3_vtab_cursor()
    var bytes: UnsafeMutableRawBufferPointer?
    /// Where the current element's type byte is; at the terminator past the last.
    var position = 0
    var row: Int64 = 0
  }

  static func register(on db: OpaquePointer) {
    sqlite3_create_module_v2(db, SQLDialect.listFunction, module, nil, nil)
  }

  /// Lives as long as the process, as SQLite asks of modules.
  // Safe: written once, before any connection reads it.
  nonisolated(unsafe) private static let module: UnsafePointer<sqlite3_module> = {
    let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    module.initialize(to: sqlite3_module())
    module.pointee.xConnect = connect
    module.pointee.xBestIndex = bestIndex
    module.pointee.xDisconnect = disconnect
    module.pointee.xOpen = open
    module.pointee.xClose = close
    module.pointee.xFilter = filter
    module.pointee.xNext = next
    module.pointee.xEof = { cursor in SQLiteList.of(cursor).pointee.isAtEnd ? 1 : 0 }
    module.pointee.xColumn = column
    module.pointee.xRowid = { cursor, row in
      row?.pointee = SQLiteList.of(cursor).pointee.row
      return SQLITE_OK
    }
    return UnsafePointer(module)
  }()

  private typealias Connect =
    @convention(c) (
      OpaquePointer?, UnsafeMutableRawPointer?, Int32, UnsafePointer<UnsafePointer<CChar>?>?,
      UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?,
      UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> Int32

  private static let connect: Connect = { db, _, _, _, table, _ in
    let result = sqlite3_declare_vtab(db, "CREATE TABLE list(value, items HIDDEN)")
    guard result == SQLITE_OK else { return result }
    let made = UnsafeMutablePointer<sqlite3_vtab>.allocate(capacity: 1)
    made.initialize(to: sqlite3_vtab())
    table?.pointee = made
    return SQLITE_OK
  }

  private static let disconnect: @convention(c) (UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 = {
    table in
    table?.deallocate()
    return SQLITE_OK
  }

  /// The function has one plan: with its argument.
  private static let bestIndex:
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vtab>?, UnsafeMutablePointer<sqlite3_index_info>?
    ) -> Int32 = { _, info in
      guard let info else { return SQLITE_ERROR }
      for index in 0..<Int(info.pointee.nConstraint) {
        let constraint = info.pointee.aConstraint[index]
        guard constraint.iColumn == 1, constraint.op == UInt8(SQLITE_INDEX_CONSTRAINT_EQ) else {
          continue
        }
        guard constraint.usable != 0 else { return SQLITE_CONSTRAINT }
        info.pointee.aConstraintUsage[index].argvIndex = 1
        info.pointee.aConstraintUsage[index].omit = 1
        info.pointee.estimatedCost = 1
        info.pointee.estimatedRows = 16
        return SQLITE_OK
      }
      return SQLITE_CONSTRAINT
    }

  private typealias Open =
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vtab>?,
      UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
    ) -> Int32

  private static let open: Open = { _, cursor in
    let made = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
    made.initialize(to: Cursor())
    cursor?.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(
      to: sqlite3_vtab_cursor.self)
    return SQLITE_OK
  }

  private static let close: @convention(c) (UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 = {
    cursor in
    let cursor = of(cursor)
    cursor.pointee.bytes?.deallocate()
    cursor.deallocate()
    return SQLITE_OK
  }

  private typealias Filter =
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vtab_cursor>?, Int32, UnsafePointer<CChar>?, Int32,
      UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32

  /// Copies the argument, which lives no longer than this call.
  private static let filter: Filter = { cursor, _, _, count, arguments in
    let cursor = of(cursor)
    cursor.pointee.bytes?.deallocate()
    cursor.pointee.bytes = nil
    cursor.pointee.row = 0
    guard count == 1, let argument = arguments?[0], let blob = sqlite3_value_blob(argument) else {
      return SQLITE_OK
    }
    let source = UnsafeRawBufferPointer(start: blob, count: Int(sqlite3_value_bytes(argument)))
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
    copy.copyMemory(from: source)
    cursor.pointee.bytes = copy
    // The element's type byte and the array's length come first.
    cursor.pointee.position = 5
    return SQLITE_OK
  }

  private static let next: @convention(c) (UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 = {
    cursor in
    of(cursor).pointee.advance()
    return SQLITE_OK
  }

  private static let column:
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vtab_cursor>?, OpaquePointer?, Int32
    ) -> Int32 = { cursor, context, index in
      if index == 0 { of(cursor).pointee.answer(context) } else { sqlite3_result_null(context) }
      return SQLITE_OK
    }

  private static func of(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?
  ) -> UnsafeMutablePointer<Cursor> {
    UnsafeMutableRawPointer(cursor!).assumingMemoryBound(to: Cursor.self)
  }
}

internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

// The inner loop of finds: the rows of plain columns go straight from SQLite's registers into the
// batch, many rows for each look at the batch's capacity.

extension SQLiteStatement {
  /// Steps and appends rows of plain columns, until there are so many or no more. Answers what the
  /// last step said: `SQLITE_ROW` where the limit ended it.
  func appendPlainRows(upTo limit: Int, to rows: inout RowBatch) -> Int32 {
    var count = 0
    var room = usualBytes
    var isPending = false
    while count < limit {
      // Before the batch makes room: most answers end where the last one did.
      let result = isPending ? SQLITE_ROW : step()
      guard result == SQLITE_ROW else { return result }
      let before = count
      var last = result
      rows.appendRows(upTo: min(limit - count, max(usualRows, count)), bytes: room) { pen in
        repeat {
          isPending = !writePlainRow(with: &pen)
          if isPending { return }
          count += 1
          if pen.leftCells == 0 { return }
          last = step()
        } while last == SQLITE_ROW
      }
      guard last == SQLITE_ROW else { return last }
      // As much again as there is, or a row that needs more than was thought.
      room = count > before ? max(room, rows.byteCount) : room * 4
    }
    return SQLITE_ROW
  }

  /// Writes the current row; false where its bytes need more room than there is.
  @inline(__always)
  private func writePlainRow(with pen: inout RowPen) -> Bool {
    let (count, used) = (pen.count, pen.used)
    for index in 0..<columnCount {
      let value = sqlite3_column_value(handle, Int32(truncatingIfNeeded: index))
      guard write(value, columns[index], with: &pen) else {
        pen.rewind(to: count, used)
        return false
      }
    }
    return true
  }

  @inline(__always)
  private func write(
    _ value: OpaquePointer?, _ column: SQLiteColumn, with pen: inout RowPen
  ) -> Bool {
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: write(integer: sqlite3_value_int64(value), column, with: &pen)
    case SQLITE_FLOAT: pen.append(.double, word: sqlite3_value_double(value).bitPattern)
    // Asked for as a blob, because for a text SQLite would see to a zero at its end first.
    case SQLITE_TEXT:
      let bytes = UnsafeRawPointer(sqlite3_value_blob(value))
      let count = Int(sqlite3_value_bytes(value))
      guard count <= pen.left else { return false }
      pen.append(.text, bytes, count)
    case SQLITE_BLOB:
      let bytes = UnsafeRawPointer(sqlite3_value_blob(value))
      return write(blob: bytes, Int(sqlite3_value_bytes(value)), column, with: &pen)
    default: pen.append(.null)
    }
    return true
  }

  @inline(__always)
  private func write(integer: Int64, _ column: SQLiteColumn, with pen: inout RowPen) {
    let word = UInt64(bitPattern: integer)
    switch column {
    case .date: pen.append(.date, word: word)
    case .bool: pen.append(.bool, word: integer != 0 ? 1 : 0)
    case .double: pen.append(.double, word: Double(integer).bitPattern)
    case .int32 where Int32(exactly: integer) != nil: pen.append(.int32, word: word)
    default: pen.append(.int64, word: word)
    }
  }

  @inline(__always)
  private func write(
    blob bytes: UnsafeRawPointer?, _ count: Int, _ column: SQLiteColumn, with pen: inout RowPen
  ) -> Bool {
    if column == .objectID, count == 12, let bytes {
      let high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
      let low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      pen.append(.objectID, word: high, rest: low)
      return true
    }
    guard count <= pen.left else { return false }
    pen.append(column == .document ? .document : .bytes, bytes, count)
    return true
  }
}

internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

// Rows are read through sqlite3_column_value: one call per column, after which the value's own
// functions need no lookup. They ask that one thread at a time uses the connection, which holds here.
//
// Source: https://www.sqlite.org/c3ref/column_blob.html

extension SQLiteStatement {
  /// Appends the current row, one cell per column. A value that is not of its column's type, because
  /// another program wrote it, comes as what it is.
  @inline(__always)
  func appendRow(to rows: inout RowBatch) {
    if columnCount == 0 { return rows.appendNull() }
    for index in 0..<columnCount {
      let value = sqlite3_column_value(handle, Int32(truncatingIfNeeded: index))
      append(value, columns[index], index, to: &rows)
    }
  }

  @inline(__always)
  private func append(
    _ value: OpaquePointer?, _ column: SQLiteColumn, _ index: Int, to rows: inout RowBatch
  ) {
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: append(integer: sqlite3_value_int64(value), column, to: &rows)
    case SQLITE_TEXT where column == .text: rows.append(.text, bytes: Self.bytes(of: value))
    case SQLITE_TEXT: append(text: Self.bytes(of: value), column, index, to: &rows)
    case SQLITE_FLOAT: rows.append(double: sqlite3_value_double(value))
    case SQLITE_BLOB: append(blob: Self.bytes(of: value), column, to: &rows)
    default: rows.appendNull()
    }
  }

  @inline(__always)
  private func append(integer value: Int64, _ column: SQLiteColumn, to rows: inout RowBatch) {
    switch column {
    case .date: rows.append(date: DateTime(milliseconds: value))
    case .bool: rows.append(bool: value != 0)
    case .double: rows.append(double: Double(value))
    case .int32 where Int32(exactly: value) != nil:
      rows.append(int32: Int32(truncatingIfNeeded: value))
    default: rows.append(int64: value)
    }
  }

  private func append(
    text bytes: UnsafeRawBufferPointer, _ column: SQLiteColumn, _ index: Int,
    to rows: inout RowBatch
  ) {
    switch column {
    case .decimal:
      if let number = Decimal128(String(decoding: bytes, as: UTF8.self)) {
        return rows.append(.decimal(number))
      }
    case .json:
      if let type = types[index], let value = JSONText.value(of: bytes, as: type) {
        return rows.append(value)
      }
    default: break
    }
    rows.append(.text, bytes: bytes)
  }

  @inline(__always)
  private func append(
    blob bytes: UnsafeRawBufferPointer, _ column: SQLiteColumn, to rows: inout RowBatch
  ) {
    switch column {
    case .objectID where bytes.count == 12:
      let high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
      let low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      rows.append(objectID: ObjectID(high: high, low: low))
    case .uuid: rows.append(.binary(Binary(Array(bytes), subtype: 4)))
    case .document: rows.append(.document, bytes: bytes)
    case .any: rows.append(BSONReader.value(ofElement: Array(bytes)[...]))
    default: rows.append(.bytes, bytes: bytes)
    }
  }

  /// The bytes of a text or blob; asked for as a blob, because for a text SQLite would see to a zero
  /// at its end first.
  @inline(__always)
  private static func bytes(of value: OpaquePointer?) -> UnsafeRawBufferPointer {
    let start = sqlite3_value_blob(value)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
  }
}

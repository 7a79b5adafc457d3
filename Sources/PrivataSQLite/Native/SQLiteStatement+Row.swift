internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

extension SQLiteStatement {
  /// Appends the current row, one cell per column. A value that is not of its column's type, because
  /// another program wrote it, comes as what it is.
  @inline(__always)
  func appendRow(_ types: [FieldType?]?, to rows: inout RowBatch) {
    if columnCount == 0 { return rows.appendNull() }
    guard let types else {
      for index in 0..<Int32(columnCount) { appendPlain(index, to: &rows) }
      return
    }
    for index in 0..<columnCount {
      append(Int32(index), index < types.count ? types[index] : nil, to: &rows)
    }
  }

  @inline(__always)
  private func append(_ index: Int32, _ type: FieldType?, to rows: inout RowBatch) {
    switch (sqlite3_column_type(handle, index), type) {
    case (SQLITE_NULL, _): rows.appendNull()
    case (SQLITE_INTEGER, let type?):
      append(integer: sqlite3_column_int64(handle, index), type, to: &rows)
    case (SQLITE_TEXT, .string?), (SQLITE_TEXT, .varchar?):
      rows.append(.text, bytes: text(index))
    case (SQLITE_FLOAT, _): rows.append(double: sqlite3_column_double(handle, index))
    case (SQLITE_TEXT, let type?): append(text: text(index), type, to: &rows)
    case (SQLITE_BLOB, let type?): append(blob: blob(index), type, to: &rows)
    default: appendPlain(index, to: &rows)
    }
  }

  @inline(__always)
  private func append(integer value: Int64, _ type: FieldType, to rows: inout RowBatch) {
    switch type {
    case .int64: rows.append(int64: value)
    case .date: rows.append(date: DateTime(milliseconds: value))
    case .bool: rows.append(bool: value != 0)
    case .double: rows.append(double: Double(value))
    case .int32, .number:
      if let small = Int32(exactly: value) {
        rows.append(int32: small)
      } else {
        rows.append(int64: value)
      }
    default: rows.append(int64: value)
    }
  }

  private func append(
    text bytes: UnsafeRawBufferPointer, _ type: FieldType, to rows: inout RowBatch
  ) {
    switch type {
    case .decimal:
      if let number = Decimal128(String(decoding: bytes, as: UTF8.self)) {
        rows.append(.decimal(number))
      } else {
        rows.append(.text, bytes: bytes)
      }
    case .json, .array:
      if let value = JSONText.value(of: bytes, as: type) {
        rows.append(value)
      } else {
        rows.append(.text, bytes: bytes)
      }
    default: rows.append(.text, bytes: bytes)
    }
  }

  private func append(
    blob bytes: UnsafeRawBufferPointer, _ type: FieldType, to rows: inout RowBatch
  ) {
    switch type {
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

  private func appendPlain(_ index: Int32, to rows: inout RowBatch) {
    switch sqlite3_column_type(handle, index) {
    case SQLITE_INTEGER: rows.append(int64: sqlite3_column_int64(handle, index))
    case SQLITE_FLOAT: rows.append(double: sqlite3_column_double(handle, index))
    case SQLITE_TEXT: rows.append(.text, bytes: text(index))
    case SQLITE_BLOB: rows.append(.bytes, bytes: blob(index))
    default: rows.appendNull()
    }
  }

  @inline(__always)
  private func text(_ index: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_text(handle, index), count: Int(sqlite3_column_bytes(handle, index)))
  }

  @inline(__always)
  private func blob(_ index: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(handle, index), count: Int(sqlite3_column_bytes(handle, index)))
  }
}

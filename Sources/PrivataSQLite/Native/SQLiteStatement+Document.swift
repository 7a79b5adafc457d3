internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

// Rows of columns as BSON, written straight into the batch's bytes: the sizes first, then one
// reservation, then the elements.

extension SQLiteStatement {
  /// Appends the current row as a document.
  func appendDocument(_ form: DocumentForm, to documents: inout RowBatch) {
    var room = form.headerBytes + 8
    for index in 0..<columnCount { room += load(index) }
    documents.append(.document) { bytes in
      bytes.append(addingCapacity: room) { (out: inout OutputSpan<UInt8>) in
        out.withUnsafeMutableBufferPointer { buffer, written in
          guard let start = buffer.baseAddress else { return }
          var pen = BSONPen(start: UnsafeMutableRawPointer(start))
          write(form, with: &pen)
          written = pen.finish()
        }
      }
    }
  }

  /// Keeps where a value of the row is, and answers how many bytes its element takes at most beside
  /// the key.
  @inline(__always)
  private func load(_ index: Int) -> Int {
    let value = sqlite3_column_value(handle, Int32(truncatingIfNeeded: index))
    let type = sqlite3_value_type(value)
    var loaded = SQLiteValue(value: value, type: type)
    if type == SQLITE_TEXT || type == SQLITE_BLOB {
      loaded.bytes = UnsafeRawPointer(sqlite3_value_blob(value))
      loaded.count = Int(sqlite3_value_bytes(value))
    }
    values[index] = loaded
    return loaded.count + 16
  }

  private func write(_ form: DocumentForm, with pen: inout BSONPen) {
    if let rest = form.restColumn, values[rest].count > 0, let start = values[rest].bytes {
      let bytes = UnsafeRawBufferPointer(start: start, count: values[rest].count)
      return merge(form, bytes.bindMemory(to: UInt8.self), with: &pen)
    }
    for part in form.parts {
      guard let column = part.column, values[column].type != SQLITE_NULL else { continue }
      write(values[column], columns[column], part, with: &pen)
    }
  }

  /// Walks the model's fields and `_rest` side by side, as ``DocumentForm`` does with cells.
  private func merge(
    _ form: DocumentForm, _ rest: UnsafeBufferPointer<UInt8>, with pen: inout BSONPen
  ) {
    var element = BSONIterator(rest.span)
    var hasElement = element.next()
    for part in form.parts {
      let isElsewhere = part.isKey && hasElement && element.keyEquals(part.keyBytes.span)
      if let column = part.column, !isElsewhere, values[column].type != SQLITE_NULL {
        write(values[column], columns[column], part, with: &pen)
        continue
      }
      while hasElement, !form.keeps(element) { hasElement = element.next() }
      if hasElement, element.keyEquals(part.keyBytes.span) {
        pen.copy(rest, element.keyRange.lowerBound - 1..<element.valueRange.upperBound)
        hasElement = element.next()
      }
    }
    while hasElement {
      if form.keeps(element) {
        pen.copy(rest, element.keyRange.lowerBound - 1..<element.valueRange.upperBound)
      }
      hasElement = element.next()
    }
  }

  @inline(__always)
  private func write(
    _ value: SQLiteValue, _ column: SQLiteColumn, _ part: DocumentForm.Part,
    with pen: inout BSONPen
  ) {
    let bytes = UnsafeRawBufferPointer(start: value.bytes, count: value.count)
    switch value.type {
    case SQLITE_TEXT where column != .decimal: pen.text(part.keyBytes, bytes)
    case SQLITE_TEXT: writeDecimal(bytes, part, with: &pen)
    case SQLITE_INTEGER:
      write(integer: sqlite3_value_int64(value.value), column, part, with: &pen)
    case SQLITE_FLOAT:
      pen.fixed(.double, part.keyBytes, sqlite3_value_double(value.value).bitPattern)
    default: write(blob: bytes, column, part, with: &pen)
    }
  }

  @inline(__always)
  private func write(
    integer number: Int64, _ column: SQLiteColumn, _ part: DocumentForm.Part,
    with pen: inout BSONPen
  ) {
    switch column {
    case .date: pen.fixed(.date, part.keyBytes, number)
    case .bool: pen.fixed(.bool, part.keyBytes, number != 0 ? 1 : 0 as UInt8)
    case .double: pen.fixed(.double, part.keyBytes, Double(number).bitPattern)
    case .int32 where Int32(exactly: number) != nil:
      pen.fixed(.int32, part.keyBytes, Int32(truncatingIfNeeded: number))
    default: pen.fixed(.int64, part.keyBytes, number)
    }
  }

  @inline(__always)
  private func write(
    blob bytes: UnsafeRawBufferPointer, _ column: SQLiteColumn, _ part: DocumentForm.Part,
    with pen: inout BSONPen
  ) {
    switch column {
    case .objectID where bytes.count == 12: pen.raw(.objectID, part.keyBytes, bytes)
    case .uuid: pen.binary(part.keyBytes, bytes, subtype: 4)
    case .document: pen.raw(.document, part.keyBytes, bytes)
    case .any where bytes.count > 0:
      pen.element(part.keyBytes, bytes)
    default: pen.binary(part.keyBytes, bytes, subtype: 0)
    }
  }

  private func writeDecimal(
    _ bytes: UnsafeRawBufferPointer, _ part: DocumentForm.Part, with pen: inout BSONPen
  ) {
    guard let number = Decimal128(String(decoding: bytes, as: UTF8.self)) else {
      return pen.text(part.keyBytes, bytes)
    }
    pen.fixed(.decimal, part.keyBytes, number.low)
    pen.value(number.high)
  }
}

internal import CSQLite
internal import PrivataCore

extension SQLiteStatement {
  /// Binds a row of cells as they are, texts and bytes where they lie; they have to stay there until
  /// the statement has run.
  @inline(__always)
  func bind(row: Int, of batch: RowBatch, _ arena: UnsafeRawBufferPointer) {
    for column in 0..<batch.width {
      bind(batch.cell(row: row, column: column), at: Int32(truncatingIfNeeded: column + 1), arena)
    }
  }

  @inline(__always)
  private func bind(_ cell: Cell, at index: Int32, _ arena: UnsafeRawBufferPointer) {
    let word = Int64(bitPattern: cell.word)
    switch cell.tag {
    case .bool, .int32, .int64, .date: sqlite3_bind_int64(handle, index, word)
    case .double: sqlite3_bind_double(handle, index, Double(bitPattern: cell.word))
    case .text:
      guard let start = arena.baseAddress else {
        // An empty arena: the text is empty, and a null pointer would bind NULL.
        sqlite3_bind_text(handle, index, "", 0, Self.transient)
        return
      }
      let text = (start + Int(word)).assumingMemoryBound(to: CChar.self)
      sqlite3_bind_text(handle, index, text, Int32(cell.rest), nil)
    case .objectID:
      var bytes = (cell.word.bigEndian, cell.rest.bigEndian)
      withUnsafeBytes(of: &bytes) { bytes in
        _ = sqlite3_bind_blob(handle, index, bytes.baseAddress, 12, Self.transient)
      }
    case .bytes: bind(blob: arena, Int(word), Int(cell.rest), at: index)
    case .element:
      // A UUID: its sixteen bytes behind type, length and subtype.
      bind(blob: arena, Int(word) + 6, 16, at: index)
    default: sqlite3_bind_null(handle, index)
    }
  }

  private func bind(
    blob arena: UnsafeRawBufferPointer, _ start: Int, _ count: Int, at index: Int32
  ) {
    guard count > 0, let base = arena.baseAddress else {
      // A null pointer would bind NULL.
      sqlite3_bind_zeroblob(handle, index, 0)
      return
    }
    sqlite3_bind_blob(handle, index, base + start, Int32(count), nil)
  }
}

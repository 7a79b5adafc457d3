extension BSONWriter {
  /// Appends a cell of a batch under a key; a missing one is left out.
  package mutating func append(_ key: String, _ cell: Cell, in batch: borrowing RowBatch) {
    switch cell.tag {
    case .missing: break
    case .null: appendNull(key)
    case .bool: append(key, bool: cell.bits != 0)
    case .int32: append(key, int32: Int32(truncatingIfNeeded: cell.bits))
    case .int64: append(key, int64: Int64(bitPattern: cell.bits))
    case .double: append(key, double: Double(bitPattern: cell.bits))
    case .date: append(key, date: DateTime(milliseconds: Int64(bitPattern: cell.bits)))
    case .objectID: append(key, objectID: ObjectID(high: cell.bits, low: cell.extra))
    case .text: append(key, string: batch.bytes(of: cell).span)
    case .bytes: append(key, binary: batch.bytes(of: cell).span)
    case .document: append(key.utf8.span, document: batch.bytes(of: cell).span)
    case .array, .element:
      if let value = batch.value(of: cell) { append(key, value) }
    }
  }
}

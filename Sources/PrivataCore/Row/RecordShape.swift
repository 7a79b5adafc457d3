/// How the cells of a row make a document: the key first, then the fields of the model in their
/// order, then what the row's rest holds beyond them. One for all rows of all answers of a query.
@usableFromInline package final class RecordShape: Sendable {
  /// One field: the column that may hold it, and its key.
  package struct Part: Sendable {
    /// The position in the row, `nil` where only the rest can hold the field.
    package var column: Int?
    package var key: String
    package var keyBytes: [UInt8]
    /// True for the record's key, which may be null but is never missing.
    package var isKey: Bool

    package init(column: Int?, key: String, isKey: Bool) {
      self.column = column
      self.key = key
      keyBytes = Array(key.utf8)
      self.isKey = isKey
    }
  }

  /// Which top-level fields a document keeps.
  package enum Keep: Sendable, Hashable {
    case all
    case only(Set<String>)
    case allBut(Set<String>)

    package func contains(_ key: String) -> Bool {
      switch self {
      case .all: true
      case .only(let keys): keys.contains(key)
      case .allBut(let keys): !keys.contains(key)
      }
    }
  }

  package let parts: [Part]
  /// The position of the cell that holds, as BSON, what no column does.
  package let restColumn: Int?
  package let keep: Keep
  let index: KeyIndex
  let places: PartPlaces

  package init(_ parts: [Part], restColumn: Int?, keep: Keep) {
    self.parts = parts
    self.restColumn = restColumn
    self.keep = keep
    index = KeyIndex(parts.map(\.key))
    places = PartPlaces(parts)
  }

  /// True for an element of the rest that the document keeps.
  @inline(__always)
  package func keeps(_ element: borrowing BSONIterator) -> Bool {
    if case .all = keep { return true }
    return keep.contains(element.keyText)
  }
}

// MARK: - As BSON

extension RecordShape {
  /// Appends a row of cells as one BSON document.
  package func append(row: Int, of cells: RowBatch, to writer: inout BSONWriter) {
    let mark = writer.beginDocument()
    let cell = restColumn.map { cells.cell(row: row, column: $0) }
    if let cell, cell.tag == .bytes {
      merge(cells, row, rest: cells.bytes(of: cell), into: &writer)
    } else {
      for part in parts {
        guard let column = part.column else { continue }
        _ = writer.append(part, cells.cell(row: row, column: column), of: cells)
      }
    }
    writer.end(mark)
  }

  /// Walks the model's fields and the rest side by side; both are in the model's order.
  private func merge(
    _ cells: RowBatch, _ row: Int, rest: ArraySlice<UInt8>, into writer: inout BSONWriter
  ) {
    var element = BSONIterator(rest.span)
    var hasElement = element.next()
    for part in parts {
      let isElsewhere = part.isKey && hasElement && element.keyEquals(part.keyBytes.span)
      if let column = part.column, !isElsewhere {
        let cell = cells.cell(row: row, column: column)
        if writer.append(part, cell, of: cells) { continue }
      }
      while hasElement, !keeps(element) { hasElement = element.next() }
      if hasElement, element.keyEquals(part.keyBytes.span) {
        writer.copy(element, of: rest)
        hasElement = element.next()
      }
    }
    while hasElement {
      if keeps(element) { writer.copy(element, of: rest) }
      hasElement = element.next()
    }
  }
}

extension BSONWriter {
  /// Appends a cell. False for a null column, which is a field that is not there.
  fileprivate mutating func append(
    _ part: RecordShape.Part, _ cell: Cell, of batch: RowBatch
  ) -> Bool {
    let key = part.keyBytes.span
    switch cell.tag {
    case .missing: return false
    case .null:
      if part.isKey { appendNull(key) }
      return part.isKey
    case .text: append(key, string: batch.bytes(of: cell).span)
    case .bytes: append(key, binary: batch.bytes(of: cell).span)
    case .document: append(key, document: batch.bytes(of: cell).span)
    default: if let value = batch.value(of: cell) { append(key, value) }
    }
    return true
  }

  /// Appends an element as it is.
  fileprivate mutating func copy(
    _ element: borrowing BSONIterator, of source: ArraySlice<UInt8>
  ) {
    let start = source.startIndex + element.keyRange.lowerBound - 1
    bytes.append(contentsOf: source[start..<source.startIndex + element.valueRange.upperBound])
  }
}

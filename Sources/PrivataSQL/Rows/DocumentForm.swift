package import PrivataCore

/// How the columns of a row become a document: the key first, then the fields of the model in their
/// order, then what `_rest` holds beyond them.
package struct DocumentForm: Sendable {
  /// One field: the column that may hold it, and its key.
  package struct Part: Sendable {
    /// The position in the statement's result, `nil` where only `_rest` can hold the field.
    package var column: Int?
    package var key: String
    package var keyBytes: [UInt8]
    /// True for the record's key, which may be null but is never missing.
    package var isKey: Bool
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
  /// The position of `_rest` in the result.
  package let restColumn: Int?
  package let keep: Keep
  /// The bytes that types, keys and their terminators take together.
  package let headerBytes: Int
  /// The columns to select, by their position in the layout.
  package let selected: [Int]

  /// The form of a layout's documents.
  package init(_ layout: TableLayout, keep: Keep = .all) {
    var selected: [Int] = []
    var parts: [Part] = []
    var named: Set<String> = []
    let keys = layout.model.primaryKey.map { layout.model.fields[$0].name }
    let fields = layout.model.fields.map(\.name) + layout.columns.map(\.field)
    for field in keys + fields where keep.contains(field) && named.insert(field).inserted {
      let position = layout.position(of: field)
      if let position { selected.append(position) }
      parts.append(
        Part(
          column: position.map { _ in selected.count - 1 }, key: field,
          keyBytes: Array(field.utf8), isKey: keys.contains(field)))
    }
    self.parts = parts
    self.keep = keep
    headerBytes = parts.reduce(0) { $0 + $1.keyBytes.count + 2 }
    restColumn = layout.isOpen ? selected.count : nil
    self.selected = selected
  }

  /// True for an element of `_rest` that the document keeps.
  @inline(__always)
  package func keeps(_ element: borrowing BSONIterator) -> Bool {
    if case .all = keep { return true }
    return keep.contains(element.keyText)
  }

  /// Appends a row of columns to a batch of documents.
  package func append(row: Int, of columns: RowBatch, to documents: inout RowBatch) {
    documents.append(.document) { bytes in
      var taken: [UInt8] = []
      swap(&taken, &bytes)
      var writer = BSONWriter(appendingTo: consume taken)
      write(row: row, of: columns, to: &writer)
      bytes = writer.bytes
    }
  }

  private func write(row: Int, of columns: RowBatch, to writer: inout BSONWriter) {
    let mark = writer.beginDocument()
    let cell = restColumn.map { columns.cell(row: row, column: $0) }
    if let cell, cell.tag == .bytes {
      merge(columns, row, rest: columns.bytes(of: cell), into: &writer)
    } else {
      for part in parts {
        guard let column = part.column else { continue }
        _ = writer.append(part, columns.cell(row: row, column: column), of: columns)
      }
    }
    writer.end(mark)
  }

  /// Walks the model's fields and `_rest` side by side; both are in the model's order.
  private func merge(
    _ columns: RowBatch, _ row: Int, rest: ArraySlice<UInt8>, into writer: inout BSONWriter
  ) {
    var element = BSONIterator(rest.span)
    var hasElement = element.next()
    for part in parts {
      let isElsewhere = part.isKey && hasElement && element.keyEquals(part.keyBytes.span)
      if let column = part.column, !isElsewhere {
        let cell = columns.cell(row: row, column: column)
        if writer.append(part, cell, of: columns) { continue }
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
    _ part: DocumentForm.Part, _ cell: Cell, of batch: RowBatch
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

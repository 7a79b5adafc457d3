package import PrivataCore

/// How the columns of a row become a document, and which columns to select for it.
package struct DocumentForm: Sendable {
  package typealias Part = RecordShape.Part
  package typealias Keep = RecordShape.Keep

  /// The form of rows that are answered as they are.
  package let shape: RecordShape
  /// The bytes that types, keys and their terminators take together.
  package let headerBytes: Int
  /// The columns to select, by their position in the layout.
  package let selected: [Int]

  package var parts: [Part] { shape.parts }
  /// The position of `_rest` in the result.
  package var restColumn: Int? { shape.restColumn }

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
          isKey: keys.contains(field)))
    }
    headerBytes = parts.reduce(0) { $0 + $1.keyBytes.count + 2 }
    shape = RecordShape(
      parts, restColumn: layout.isOpen ? selected.count : nil, keep: keep)
    self.selected = selected
  }

  /// True for an element of `_rest` that the document keeps.
  @inline(__always)
  package func keeps(_ element: borrowing BSONIterator) -> Bool { shape.keeps(element) }

  /// Appends a row of columns to a batch of documents.
  package func append(row: Int, of columns: RowBatch, to documents: inout RowBatch) {
    documents.append(.document) { bytes in
      var taken: [UInt8] = []
      swap(&taken, &bytes)
      var writer = BSONWriter(appendingTo: consume taken)
      shape.append(row: row, of: columns, to: &writer)
      bytes = writer.bytes
    }
  }
}

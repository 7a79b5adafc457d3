internal import PrivataCore

extension RowBatch {
  /// The rows in the layout of documents, whatever their own: cells take the names given.
  func documents(naming names: [String], layout: RowLayout) -> [Document] {
    layout == .documents ? documents : (0..<count).map { document(row: $0, naming: names) }
  }

  /// One row of cells as a document; a missing cell gives no element.
  func document(row: Int, naming names: [String]) -> Document {
    var elements: [Document.Element] = []
    for (column, name) in names.enumerated() {
      guard let value = value(row: row, column: column) else { continue }
      elements.append(.init(key: name, value: value))
    }
    return Document(elements)
  }

  /// The rows at these places, in this order, each with its first `width` cells.
  func picking(_ rows: [Int], width: Int) -> RowBatch {
    var picked = RowBatch(width: width)
    picked.reserve(rows: rows.count)
    for row in rows {
      for column in 0..<width { picked.append(cell(row: row, column: column), from: self) }
    }
    return picked
  }

  /// Rows of documents.
  init(documents: [Document]) {
    self.init(width: 1)
    reserve(rows: documents.count)
    for document in documents { append(.document, bytes: document.bson) }
  }

  /// One row with one value.
  init(single value: Value) { self.init(column: [value]) }

  /// One row per value.
  init(column values: [Value]) {
    self.init(width: 1)
    for value in values { append(value) }
  }
}

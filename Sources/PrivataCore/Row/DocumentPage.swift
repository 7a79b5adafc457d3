/// The rows of an answer as documents that read straight from the cells: BSON is made of a row only
/// when somebody asks for BSON. Never changes, so documents share it.
package final class DocumentPage: Sendable {
  /// A field that was joined to each row: a populated path.
  private struct Attached: Sendable {
    let key: String
    /// By row; `nil` leaves what the row itself holds.
    let values: [Value?]
  }

  private let rows: RowBatch
  let shape: RecordShape
  private let attached: [Attached]
  /// Reads what cells alone hold.
  let reader: CellReader

  init(_ rows: RowBatch, _ shape: RecordShape) {
    self.rows = rows
    self.shape = shape
    attached = []
    reader = CellReader(rows, shape, hidesCells: false)
  }

  private init(_ page: DocumentPage, _ attached: [Attached]) {
    rows = page.rows
    shape = page.shape
    self.attached = attached
    reader = CellReader(
      rows, shape, hidesCells: attached.contains { page.shape.index.position(of: $0.key) >= 0 })
  }

  /// The number of documents.
  package var count: Int { rows.count }

  /// The document of a row.
  @inline(__always)
  package func document(_ row: Int) -> Document { Document(page: self, row: row) }

  /// All documents in order.
  package var documents: [Document] { (0..<count).map { document($0) } }

  /// The same rows with a value more each, in the place of a field of that name or at the end.
  package func attaching(_ key: String, _ values: [Value?]) -> DocumentPage {
    precondition(values.count == count, "a value for each row")
    // Read from the first to the last, so the newest goes first.
    return DocumentPage(self, [Attached(key: key, values: values)] + attached)
  }
}

// MARK: - One field

extension DocumentPage {
  /// The value at a key of a row, `nil` where the document has none.
  @inline(__always)
  func value(_ key: String, row: Int) -> Value? {
    reader.value(key, row: row) ?? otherValue(key, row)
  }

  /// The value at a key: of a joined field, of a cell of any form, of the rest.
  @inline(never)
  private func otherValue(_ key: String, _ row: Int) -> Value? {
    for one in attached where one.key.isSameKey(as: key) {
      if let value = one.values[row] { return value }
    }
    let position = shape.index.position(of: key)
    guard position >= 0 else { return restValue(key, row, isPart: false) }
    let place = shape.parts[position]
    guard let column = place.column else { return restValue(key, row, isPart: true) }
    // Of a record's key the rest goes first, of other fields the cell.
    if place.isKey, let value = restValue(key, row, isPart: true) { return value }
    let cell = rows.cell(row: row, column: column)
    let isAbsent = cell.tag == .null || cell.tag == .missing
    return isAbsent && !place.isKey ? restValue(key, row, isPart: true) : rows.value(of: cell)
  }

  @inline(never)
  private func restValue(_ key: String, _ row: Int, isPart: Bool) -> Value? {
    guard let column = shape.restColumn else { return nil }
    let cell = rows.cell(row: row, column: column)
    guard cell.tag == .bytes, isPart || shape.keep.contains(key) else { return nil }
    return BSONReader.value(of: key, inValidated: rows.bytes(of: cell))
  }

  /// Appends to `places`, for each row, the place of the object id that a field holds, -1 for one that
  /// is not known or not there. False, with nothing appended, where a row holds something else.
  package func appendPlaces(of key: String, in keys: CellKeys, to places: inout [Int]) -> Bool {
    guard let column = plainColumn(of: key) else { return false }
    let width = rows.width
    for row in 0..<count {
      switch rows.cells[row &* width &+ column].tag {
      case .objectID: break
      case .null, .missing:
        if let rest = shape.restColumn, rows.cell(row: row, column: rest).tag == .bytes {
          return false
        }
      default: return false
      }
    }
    keys.appendPlaces(of: rows, column: column, to: &places)
    return true
  }

  /// The column that alone holds a field in all rows; `nil` for a joined field, and where rests may
  /// hold it.
  private func plainColumn(of key: String) -> Int? {
    let position = shape.index.position(of: key)
    guard position >= 0, !attached.contains(where: { $0.key.isSameKey(as: key) }) else {
      return nil
    }
    let part = shape.parts[position]
    if part.isKey, let rest = shape.restColumn {
      for row in 0..<count where rows.cell(row: row, column: rest).tag == .bytes { return nil }
    }
    return part.column
  }
}

// MARK: - Whole documents

extension DocumentPage {
  /// The elements of a row's document in order.
  func elements(_ row: Int) -> [Document.Element] {
    var elements = ownElements(row)
    for one in attached.reversed() {
      guard let value = one.values[row] else { continue }
      if let index = elements.firstIndex(where: { $0.key == one.key }) {
        elements[index].value = value
      } else {
        elements.append(Document.Element(key: one.key, value: value))
      }
    }
    return elements
  }

  private func ownElements(_ row: Int) -> [Document.Element] {
    if let rest = shape.restColumn, rows.cell(row: row, column: rest).tag == .bytes {
      return BSONReader.elements(ofValidated: ownBytes(row)[...])
    }
    var elements: [Document.Element] = []
    elements.reserveCapacity(shape.parts.count + attached.count)
    for part in shape.parts {
      guard let column = part.column, let value = rows.value(row: row, column: column),
        part.isKey || value != .null
      else { continue }
      elements.append(Document.Element(key: part.key, value: value))
    }
    return elements
  }

  private func ownBytes(_ row: Int) -> [UInt8] {
    var writer = BSONWriter(capacity: 128)
    shape.append(row: row, of: rows, to: &writer)
    return writer.bytes
  }

  /// Appends the row's own document as BSON; false where values were joined to it.
  func append(_ row: Int, to writer: inout BSONWriter) -> Bool {
    guard attached.isEmpty else { return false }
    shape.append(row: row, of: rows, to: &writer)
    return true
  }
}

// MARK: - Documents of a page

extension Document {
  /// The page and the row that the document reads from; `nil` for others.
  package var source: (page: DocumentPage, row: Int)? {
    if case .row(let page, let row) = storage { (page, row) } else { nil }
  }

  /// The page of which the documents are all rows in order; `nil` for others.
  package static func page(of documents: [Document]) -> DocumentPage? {
    guard case .row(let page, 0)? = documents.first?.storage, page.count == documents.count else {
      return nil
    }
    for index in documents.indices {
      guard case .row(let other, index) = documents[index].storage, other === page else {
        return nil
      }
    }
    return page
  }

  /// Sets a key of each document to its value; `nil` leaves a document as it is.
  package static func set(_ key: String, of documents: inout [Document], to values: [Value?]) {
    precondition(values.count == documents.count, "a value for each document")
    if let page = page(of: documents) {
      documents = page.attaching(key, values).documents
    } else {
      for (index, value) in values.enumerated() {
        if let value { documents[index][key] = value }
      }
    }
  }
}

/// Where the fields of documents go in the rows of a batch: one key per cell.
package struct DocumentColumns: Sendable {
  /// All keys, one after another.
  private var text: [UInt8] = []
  private var keys: [Range<Int>] = []
  /// What a cell holds whose key a document lacks.
  fileprivate let absent: Cell

  /// Cells of these keys, in this order. Where a document lacks one, the cell is missing or, as in
  /// the tables of SQL, null.
  package init(_ keys: [String], absentIsNull: Bool = false) {
    absent = Cell(absentIsNull ? .null : .missing)
    for key in keys {
      let start = text.count
      text.append(contentsOf: key.utf8)
      self.keys.append(start..<text.count)
    }
  }

  /// The cell of the key that an element has. Documents mostly come in the order of the schema, so
  /// the one after the last hit is tried first.
  @inline(__always)
  func position(of element: borrowing BSONIterator, guess: Int) -> Int? {
    let text = text.span
    if guess < keys.count, element.keyEquals(text.extracting(keys[guess])) { return guess }
    for index in keys.indices where element.keyEquals(text.extracting(keys[index])) {
      return index
    }
    return nil
  }
}

extension RowBatch {
  /// Appends each document of a BSON array as a row of the layout of documents; the bytes are copied
  /// once, all together. The driver vouches for them.
  package mutating func append(documentsOf array: Span<UInt8>) {
    let base = arena.count
    arena.append(array)
    var element = BSONIterator(array)
    while element.next() {
      guard element.type == .document else { continue }
      let range = element.valueRange
      cells.append(.range(.document, base + range.lowerBound..<base + range.upperBound))
    }
  }

  /// Appends each document of a BSON array as a row of cells; texts and nested documents stay where
  /// they are in one copy of all bytes.
  package mutating func append(recordsOf array: Span<UInt8>, columns: DocumentColumns) {
    let base = arena.count
    arena.append(array)
    var element = BSONIterator(array)
    while element.next() {
      guard element.type == .document else { continue }
      appendCells(of: element.nested, at: base + element.valueRange.lowerBound, columns)
    }
  }

  /// Appends one document as a row of the layout of documents.
  package mutating func append(documentBytes bytes: Span<UInt8>) {
    let base = arena.count
    arena.append(bytes)
    cells.append(.range(.document, base..<arena.count))
  }

  /// Appends one document as a row of cells.
  package mutating func append(record bytes: Span<UInt8>, columns: DocumentColumns) {
    let base = arena.count
    arena.append(bytes)
    appendCells(of: bytes, at: base, columns)
  }

  /// Appends one cell per element of a BSON array: the rows of a distinct query.
  package mutating func append(valuesOf array: Span<UInt8>) {
    let base = arena.count
    arena.append(array)
    var element = BSONIterator(array)
    while element.next() { cells.append(cell(of: element, at: base)) }
  }

  /// Appends the cells of a document whose bytes are in the arena at an offset.
  private mutating func appendCells(
    of document: Span<UInt8>, at base: Int, _ columns: DocumentColumns
  ) {
    let start = cells.count
    cells.append(contentsOf: repeatElement(columns.absent, count: width))
    var guess = 0
    var element = BSONIterator(document)
    while element.next() {
      guard let position = columns.position(of: element, guess: guess) else { continue }
      cells[start + position] = cell(of: element, at: base)
      guess = position + 1
    }
  }

  /// The cell of an element whose document's bytes are in the arena at an offset.
  @inline(__always)
  private mutating func cell(of element: borrowing BSONIterator, at base: Int) -> Cell {
    switch element.type {
    case .null: Cell(.null)
    case .bool: Cell(.bool, bits: element.bool ? 1 : 0)
    case .int32: Cell(.int32, bits: UInt64(bitPattern: Int64(element.int32)))
    case .int64: Cell(.int64, bits: UInt64(bitPattern: element.int64))
    case .double: Cell(.double, bits: element.double.bitPattern)
    case .date: Cell(.date, bits: UInt64(bitPattern: element.int64))
    case .objectID: Cell(.objectID, bits: element.objectID.high, extra: element.objectID.low)
    case .string: .range(.text, element.textRange.moved(by: base))
    case .document: .range(.document, element.valueRange.moved(by: base))
    case .array: .range(.array, element.valueRange.moved(by: base))
    case .binary where element.binarySubtype == 0:
      .range(.bytes, element.binaryRange.moved(by: base))
    default: elementCell(element)
    }
  }

  private mutating func elementCell(_ element: borrowing BSONIterator) -> Cell {
    let start = arena.count
    arena.append(element.type.rawValue)
    arena.append(element.bytes.extracting(element.valueRange))
    return .range(.element, start..<arena.count)
  }
}

extension Document {
  /// The document of a copy of bytes that a driver vouches for.
  package init(copying bytes: Span<UInt8>) {
    self.init(validated: bytes.copy(0..<bytes.count)[...])
  }
}

extension Range<Int> {
  @inline(__always)
  fileprivate func moved(by offset: Int) -> Range<Int> {
    lowerBound &+ offset..<upperBound &+ offset
  }
}

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

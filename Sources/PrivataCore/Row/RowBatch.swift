/// Rows as a driver copied them: 16-byte cells in row order and one arena of bytes. Policy acts on
/// cells; models and documents are made last, in the caller's task.
///
/// ```swift
/// var batch = RowBatch(width: 2)
/// batch.append(int64: 1)
/// batch.append(text: "Ada")
/// batch.count                      // 1
/// batch.value(row: 0, column: 1)   // .string("Ada")
/// ```
///
/// Shape: `width` cells per row. In the layout of documents the width is 1 and each cell a document,
/// but for queries that take rows of cells with a ``shape``.
public struct RowBatch: Sendable {
  /// Cells per row; at least 1.
  public let width: Int
  @usableFromInline var cells: [Cell] = []
  @usableFromInline var arena: [UInt8] = []
  /// How rows of cells are documents; `nil` where they are not.
  @usableFromInline package var shape: RecordShape?

  /// An empty batch of rows with that many cells each.
  public init(width: Int) {
    precondition(width > 0, "a row has at least one cell")
    self.width = width
  }

  /// The number of whole rows.
  @inlinable public var count: Int { cells.count / width }

  /// The bytes that cells lie in beside themselves.
  package var byteCount: Int { arena.count }

  /// True without rows.
  @inlinable public var isEmpty: Bool { cells.isEmpty }

  /// Makes room, so that appending does not grow the arrays step by step.
  public mutating func reserve(rows: Int, bytes: Int = 0) {
    cells.reserveCapacity(rows * width)
    if bytes > 0 { arena.reserveCapacity(bytes) }
  }

  /// The cell at a place.
  @inlinable public func cell(row: Int, column: Int) -> Cell { cells[row * width + column] }

  /// The row at a place, as a view that models decode from.
  @inlinable public func row(_ index: Int) -> RowView { RowView(batch: self, index: index) }
}

// MARK: - Appending cells, in row order

extension RowBatch {
  /// Appends a field that the record does not have.
  @inlinable public mutating func appendMissing() { cells.append(Cell(.missing)) }

  /// Appends null.
  @inlinable public mutating func appendNull() { cells.append(Cell(.null)) }

  /// Appends a Boolean.
  @inlinable public mutating func append(bool value: Bool) {
    cells.append(Cell(.bool, bits: value ? 1 : 0))
  }

  /// Appends a 32-bit integer.
  @inlinable public mutating func append(int32 value: Int32) {
    cells.append(Cell(.int32, bits: UInt64(bitPattern: Int64(value))))
  }

  /// Appends a 64-bit integer.
  @inlinable public mutating func append(int64 value: Int64) {
    cells.append(Cell(.int64, bits: UInt64(bitPattern: value)))
  }

  /// Appends a double.
  @inlinable public mutating func append(double value: Double) {
    cells.append(Cell(.double, bits: value.bitPattern))
  }

  /// Appends a date.
  @inlinable public mutating func append(date value: DateTime) {
    cells.append(Cell(.date, bits: UInt64(bitPattern: value.milliseconds)))
  }

  /// Appends an object id, held in the cell itself.
  @inlinable public mutating func append(objectID value: ObjectID) {
    cells.append(Cell(.objectID, bits: value.high, extra: value.low))
  }

  /// Appends text of valid UTF-8.
  @inlinable public mutating func append(text: String) {
    let start = arena.count
    arena.append(contentsOf: text.utf8)
    cells.append(.range(.text, start..<arena.count))
  }

  /// Appends bytes of a kind that lives in the arena: text, bytes, a BSON document or array, or an
  /// element (type byte and value). The driver vouches for the bytes' form.
  @inlinable public mutating func append(_ tag: Cell.Tag, bytes: some Collection<UInt8>) {
    let start = arena.count
    arena.append(contentsOf: bytes)
    cells.append(.range(tag, start..<arena.count))
  }

  /// Appends a cell whose bytes the body writes straight into the arena; for drivers that turn
  /// columns into BSON without a copy between.
  @inlinable public mutating func append(_ tag: Cell.Tag, writing body: (inout [UInt8]) -> Void) {
    let start = arena.count
    body(&arena)
    cells.append(.range(tag, start..<arena.count))
  }

  /// Appends any value.
  public mutating func append(_ value: Value?) {
    switch value {
    case nil: appendMissing()
    case .null: appendNull()
    case .bool(let value): append(bool: value)
    case .int32(let value): append(int32: value)
    case .int64(let value): append(int64: value)
    case .double(let value): append(double: value)
    case .string(let value): append(text: value)
    case .objectID(let value): append(objectID: value)
    case .date(let value): append(date: value)
    case .document(let value): append(.document, bytes: value.bson)
    case .array(let values): append(.array, bytes: BSONWriter.bytes(ofArray: values))
    case .binary(let value) where value.subtype == 0: append(.bytes, bytes: value.bytes)
    case let value?: append(.element) { BSONWriter.append(element: value, to: &$0) }
    }
  }

  /// Puts a value in the place of another.
  package mutating func set(_ value: Value?, row: Int, column: Int) {
    precondition(column < width && row < count, "a cell that the rows do not have")
    append(value)
    if let cell = cells.popLast() { cells[row * width + column] = cell }
  }

  /// Puts the value of a BSON element, its type byte and its bytes, in the place of another. A text
  /// goes from bytes to bytes.
  package mutating func set(element: ArraySlice<UInt8>, row: Int, column: Int) {
    guard element.first == 0x02, element.count >= 6 else {
      return set(BSONReader.value(ofElement: element), row: row, column: column)
    }
    precondition(column < width && row < count, "a cell that the rows do not have")
    let start = arena.count
    arena.append(contentsOf: element.dropFirst(5).dropLast())
    cells[row * width + column] = .range(.text, start..<arena.count)
  }

  /// Appends a copy of a cell of another batch.
  public mutating func append(_ cell: Cell, from other: RowBatch) {
    switch cell.tag {
    case .text, .bytes, .document, .array, .element:
      append(cell.tag, bytes: other.arena[cell.range])
    default: cells.append(cell)
    }
  }

  /// Appends a copy of a whole row of a batch of the same width.
  public mutating func append(row: Int, of other: RowBatch) {
    for column in 0..<width { append(other.cell(row: row, column: column), from: other) }
  }
}

// MARK: - Reading

extension RowBatch {
  /// The bytes of a cell that lives in the arena; empty for inline values.
  @inlinable public func bytes(of cell: Cell) -> ArraySlice<UInt8> { arena[cell.range] }

  /// True for an element that is a UUID: type, length, subtype and sixteen bytes.
  package func isUUID(_ cell: Cell) -> Bool {
    let bytes = bytes(of: cell)
    return cell.tag == .element && bytes.count == 22 && bytes[bytes.startIndex] == 0x05
      && bytes[bytes.startIndex + 5] == 4
  }

  /// The value at a place, `nil` where the record has no such field.
  public func value(row: Int, column: Int) -> Value? { value(of: cell(row: row, column: column)) }

  /// The value of a cell, `nil` where the record has no such field.
  public func value(of cell: Cell) -> Value? {
    switch cell.tag {
    case .missing: nil
    case .null: .null
    case .bool: .bool(cell.bits != 0)
    case .int32: .int32(Int32(truncatingIfNeeded: cell.bits))
    case .int64: .int64(Int64(bitPattern: cell.bits))
    case .double: .double(Double(bitPattern: cell.bits))
    case .date: .date(DateTime(milliseconds: Int64(bitPattern: cell.bits)))
    case .objectID: .objectID(ObjectID(high: cell.bits, low: cell.extra))
    case .text: .string(text(of: cell))
    case .bytes: .binary(Binary(Array(arena[cell.range])))
    case .document: .document(Document(validated: arena[cell.range]))
    case .array: .array(BSONReader.array(ofValidated: arena[cell.range]))
    case .element: BSONReader.value(ofElement: arena[cell.range])
    }
  }

  /// The document of a row in the layout of documents; shares the batch's bytes.
  public func document(row: Int) -> Document {
    if let shape { return DocumentPage(self, shape).document(row) }
    let cell = cells[row * width]
    guard cell.tag == .document else { return Document() }
    return Document(validated: arena[cell.range])
  }

  /// All rows of the layout of documents.
  public var documents: [Document] {
    if let shape { return DocumentPage(self, shape).documents }
    return (0..<count).map { document(row: $0) }
  }
}

/// Writes the cells of rows and the bytes that they lie in, into room that is there.
@usableFromInline package struct RowPen: ~Copyable {
  @usableFromInline let cells: UnsafeMutablePointer<Cell>
  @usableFromInline let bytes: UnsafeMutableRawPointer
  /// Where the rows' bytes begin in the arena.
  @usableFromInline let base: Int
  /// How many cells and bytes there is room for.
  @usableFromInline let limit: Int
  @usableFromInline let room: Int
  @usableFromInline package var count = 0
  @usableFromInline package var used = 0

  @inlinable package init(
    cells: UnsafeMutablePointer<Cell>, limit: Int, bytes: UnsafeMutableRawPointer, room: Int,
    base: Int
  ) {
    self.cells = cells
    self.limit = limit
    self.bytes = bytes
    self.room = room
    self.base = base
  }

  /// How many bytes there is room for yet.
  @inline(__always)
  @inlinable package var left: Int { room &- used }

  /// How many cells there is room for yet.
  @inline(__always)
  @inlinable package var leftCells: Int { limit &- count }

  /// Takes back what was written since there were so many cells and bytes.
  @inline(__always)
  @inlinable package mutating func rewind(to count: Int, _ used: Int) {
    self.count = count
    self.used = used
  }

  /// Appends a cell that holds its value itself. A cell that there is no room for is dropped.
  @inline(__always)
  @inlinable package mutating func append(_ tag: Cell.Tag, word: UInt64 = 0, rest: UInt32 = 0) {
    guard count < limit else { return }
    (cells + count).initialize(to: Cell(tag, bits: word, extra: rest))
    count &+= 1
  }

  /// Appends a cell of bytes; null where they exceed the room that there is.
  @inline(__always)
  @inlinable package mutating func append(
    _ tag: Cell.Tag, _ start: UnsafeRawPointer?, _ length: Int
  ) {
    guard let start, length > 0 else { return append(tag, word: UInt64(base &+ used)) }
    guard length <= left else { return append(.null) }
    (bytes + used).copyMemory(from: start, byteCount: length)
    append(tag, word: UInt64(base &+ used), rest: UInt32(truncatingIfNeeded: length))
    used &+= length
  }
}

extension RowBatch {
  /// Appends rows that the body writes, at most so many and with room for so many bytes: one check of
  /// the arrays' capacity in place of one for each cell. A row that is not whole is left out.
  @inlinable package mutating func appendRows(
    upTo rows: Int, bytes room: Int, _ write: (inout RowPen) -> Void
  ) {
    let width = width
    let limit = rows * width
    let room = max(room, 1)
    var arena: [UInt8] = []
    swap(&arena, &self.arena)
    let base = arena.count
    cells.append(addingCapacity: limit) { (cells: inout OutputSpan<Cell>) in
      cells.withUnsafeMutableBufferPointer { cells, written in
        arena.append(addingCapacity: room) { (bytes: inout OutputSpan<UInt8>) in
          bytes.withUnsafeMutableBufferPointer { bytes, used in
            guard let cells = cells.baseAddress, let bytes = bytes.baseAddress else { return }
            var pen = RowPen(
              cells: cells, limit: limit, bytes: UnsafeMutableRawPointer(bytes), room: room,
              base: base)
            write(&pen)
            written = pen.count - pen.count % width
            used = pen.used
          }
        }
      }
    }
    swap(&arena, &self.arena)
  }
}

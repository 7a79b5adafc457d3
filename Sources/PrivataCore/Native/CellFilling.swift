#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

// The inner loop of reading documents into cells: one pass over each document's bytes with a word
// compared per key. Every read is checked against the document's end first.

/// Where the fields of documents go in the rows of a batch: one key per cell.
package struct DocumentColumns: Sendable {
  private struct Key: Sendable {
    /// The first bytes of the key and its terminator, as they stand in memory.
    var word: UInt64 = 0
    var mask: UInt64 = 0
    /// Where the key and its terminator are in the text of all keys.
    var range = 0..<0
  }

  private var text: [UInt8] = []
  private var keys: [Key] = []
  /// What a cell holds whose key a document lacks.
  let absent: Cell

  /// Cells of these keys, in this order. Where a document lacks one, the cell is missing or, as in
  /// the tables of SQL, null.
  package init(_ names: [String], absentIsNull: Bool = false) {
    absent = Cell(absentIsNull ? .null : .missing)
    for name in names {
      let start = text.count
      text.append(contentsOf: name.utf8)
      text.append(0)
      var key = Key(range: start..<text.count)
      for (index, byte) in text[start...].prefix(8).enumerated() {
        key.word |= UInt64(byte) << (8 * UInt64(index))
        key.mask |= 0xFF << (8 * UInt64(index))
      }
      keys.append(key)
    }
  }

  var count: Int { keys.count }

  /// True where the key of that position stands at the address, which `room` bytes may be read from.
  @inline(__always)
  func matches(_ position: Int, _ address: UnsafeRawPointer, room: Int) -> Bool {
    let key = keys[position]
    guard key.range.count <= room else { return false }
    if room >= 8 {
      let word = UInt64(littleEndian: address.loadUnaligned(as: UInt64.self))
      guard word & key.mask == key.word else { return false }
      if key.range.count <= 8 { return true }
    }
    return text.withUnsafeBytes { text in
      guard let start = text.baseAddress else { return false }
      return memcmp(address, start + key.range.lowerBound, key.range.count) == 0
    }
  }

  /// The length of the key of that position with its terminator.
  @inline(__always)
  func length(_ position: Int) -> Int { keys[position].range.count }
}

extension RowBatch {
  /// Appends the cells of a document whose bytes are in the arena at an offset.
  mutating func appendCells(of document: Span<UInt8>, at base: Int, _ columns: DocumentColumns) {
    let first = cells.count
    for _ in 0..<width { cells.append(columns.absent) }
    document.withUnsafeBytes { bytes in
      guard var walk = ElementWalk(bytes) else { return }
      var guess = 0
      while let position = walk.next(columns, guess) {
        guard position >= 0 else { continue }
        cells[first + position] = walk.cell(base) ?? elementCell(walk)
        guess = position + 1
      }
    }
  }

  private mutating func elementCell(_ walk: ElementWalk) -> Cell {
    let start = arena.count
    arena.append(walk.type)
    arena.append(contentsOf: walk.value)
    return .range(.element, start..<arena.count)
  }
}

extension ElementWalk {
  /// Steps to the next element; answers the cell that it goes to, -1 for none, `nil` at the end and
  /// at the first damage.
  @inline(__always)
  mutating func next(_ columns: DocumentColumns, _ guess: Int) -> Int? {
    guard position < end else { return nil }
    type = start.load(fromByteOffset: position, as: UInt8.self)
    let key = position &+ 1
    let found = find(columns, guess, key)
    if found >= 0 {
      valueStart = key &+ columns.length(found)
    } else {
      guard let zero = memchr(start + key, 0, end &- key) else { return nil }
      valueStart = UnsafeRawPointer(zero) - start + 1
    }
    valueCount = size()
    guard valueCount >= 0, valueCount <= end &- valueStart else { return nil }
    position = valueStart &+ valueCount
    return found
  }

  @inline(__always)
  fileprivate func find(_ columns: DocumentColumns, _ guess: Int, _ key: Int) -> Int {
    let room = end &- key
    if guess < columns.count, columns.matches(guess, start + key, room: room) { return guess }
    for position in 0..<columns.count {
      if columns.matches(position, start + key, room: room) { return position }
    }
    return -1
  }

  /// The cell of the current value; `nil` for types that are kept as elements.
  @inline(__always)
  func cell(_ base: Int) -> Cell? {
    let address = start + valueStart
    switch type {
    case 0x02: return .range(.text, range(base, 4, valueCount &- 5))
    case 0x10:
      let value = Int32(littleEndian: address.loadUnaligned(as: Int32.self))
      return Cell(.int32, bits: UInt64(bitPattern: Int64(value)))
    case 0x12: return Cell(.int64, bits: word(address))
    case 0x01: return Cell(.double, bits: word(address))
    case 0x09: return Cell(.date, bits: word(address))
    case 0x08: return Cell(.bool, bits: address.load(as: UInt8.self) == 0 ? 0 : 1)
    case 0x07:
      let high = UInt64(bigEndian: address.loadUnaligned(as: UInt64.self))
      let low = UInt32(bigEndian: address.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      return Cell(.objectID, bits: high, extra: low)
    case 0x0A: return Cell(.null)
    case 0x03: return .range(.document, range(base, 0, valueCount))
    case 0x04: return .range(.array, range(base, 0, valueCount))
    case 0x05 where address.load(fromByteOffset: 4, as: UInt8.self) == 0:
      return .range(.bytes, range(base, 5, valueCount &- 5))
    default: return nil
    }
  }

  @inline(__always)
  private func word(_ address: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: address.loadUnaligned(as: UInt64.self))
  }

  @inline(__always)
  private func range(_ base: Int, _ offset: Int, _ count: Int) -> Range<Int> {
    let first = base &+ valueStart &+ offset
    return first..<first &+ count
  }
}

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

// Joins rows of two batches by the bytes of a key: one arena behind the other, and cells copied with
// their ranges moved. Every index is checked before the loops.

extension RowBatch {
  /// For each row the row of another batch whose text is the same, -1 where there is none.
  ///
  /// Rows that come in the same order are found by one comparison each; others by a table of hashes.
  package func matches(column: Int, in other: RowBatch, column otherColumn: Int) -> [Int] {
    precondition(column < width && otherColumn < other.width, "a column that the rows do not have")
    var matches: [Int] = []
    matches.reserveCapacity(count)
    var table: TextTable?
    var guess = 0
    arena.withUnsafeBytes { bytes in
      other.arena.withUnsafeBytes { otherBytes in
        for row in 0..<count {
          let text = Text(cells[row &* width &+ column], bytes)
          guard let text else {
            matches.append(-1)
            continue
          }
          if guess < other.count,
            Text(other.cells[guess &* other.width &+ otherColumn], otherBytes) == text
          {
            matches.append(guess)
            guess &+= 1
            continue
          }
          if table == nil { table = TextTable(other, otherColumn, otherBytes) }
          let found = table?.row(of: text, other, otherColumn, otherBytes) ?? -1
          matches.append(found)
          guess = found &+ 1
        }
      }
    }
    return matches
  }

  /// Rows made of cells of this batch and of matching rows of another.
  ///
  /// - Parameters:
  ///   - matches: for each row of this batch the row of the other, -1 for none.
  ///   - places: for each cell a column of this batch, or of the other as its bitwise complement.
  ///   - isInner: leaves out rows without a match; else their other cells are null.
  package func joined(
    with other: RowBatch, matches: [Int], places: [Int], isInner: Bool
  ) -> RowBatch {
    precondition(matches.count == count, "a match for each row")
    precondition(
      places.allSatisfy { $0 < width && ~$0 < other.width }, "a column that the rows do not have")
    precondition(matches.allSatisfy { $0 < other.count }, "a row that the batch does not have")
    var rows = RowBatch(width: max(places.count, 1))
    rows.arena.reserveCapacity(arena.count + other.arena.count)
    rows.arena.append(contentsOf: arena)
    rows.arena.append(contentsOf: other.arena)
    let shift = UInt64(arena.count)
    guard !places.isEmpty else {
      for match in matches where match >= 0 || !isInner { rows.appendNull() }
      return rows
    }
    let (ownWidth, otherWidth) = (width, other.width)
    rows.cells = [Cell](unsafeUninitializedCapacity: count * places.count) { out, used in
      cells.withUnsafeBufferPointer { left in
        other.cells.withUnsafeBufferPointer { right in
          places.withUnsafeBufferPointer { places in
            for (row, match) in matches.enumerated() {
              if match < 0, isInner { continue }
              for place in places {
                var cell = Cell(.null)
                if place >= 0 {
                  cell = left[row &* ownWidth &+ place]
                } else if match >= 0 {
                  cell = right[match &* otherWidth &+ ~place]
                  if cell.isInArena { cell.bits &+= shift }
                }
                out.initializeElement(at: used, to: cell)
                used &+= 1
              }
            }
          }
        }
      }
    }
    return rows
  }

  /// The rows' cells of some columns; all rows share the bytes.
  package func picking(columns: [Int]) -> RowBatch {
    precondition(columns.allSatisfy { $0 < width }, "a column that the rows do not have")
    var rows = RowBatch(width: max(columns.count, 1))
    rows.arena = arena
    rows.cells.reserveCapacity(count * rows.width)
    for row in 0..<count {
      for column in columns { rows.cells.append(cells[row &* width &+ column]) }
      if columns.isEmpty { rows.appendNull() }
    }
    return rows
  }

  /// The cells of some columns, row by row in an order, each row with a text of its own more as its
  /// first or last cell.
  package func picking(
    columns: [Int], order: [Int], texts: [String], isFirst: Bool
  ) -> RowBatch {
    precondition(columns.allSatisfy { $0 < width }, "a column that the rows do not have")
    precondition(
      order.allSatisfy { $0 < count && $0 < texts.count }, "a row that the batch does not have")
    var rows = RowBatch(width: columns.count + 1)
    let size = order.reduce(arena.count) { $0 + texts[$1].utf8.count }
    rows.arena.reserveCapacity(size)
    rows.arena.append(contentsOf: arena)
    rows.cells.reserveCapacity(order.count * rows.width)
    for row in order {
      if isFirst { rows.append(text: texts[row]) }
      for column in columns { rows.cells.append(cells[row &* width &+ column]) }
      if !isFirst { rows.append(text: texts[row]) }
    }
    return rows
  }

  /// The texts of a column; rows without one are left out.
  package func texts(column: Int) -> [Value] {
    precondition(column < width, "a column that the rows do not have")
    var texts: [Value] = []
    texts.reserveCapacity(count)
    for row in 0..<count {
      let cell = cells[row &* width &+ column]
      if cell.tag == .text { texts.append(.string(text(of: cell))) }
    }
    return texts
  }
}

extension Cell {
  /// True where the cell's bytes lie in the arena.
  @inline(__always)
  fileprivate var isInArena: Bool { tag.rawValue >= Tag.text.rawValue }
}

/// The bytes of a text within an arena.
private struct Text: Equatable {
  let start: UnsafeRawPointer
  let count: Int

  @inline(__always)
  init?(_ cell: Cell, _ arena: UnsafeRawBufferPointer) {
    let range = cell.range
    guard cell.tag == .text, let base = arena.baseAddress, range.upperBound <= arena.count else {
      return nil
    }
    start = base + range.lowerBound
    count = range.count
  }

  @inline(__always)
  static func == (a: Text, b: Text) -> Bool {
    a.count == b.count && memcmp(a.start, b.start, a.count) == 0
  }

  /// A quick hash: texts of equal hash are compared.
  var hash: Int {
    var state = UInt64(count) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    while offset &+ 8 <= count {
      state ^= start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      state = (state &* 0xFF51_AFD7_ED55_8CCD) ^ (state &>> 32)
      offset &+= 8
    }
    while offset < count {
      state ^= UInt64(start.load(fromByteOffset: offset, as: UInt8.self))
      state = state &* 0xFF51_AFD7_ED55_8CCD
      offset &+= 1
    }
    return Int(truncatingIfNeeded: (state ^ state &>> 29) &>> 1)
  }
}

/// The rows of a batch by a text, in a table with open addresses.
private struct TextTable {
  private var rows: [Int32]
  private let mask: Int

  init(_ batch: RowBatch, _ column: Int, _ arena: UnsafeRawBufferPointer) {
    var size = 16
    while size < batch.count * 2 { size *= 2 }
    mask = size - 1
    rows = Array(repeating: -1, count: size)
    for row in 0..<batch.count {
      guard let text = Text(batch.cells[row &* batch.width &+ column], arena) else { continue }
      var place = text.hash & mask
      while rows[place] >= 0 { place = (place &+ 1) & mask }
      rows[place] = Int32(row)
    }
  }

  func row(
    of text: Text, _ batch: RowBatch, _ column: Int, _ arena: UnsafeRawBufferPointer
  ) -> Int {
    var place = text.hash & mask
    while rows[place] >= 0 {
      let row = Int(rows[place])
      if Text(batch.cells[row &* batch.width &+ column], arena) == text { return row }
      place = (place &+ 1) & mask
    }
    return -1
  }
}

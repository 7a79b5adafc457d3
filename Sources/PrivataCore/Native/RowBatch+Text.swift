extension RowBatch {
  /// The text of a cell, made straight from the arena; empty where the cell lies outside of it.
  @inlinable func text(of cell: Cell) -> String {
    let start = Int(truncatingIfNeeded: cell.bits)
    let count = Int(cell.extra)
    return arena.withUnsafeBytes { bytes in
      guard start >= 0, start <= bytes.count - count else { return "" }
      let text = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)])
      return String(decoding: text, as: UTF8.self)
    }
  }
}

extension RowBatch {
  /// The arena's bytes, in which cells of text and bytes have their ranges, while the body runs.
  @inlinable package func withArena<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    arena.withUnsafeBytes { body($0) }
  }
}

extension Cell {
  /// The bits of a value that the cell itself holds; of a range of the arena its start.
  @inlinable package var word: UInt64 { bits }
  /// The last four bytes of an object id; of a range of the arena its length.
  @inlinable package var rest: UInt32 { extra }
}

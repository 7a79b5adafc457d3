extension RowBatch {
  /// The text of a cell, made straight from the arena; empty where the cell lies outside of it. By way
  /// of a span, which keeps the arena without counting a reference to it.
  @inline(__always)
  @inlinable func text(of cell: Cell) -> String {
    let start = Int(truncatingIfNeeded: cell.bits)
    let count = Int(cell.extra)
    let bytes = arena.span
    guard start >= 0, start <= bytes.count - count else { return "" }
    return bytes.extracting(unchecked: start..<(start + count)).withUnsafeBytes {
      String(decoding: $0, as: UTF8.self)
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

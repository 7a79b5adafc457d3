/// One cell of a ``RowBatch``: 16 bytes, a tag and either the value itself or a range of the arena.
public struct Cell: Sendable, Hashable {
  /// What a cell holds. `missing` is a field that the record does not have, unlike `null`.
  public enum Tag: UInt8, Sendable, Hashable {
    case missing, null, bool, int32, int64, double, date, objectID
    /// A range of the arena: UTF-8, plain bytes, a BSON document, a BSON array.
    case text, bytes, document, array
    /// A range of the arena: one BSON type byte followed by the value's BSON bytes. Decimals, UUIDs
    /// and other binary subtypes, regular expressions and the rare types.
    case element
  }

  @usableFromInline var bits: UInt64
  @usableFromInline var extra: UInt32
  /// What the cell holds.
  public let tag: Tag

  @inlinable init(_ tag: Tag, bits: UInt64 = 0, extra: UInt32 = 0) {
    self.tag = tag
    self.bits = bits
    self.extra = extra
  }

  @inlinable static func range(_ tag: Tag, _ range: Range<Int>) -> Cell {
    Cell(tag, bits: UInt64(range.lowerBound), extra: UInt32(range.count))
  }

  /// The cell's range of the arena; empty for inline values.
  @inlinable var range: Range<Int> {
    switch tag {
    case .text, .bytes, .document, .array, .element: Int(bits)..<(Int(bits) + Int(extra))
    default: 0..<0
    }
  }
}

/// Where the cells of a page are and how its keys find them: plain addresses, so that reading a field
/// counts no reference.
///
/// The page keeps the arrays and the index that these point into. They are constant, and an array's
/// storage does not move while it is kept.
struct CellReader: @unchecked Sendable {
  // Safe: what it points to never changes.
  private let cells: UnsafePointer<Cell>?
  private let bytes: UnsafeRawPointer?
  private let byteCount: Int
  private let width: Int
  private let table: UnsafePointer<KeyIndex.Entry>
  private let mask: Int
  private let places: UnsafePointer<PartPlaces.Place>
  private let restColumn: Int
  /// True where a value was joined in the place of one that the cells hold.
  private let hidesCells: Bool

  init(_ rows: RowBatch, _ shape: RecordShape, hidesCells: Bool) {
    cells = rows.cells.withUnsafeBufferPointer { $0.baseAddress }
    bytes = rows.arena.withUnsafeBytes { $0.baseAddress }
    byteCount = rows.arena.count
    width = rows.width
    (table, mask) = shape.index.places
    places = UnsafePointer(shape.places.start)
    restColumn = shape.restColumn ?? -1
    self.hidesCells = hidesCells
  }

  /// The value of a key that a cell alone holds, of a type among those that are wanted; `nil` for all
  /// that takes a longer look.
  @inline(__always)
  func value(_ key: String, row: Int, _ kept: UnsafePointer<UInt16>? = nil) -> Value? {
    let position = KeyIndex.position(of: key, table, mask)
    guard position >= 0, !hidesCells, let cells else { return nil }
    let place = places[position]
    let first = row &* width
    guard place.column >= 0 else { return nil }
    if place.isKey, restColumn >= 0, cells[first &+ restColumn].tag == .bytes { return nil }
    let cell = cells[first &+ place.column]
    if let kept, kept[position] & 1 << UInt16(cell.tag.rawValue) == 0 { return nil }
    switch cell.tag {
    case .text: return .string(text(cell))
    case .objectID: return .objectID(ObjectID(high: cell.bits, low: cell.extra))
    case .int64: return .int64(Int64(bitPattern: cell.bits))
    case .int32: return .int32(Int32(truncatingIfNeeded: cell.bits))
    case .double: return .double(Double(bitPattern: cell.bits))
    case .bool: return .bool(cell.bits != 0)
    case .date: return .date(DateTime(milliseconds: Int64(bitPattern: cell.bits)))
    default: return nil
    }
  }

  @inline(__always)
  private func text(_ cell: Cell) -> String {
    let start = Int(truncatingIfNeeded: cell.bits)
    let count = Int(cell.extra)
    guard let bytes, start >= 0, start <= byteCount &- count else { return "" }
    return String(
      decoding: UnsafeRawBufferPointer(start: bytes + start, count: count), as: UTF8.self)
  }
}

/// Where the values of a shape's parts are, as plain memory.
final class PartPlaces: @unchecked Sendable {
  // Safe: written before anybody else sees it, and not after.

  /// A column or -1.
  struct Place {
    var column: Int
    var isKey: Bool
  }

  let start: UnsafeMutablePointer<Place>

  init(_ parts: [RecordShape.Part]) {
    start = .allocate(capacity: max(1, parts.count))
    for (position, part) in parts.enumerated() {
      (start + position).initialize(to: Place(column: part.column ?? -1, isKey: part.isKey))
    }
  }

  deinit { start.deallocate() }
}

/// Which cells of a page's parts are values as they are asked for: for each part a set of tags.
package final class KeptCells: @unchecked Sendable {
  // Safe: written before anybody else sees it, and not after.
  let tags: UnsafeMutablePointer<UInt16>

  init(_ sets: [[Cell.Tag]]) {
    tags = .allocate(capacity: max(1, sets.count))
    tags.initialize(repeating: 0, count: max(1, sets.count))
    for (index, set) in sets.enumerated() {
      for tag in set { tags[index] |= 1 << UInt16(tag.rawValue) }
    }
  }

  deinit { tags.deallocate() }
}

extension DocumentPage {
  /// The tags that a field's cell may have to be read as it is, for each part of the page's rows.
  package func kept(_ tags: (String) -> [Cell.Tag]) -> KeptCells {
    KeptCells(shape.parts.map { tags($0.key) })
  }

  /// The value of a key where its cell is one of those kept; `nil` for all others.
  @inline(__always)
  package func keptValue(_ key: String, row: Int, _ kept: KeptCells) -> Value? {
    reader.value(key, row: row, UnsafePointer(kept.tags))
  }
}

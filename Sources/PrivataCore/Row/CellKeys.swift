/// Numbers the different keys of rows as they come, and finds the number of a key by its cell: ids and
/// numbers are compared in place, without making values of them.
package struct CellKeys: Sendable {
  /// A key as its cell holds it.
  private struct InlineKey: Sendable, Equatable {
    var kind = Cell.Tag.missing
    var rest: UInt32 = 0
    var word: UInt64 = 0

    @inline(__always)
    init() {}

    @inline(__always)
    init?(_ cell: Cell) {
      switch cell.tag {
      case .objectID, .int64, .date, .bool: kind = cell.tag
      case .int32: kind = .int64
      default: return nil
      }
      word = cell.bits
      rest = cell.extra
    }

    @inline(__always)
    func hash(_ factor: UInt64) -> Int {
      let mixed = (word ^ (UInt64(rest) &* 0x9E37_79B9_7F4A_7C15)) &* factor
      return Int(truncatingIfNeeded: (mixed ^ (mixed >> 32)) & 0x7FFF_FFFF)
    }
  }

  /// Open addressing: the key, and its number or -1.
  private struct Slot: Sendable {
    var key = InlineKey()
    var place = -1
  }

  /// Differs from process to process, so that nobody chooses ids that meet in one place.
  private static let factor = UInt64.random(in: .min ... .max) | 1

  /// The different keys in the order in which they came.
  package private(set) var keys: [Value] = []
  private var slots = [Slot](repeating: Slot(), count: 16)
  private var inlineCount = 0
  private var placeOfValue: [Value: Int] = [:]

  package init() {}

  /// Room for that many different keys.
  package init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = [Slot](repeating: Slot(), count: size)
    keys.reserveCapacity(capacity)
  }

  /// The number of a key, which gets the next one where it is new; -1 for null.
  package mutating func add(_ cell: Cell, of rows: RowBatch) -> Int {
    if let key = InlineKey(cell) { return add(key, rows.value(of: cell) ?? .null) }
    guard let value = rows.value(of: cell), !value.isNull else { return -1 }
    if let place = placeOfValue[value] { return place }
    placeOfValue[value] = keys.count
    keys.append(value)
    return keys.count - 1
  }

  /// The number of an object id, which gets the next one where it is new.
  package mutating func add(_ id: ObjectID) -> Int {
    var key = InlineKey()
    (key.kind, key.word, key.rest) = (.objectID, id.high, id.low)
    return add(key, .objectID(id))
  }

  private mutating func add(_ key: InlineKey, _ value: @autoclosure () -> Value) -> Int {
    let place = slot(of: key)
    if slots[place].place >= 0 { return slots[place].place }
    slots[place] = Slot(key: key, place: keys.count)
    keys.append(value())
    inlineCount += 1
    let added = keys.count - 1
    if 2 * inlineCount > slots.count { grow() }
    return added
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: 2 * old.count)
    for one in old where one.place >= 0 { slots[slot(of: one.key)] = one }
  }

  /// The place that holds a key, or where it would go.
  @inline(__always)
  private func slot(of key: InlineKey) -> Int {
    let mask = slots.count &- 1
    var place = key.hash(Self.factor) & mask
    while slots[place].place >= 0, slots[place].key != key { place = (place &+ 1) & mask }
    return place
  }

  /// Appends, for each row, the number of the key in a column, -1 for one that is not known.
  package func appendPlaces(of rows: RowBatch, column: Int, to places: inout [Int]) {
    precondition(column < rows.width, "a column that the rows do not have")
    places.reserveCapacity(places.count + rows.count)
    var last = InlineKey()
    var lastPlace = -1
    for row in 0..<rows.count {
      let cell = rows.cells[row &* rows.width &+ column]
      guard let key = InlineKey(cell) else {
        places.append(rows.value(of: cell).flatMap { placeOfValue[$0] } ?? -1)
        continue
      }
      // Rows that an index led to come key by key.
      if key != last { (last, lastPlace) = (key, slots[slot(of: key)].place) }
      places.append(lastPlace)
    }
  }
}

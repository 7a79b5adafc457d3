/// Finds a key among a few by the bits of the text itself: names of up to fifteen bytes are their own
/// bits, so that most reads of a field compare two words and no bytes.
///
/// The table is plain memory, so that a read counts no reference to it.
package final class KeyIndex: @unchecked Sendable {
  // Safe: the table is written before anybody else sees it, and not after.

  struct Entry {
    var bits = KeyBits()
    var position = -1
  }

  private let names: [String]
  /// Open addressing; half of the places stay free.
  private let table: UnsafeMutablePointer<Entry>
  private let mask: Int

  package init(_ names: [String]) {
    var size = 4
    while size < 2 * names.count { size *= 2 }
    table = .allocate(capacity: size)
    table.initialize(repeating: Entry(), count: size)
    mask = size - 1
    self.names = names
    for (position, name) in names.enumerated() {
      let bits = KeyBits(name)
      var place = bits.hash & mask
      while table[place].position >= 0, table[place].bits != bits { place = (place + 1) & mask }
      if table[place].position < 0 { table[place] = Entry(bits: bits, position: position) }
    }
  }

  deinit { table.deallocate() }

  /// The position of a key, -1 for none.
  @inline(__always)
  package func position(of key: String) -> Int {
    let position = KeyIndex.position(of: key, table, mask)
    return position >= 0 ? position : slowPosition(of: key)
  }

  /// The table alone, for those who keep the index.
  var places: (table: UnsafePointer<Entry>, mask: Int) { (UnsafePointer(table), mask) }

  /// The position of a key that the table knows by its bits; -1 for none, and for a long key whose
  /// text lies elsewhere.
  @inline(__always)
  static func position(of key: String, _ table: UnsafePointer<Entry>, _ mask: Int) -> Int {
    let bits = KeyBits(key)
    var place = bits.hash & mask
    while true {
      let position = table[place].position
      if position < 0 || table[place].bits == bits { return position }
      place = (place &+ 1) & mask
    }
  }

  /// Long keys, and short ones whose text lies elsewhere, are compared by their bytes.
  @inline(never)
  private func slowPosition(of key: String) -> Int {
    let count = key.utf8.count
    for index in names.indices where names[index].utf8.count == count {
      if names[index].utf8.elementsEqual(key.utf8) { return index }
    }
    return -1
  }
}

/// The two words that a string consists of. Equal bits are equal strings as long as both live: the
/// same short text, or the same storage.
struct KeyBits: Equatable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  @inline(__always)
  init() {}

  @inline(__always)
  init(_ key: String) {
    guard MemoryLayout<String>.size == MemoryLayout<(UInt64, UInt64)>.size else { return }
    (low, high) = unsafeBitCast(key, to: (UInt64, UInt64).self)
  }

  @inline(__always)
  var hash: Int {
    let mixed = (low ^ (high &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
    return Int(truncatingIfNeeded: mixed >> 40)
  }
}

extension String {
  /// True for the same bytes.
  func isSameKey(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

internal import PrivataCore

/// A quick hash of shapes. Shapes of equal hash are compared, so it need not be strong, and costs
/// a fraction of what the standard library's does.
package struct ShapeHash {
  /// The hash so far.
  package private(set) var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  package init() {}

  @inline(__always)
  mutating func combine(_ bits: UInt64) {
    state = (state ^ bits) &* 0xFF51_AFD7_ED55_8CCD
    state ^= state >> 32
  }

  mutating func combine(_ number: Int) { combine(UInt64(bitPattern: Int64(number))) }

  mutating func combine(_ number: UInt8) { combine(UInt64(number)) }

  mutating func combine(_ flag: Bool) { combine(flag ? 1 : 2 as UInt64) }

  /// Names differ at their ends and in length; texts of the same of these are told apart by the
  /// comparison.
  mutating func combine(_ text: String) {
    let bytes = text.utf8.span
    var word = UInt64(bytes.count)
    for index in 0..<min(bytes.count, 4) {
      word = word << 8 | UInt64(bytes[index])
    }
    for index in max(0, bytes.count - 3)..<bytes.count {
      word = word << 8 ^ UInt64(bytes[index])
    }
    combine(word)
  }

  mutating func combine(_ model: ModelSchema) {
    combine(UInt64(UInt(bitPattern: ObjectIdentifier(model))))
  }

  mutating func combine(_ shape: ValueShape) { combine(UInt64(shape.rawValue)) }

  mutating func combine(_ shape: NewValueShape) {
    combine(UInt64(shape.type) << 1 | (shape.isSpecial ? 1 : 0))
  }

  mutating func combine(_ names: [String]) {
    combine(names.count)
    for name in names { combine(name) }
  }

  mutating func combine(_ comparison: Filter.Comparison) {
    switch comparison {
    case .equal: combine(1 as UInt64)
    case .notEqual: combine(2 as UInt64)
    case .less: combine(3 as UInt64)
    case .lessOrEqual: combine(4 as UInt64)
    case .greater: combine(5 as UInt64)
    case .greaterOrEqual: combine(6 as UInt64)
    }
  }

  mutating func combine(_ layout: RowLayout) { combine(layout == .cells) }

  mutating func combine(_ projection: Projection) {
    switch projection {
    case .all: combine(1 as UInt64)
    case .fields(let fields): combine(fields)
    case .document(let document): combine(document.keys)
    }
  }

  mutating func combine(_ answer: Query.Answer) {
    switch answer {
    case .rows: combine(1 as UInt64)
    case .count: combine(2 as UInt64)
    case .exists: combine(3 as UInt64)
    case .distinct(let path): combine(path)
    }
  }

  /// What is rare, by its own hash.
  mutating func combine(other value: some Hashable) { combine(value.hashValue) }
}

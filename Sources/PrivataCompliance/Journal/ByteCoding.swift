internal import PrivataCore

/// Writes integers and texts one after another.
struct ByteWriter: Sendable {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

  mutating func append(_ byte: UInt8) { bytes.append(byte) }
  mutating func append(contentsOf more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  /// Appends a number, seven bits per byte.
  mutating func append(count: Int) {
    var rest = UInt64(bitPattern: Int64(count))
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends an integer of fixed width, little-endian.
  @inline(__always)
  mutating func append<T: FixedWidthInteger & BitwiseCopyable>(fixed value: T) {
    bytes.append(littleEndian: value)
  }

  /// Appends a text behind its length.
  mutating func append(text: String) {
    append(count: text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends bytes behind their number.
  mutating func append(block: some Collection<UInt8>) {
    append(count: block.count)
    bytes.append(contentsOf: block)
  }
}

/// Reads what a ``ByteWriter`` wrote; every length is checked.
struct ByteReader: Sendable {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes)[...] }

  var isAtEnd: Bool { bytes.isEmpty }

  mutating func byte() throws(PrivataError) -> UInt8 {
    guard let byte = bytes.popFirst() else { throw Self.short }
    return byte
  }

  mutating func count() throws(PrivataError) -> Int {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 63, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 127) << UInt64(shift)
      if byte < 128 { return Int(truncatingIfNeeded: value) }
    }
    throw Self.short
  }

  mutating func fixed<T: FixedWidthInteger>(_ type: T.Type) throws(PrivataError) -> T {
    var value: T = 0
    for index in 0..<(T.bitWidth / 8) { value |= T(truncatingIfNeeded: try byte()) << T(index * 8) }
    return value
  }

  mutating func bytes(_ count: Int) throws(PrivataError) -> [UInt8] {
    guard count >= 0, count <= bytes.count else { throw Self.short }
    defer { bytes = bytes.dropFirst(count) }
    return Array(bytes.prefix(count))
  }

  mutating func block() throws(PrivataError) -> [UInt8] { try bytes(try count()) }

  mutating func text() throws(PrivataError) -> String {
    let text = try block()
    guard let valid = String(validating: text, as: UTF8.self) else { throw Self.short }
    return valid
  }

  private static var short: PrivataError {
    PrivataError(.corrupt, "a journal record ends early or holds an impossible length")
  }
}

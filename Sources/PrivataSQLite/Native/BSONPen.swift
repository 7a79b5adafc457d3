internal import PrivataCore

/// Writes the elements of one BSON document into memory that was reserved for all of them.
struct BSONPen {
  private let start: UnsafeMutableRawPointer
  private var place: UnsafeMutableRawPointer

  /// Begins a document; its length goes first, once it is known.
  @inline(__always)
  init(start: UnsafeMutableRawPointer) {
    self.start = start
    place = start + 4
  }

  /// Ends the document and answers its length.
  @inline(__always)
  mutating func finish() -> Int {
    place.storeBytes(of: 0, as: UInt8.self)
    let length = place - start + 1
    start.storeBytes(of: Int32(truncatingIfNeeded: length).littleEndian, as: Int32.self)
    return length
  }

  /// An element of a number of fixed size.
  @inline(__always)
  mutating func fixed<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: BSONType, _ key: [UInt8], _ number: Number
  ) {
    header(type.rawValue, key)
    value(number)
  }

  @inline(__always)
  mutating func value<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
    place.storeBytes(of: number.littleEndian, as: Number.self)
    place += MemoryLayout<Number>.size
  }

  /// A string.
  @inline(__always)
  mutating func text(_ key: [UInt8], _ bytes: UnsafeRawBufferPointer) {
    header(BSONType.string.rawValue, key)
    value(Int32(truncatingIfNeeded: bytes.count + 1))
    copy(bytes)
    value(0 as UInt8)
  }

  /// Bytes with a subtype.
  @inline(__always)
  mutating func binary(_ key: [UInt8], _ bytes: UnsafeRawBufferPointer, subtype: UInt8) {
    header(BSONType.binary.rawValue, key)
    value(Int32(truncatingIfNeeded: bytes.count))
    value(subtype)
    copy(bytes)
  }

  /// A value that is in BSON's form already.
  @inline(__always)
  mutating func raw(_ type: BSONType, _ key: [UInt8], _ bytes: UnsafeRawBufferPointer) {
    header(type.rawValue, key)
    copy(bytes)
  }

  /// A value with its type byte before it.
  mutating func element(_ key: [UInt8], _ bytes: UnsafeRawBufferPointer) {
    header(bytes[0], key)
    copy(UnsafeRawBufferPointer(rebasing: bytes[1...]))
  }

  /// An element with its key, out of another document.
  mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    copy(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
  }

  @inline(__always)
  private mutating func header(_ type: UInt8, _ key: [UInt8]) {
    place.storeBytes(of: type, as: UInt8.self)
    place += 1
    key.withUnsafeBytes { copy($0) }
    place.storeBytes(of: 0, as: UInt8.self)
    place += 1
  }

  @inline(__always)
  private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    place.copyMemory(from: source, byteCount: bytes.count)
    place += bytes.count
  }
}

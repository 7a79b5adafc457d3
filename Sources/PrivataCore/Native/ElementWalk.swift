// Reading BSON by address, for the loops that see every document. Every read is checked against the
// document's end first.

/// Steps over the elements of a document.
struct ElementWalk {
  let bytes: UnsafeRawBufferPointer
  let start: UnsafeRawPointer
  let end: Int
  var position = 4
  var type: UInt8 = 0
  var valueStart = 0
  var valueCount = 0

  @inline(__always)
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 5, let start = bytes.baseAddress else { return nil }
    let length = Int(Int32(littleEndian: start.loadUnaligned(as: Int32.self)))
    guard length >= 5, length <= bytes.count else { return nil }
    self.bytes = bytes
    self.start = start
    end = length - 1
  }

  var value: UnsafeRawBufferPointer.SubSequence {
    bytes[valueStart..<valueStart + valueCount]
  }

  /// The bytes of the current value; -1 where they are damaged.
  @inline(__always)
  func size() -> Int {
    switch type {
    case 0x01, 0x09, 0x11, 0x12: 8
    case 0x10: 4
    case 0x08: 1
    case 0x07: 12
    case 0x0A, 0x06, 0x7F, 0xFF: 0
    case 0x13: 16
    case 0x02: text()
    case 0x03, 0x04: nested()
    case 0x05: binary()
    default: rare()
    }
  }

  @inline(__always)
  private func int32(_ offset: Int) -> Int {
    guard offset &+ 4 <= end else { return -1 }
    return Int(Int32(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
  }

  @inline(__always)
  private func text() -> Int {
    let length = int32(valueStart)
    guard length >= 1, length <= end &- valueStart &- 4 else { return -1 }
    return isZero(valueStart &+ 3 &+ length) ? length &+ 4 : -1
  }

  @inline(__always)
  private func nested() -> Int {
    let length = int32(valueStart)
    guard length >= 5, length <= end &- valueStart else { return -1 }
    return isZero(valueStart &+ length &- 1) ? length : -1
  }

  @inline(__always)
  private func isZero(_ offset: Int) -> Bool {
    start.load(fromByteOffset: offset, as: UInt8.self) == 0
  }

  @inline(__always)
  private func binary() -> Int {
    let length = int32(valueStart)
    return length >= 0 ? length &+ 5 : -1
  }

  private func rare() -> Int {
    var element = BSONIterator(Span(_unsafeBytes: bytes))
    while element.next() {
      if element.valueRange.lowerBound == valueStart { return element.valueRange.count }
    }
    return -1
  }
}

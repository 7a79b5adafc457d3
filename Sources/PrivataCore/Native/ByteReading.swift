// Reads from a span of bytes. Every function keeps within the span's bounds; what is unsafe here is
// only the reinterpretation of plain bytes, which any bytes allow.

extension Span<UInt8> {
  /// The little-endian integer at an offset, which the caller has found to be in bounds.
  @inline(__always)
  func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    T(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
  }

  /// The offset of the first zero byte of a range, `nil` where there is none.
  @inline(__always)
  package func firstZero(in range: Range<Int>) -> Int? {
    var offset = range.lowerBound
    while offset &+ 8 <= range.upperBound {
      let word = load(UInt64.self, at: offset)
      // Sets the high bit of each zero byte; the lowest such bit is exact.
      let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      if zeros != 0 { return offset &+ zeros.trailingZeroBitCount / 8 }
      offset &+= 8
    }
    while offset < range.upperBound {
      if self[offset] == 0 { return offset }
      offset &+= 1
    }
    return nil
  }

  /// True where every byte of the range is below 128.
  @inline(__always)
  func isASCII(_ range: Range<Int>) -> Bool {
    var offset = range.lowerBound
    while offset &+ 8 <= range.upperBound {
      if load(UInt64.self, at: offset) & 0x8080_8080_8080_8080 != 0 { return false }
      offset &+= 8
    }
    while offset < range.upperBound {
      if self[offset] >= 0x80 { return false }
      offset &+= 1
    }
    return true
  }

  /// The text of a range; bytes that are no UTF-8 become U+FFFD.
  @inline(__always)
  func text(_ range: Range<Int>) -> String {
    extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }

  /// A copy of a range.
  @inline(__always)
  func copy(_ range: Range<Int>) -> [UInt8] {
    extracting(range).withUnsafeBufferPointer { [UInt8]($0) }
  }

  /// True where a range holds the same bytes as another span.
  @inline(__always)
  func equals(_ other: Span<UInt8>, at range: Range<Int>) -> Bool {
    guard range.count == other.count else { return false }
    var index = 0
    while index < other.count {
      guard self[range.lowerBound &+ index] == other[index] else { return false }
      index &+= 1
    }
    return true
  }
}

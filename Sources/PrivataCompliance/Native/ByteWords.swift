// Reads and writes integers as words. Offsets are checked by the callers; what is unsafe here is only
// the reinterpretation of plain bytes, which any bytes allow.

extension Span<UInt8> {
  /// The eight bytes at an offset in bounds, little-endian.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

extension [UInt8] {
  /// Appends an integer, little-endian.
  @inline(__always)
  mutating func append<T: FixedWidthInteger & BitwiseCopyable>(littleEndian value: T) {
    append(addingCapacity: MemoryLayout<T>.size) { (out: inout OutputSpan<UInt8>) in
      out.withUnsafeMutableBufferPointer { buffer, initialized in
        guard let start = buffer.baseAddress else { return }
        UnsafeMutableRawPointer(start).storeBytes(of: value.littleEndian, as: T.self)
        initialized = MemoryLayout<T>.size
      }
    }
  }
}

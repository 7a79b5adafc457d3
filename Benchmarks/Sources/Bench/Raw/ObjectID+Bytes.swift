import PrivataCore

extension ObjectID {
  /// The twelve bytes in memory, while the body runs.
  @inline(__always)
  func withBytes<R, E>(_ body: (UnsafePointer<UInt8>) throws(E) -> R) throws(E) -> R {
    var words = (high.bigEndian, low.bigEndian)
    return try withUnsafePointer(to: &words) { words throws(E) in
      try body(UnsafeRawPointer(words).assumingMemoryBound(to: UInt8.self))
    }
  }

  @inline(__always)
  init(reading pointer: UnsafeRawPointer) {
    self.init(
      high: UInt64(bigEndian: pointer.loadUnaligned(as: UInt64.self)),
      low: UInt32(bigEndian: pointer.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
  }
}

internal import CPostgres

/// The parameters of one execution, encoded as the wire carries them.
struct PostgresParameters: Sendable {
  private var bytes: [UInt8] = []
  private var slots: [Slot] = []

  /// Where a parameter lies in the bytes; a negative length is NULL.
  private struct Slot {
    var offset: Int32
    var length: Int32
    var isBinary: Bool
  }

  /// No parameters, with room for some.
  init(capacity: Int) {
    slots.reserveCapacity(capacity)
    bytes.reserveCapacity(capacity * 12)
  }

  var count: Int { slots.count }

  /// Appends NULL.
  mutating func appendNull() { slots.append(Slot(offset: 0, length: -1, isBinary: true)) }

  /// Appends a parameter in the binary format, which the body writes.
  @inline(__always)
  mutating func append<E: Error>(
    isBinary: Bool = true, _ write: (inout [UInt8]) throws(E) -> Void
  ) throws(E) {
    let start = bytes.count
    try write(&bytes)
    let length = bytes.count - start
    // The text format ends with a zero that does not count; the length is ignored there.
    if !isBinary { bytes.append(0) }
    slots.append(
      Slot(
        offset: Int32(truncatingIfNeeded: start), length: Int32(truncatingIfNeeded: length),
        isBinary: isBinary))
  }

  /// True where the parameters exceed what one message can carry.
  var isTooLarge: Bool { bytes.count > Int(Int32.max) - 1024 || slots.count > 65535 }

  /// Lends the three arrays that libpq takes.
  func withPointers<R>(
    _ body: (
      UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> R
  ) -> R {
    guard !slots.isEmpty else { return body(nil, nil, nil) }
    return bytes.withUnsafeBytes { bytes in
      withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: count * 2) { numbers in
          fill(values, numbers, from: bytes)
          return body(
            UnsafePointer(values.baseAddress), UnsafePointer(numbers.baseAddress),
            numbers.baseAddress.map { UnsafePointer($0 + count) })
        }
      }
    }
  }

  private func fill(
    _ values: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>,
    _ numbers: UnsafeMutableBufferPointer<Int32>, from bytes: UnsafeRawBufferPointer
  ) {
    // An empty value still needs an address, or libpq would send NULL.
    let base = bytes.baseAddress ?? UnsafeRawPointer(values.baseAddress!)
    for (index, slot) in slots.enumerated() {
      let start = slot.length < 0 ? nil : base + Int(slot.offset)
      values.initializeElement(
        at: index, to: start?.assumingMemoryBound(to: CChar.self))
      numbers.initializeElement(at: index, to: max(slot.length, 0))
      numbers.initializeElement(at: count + index, to: slot.isBinary ? 1 : 0)
    }
  }
}

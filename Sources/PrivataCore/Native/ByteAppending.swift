// Appends whole BSON elements to an array of bytes, each with one check of its capacity.

extension [UInt8] {
  /// Appends exactly `count` bytes, which the body writes from the start of the given memory.
  @inline(__always)
  private mutating func grow(by count: Int, _ body: (UnsafeMutableRawPointer) -> Void) {
    append(addingCapacity: count) { (out: inout OutputSpan<UInt8>) in
      out.withUnsafeMutableBufferPointer { buffer, initialized in
        guard let start = buffer.baseAddress else { return }
        body(UnsafeMutableRawPointer(start))
        initialized = count
      }
    }
  }

  /// Appends the bytes of a span.
  @inline(__always)
  mutating func append(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBufferPointer { source in
      grow(by: source.count) { $0.copy(source) }
    }
  }

  /// Appends a type, a key and its terminator.
  @inline(__always)
  mutating func append(type: BSONType, key: Span<UInt8>) {
    key.withUnsafeBufferPointer { key in
      grow(by: key.count &+ 2) { $0.header(type, key) }
    }
  }

  /// Appends a type, a key and a little-endian integer.
  @inline(__always)
  mutating func append<T: FixedWidthInteger & BitwiseCopyable>(
    type: BSONType, key: Span<UInt8>, value: T
  ) {
    key.withUnsafeBufferPointer { key in
      grow(by: key.count &+ 2 &+ MemoryLayout<T>.size) { memory in
        memory.header(type, key)
        memory.storeBytes(of: value.littleEndian, toByteOffset: key.count &+ 2, as: T.self)
      }
    }
  }

  /// Appends a type, a key and two little-endian integers.
  @inline(__always)
  mutating func append<T, U>(type: BSONType, key: Span<UInt8>, values first: T, _ second: U)
  where T: FixedWidthInteger & BitwiseCopyable, U: FixedWidthInteger & BitwiseCopyable {
    key.withUnsafeBufferPointer { key in
      let size = MemoryLayout<T>.size &+ MemoryLayout<U>.size
      grow(by: key.count &+ 2 &+ size) { memory in
        memory.header(type, key)
        let body = memory + (key.count &+ 2)
        body.storeBytes(of: first.littleEndian, as: T.self)
        body.storeBytes(of: second.littleEndian, toByteOffset: MemoryLayout<T>.size, as: U.self)
      }
    }
  }

  /// Appends a type, a key and a text with its length before and its terminator after.
  @inline(__always)
  mutating func append(type: BSONType, key: Span<UInt8>, text: Span<UInt8>) {
    key.withUnsafeBufferPointer { key in
      text.withUnsafeBufferPointer { text in
        grow(by: key.count &+ text.count &+ 7) { memory in
          memory.header(type, key)
          let body = memory + (key.count &+ 2)
          let length = Int32(truncatingIfNeeded: text.count &+ 1)
          body.storeBytes(of: length.littleEndian, as: Int32.self)
          (body + 4).copy(text)
          body.storeBytes(of: 0, toByteOffset: text.count &+ 4, as: UInt8.self)
        }
      }
    }
  }

  /// Appends a little-endian integer.
  @inline(__always)
  mutating func append<T: FixedWidthInteger & BitwiseCopyable>(value: T) {
    grow(by: MemoryLayout<T>.size) { $0.storeBytes(of: value.littleEndian, as: T.self) }
  }
}

extension UnsafeMutableRawPointer {
  @inline(__always)
  fileprivate func header(_ type: BSONType, _ key: UnsafeBufferPointer<UInt8>) {
    storeBytes(of: type.rawValue, as: UInt8.self)
    (self + 1).copy(key)
    storeBytes(of: 0, toByteOffset: key.count &+ 1, as: UInt8.self)
  }

  @inline(__always)
  fileprivate func copy(_ source: UnsafeBufferPointer<UInt8>) {
    guard let start = source.baseAddress else { return }
    copyMemory(from: start, byteCount: source.count)
  }
}

extension [UInt8] {
  /// Overwrites four bytes at an offset, which must be in bounds.
  @inline(__always)
  mutating func store(_ value: Int32, at offset: Int) {
    withUnsafeMutableBytes {
      $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Int32.self)
    }
  }
}

/// The checksum CRC-32C (Castagnoli), eight bytes at a time.
///
/// ```swift
/// CRC32C.of(Array("123456789".utf8).span)   // 0xE3069283
/// ```
///
/// Source: RFC 3720, appendix B.4.
enum CRC32C {
  /// The checksum of bytes.
  static func of(_ bytes: Span<UInt8>) -> UInt32 { finish(update(start, bytes)) }

  /// The state before the first byte.
  static let start: UInt32 = 0xFFFF_FFFF

  /// The checksum that a state stands for.
  static func finish(_ state: UInt32) -> UInt32 { ~state }

  /// The state after more bytes.
  static func update(_ state: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
    bytes.withUnsafeBufferPointer { source in
      tables.withUnsafeBufferPointer { tables in
        guard let start = source.baseAddress, let table = tables.baseAddress else { return state }
        return run(state, UnsafeRawPointer(start), source.count, table)
      }
    }
  }

  private static func run(
    _ state: UInt32, _ bytes: UnsafeRawPointer, _ count: Int, _ table: UnsafePointer<UInt32>
  ) -> UInt32 {
    var crc = state
    var offset = 0
    while offset &+ 8 <= count {
      let word = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let low = UInt32(truncatingIfNeeded: word) ^ crc
      let high = UInt32(truncatingIfNeeded: word &>> 32)
      crc = table[Int(low & 0xFF) &+ 1792] ^ table[Int(low &>> 8 & 0xFF) &+ 1536]
      crc ^= table[Int(low &>> 16 & 0xFF) &+ 1280] ^ table[Int(low &>> 24) &+ 1024]
      crc ^= table[Int(high & 0xFF) &+ 768] ^ table[Int(high &>> 8 & 0xFF) &+ 512]
      crc ^= table[Int(high &>> 16 & 0xFF) &+ 256] ^ table[Int(high &>> 24)]
      offset &+= 8
    }
    while offset < count {
      let byte = bytes.load(fromByteOffset: offset, as: UInt8.self)
      crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc &>> 8
      offset &+= 1
    }
    return crc
  }

  // Table k holds the checksum of a byte followed by k zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 2048)
    for index in 0..<256 {
      var crc = UInt32(index)
      for _ in 0..<8 { crc = crc & 1 == 1 ? 0x82F6_3B78 ^ crc >> 1 : crc >> 1 }
      tables[index] = crc
    }
    for index in 256..<2048 {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
    }
    return tables
  }()
}

internal import Synchronization

/// MongoDB's 12-byte identifier: 4 bytes of seconds since 1970, 5 random bytes of the process, and
/// a 3-byte counter.
///
/// ```swift
/// let id = ObjectID()                              // new
/// let same = ObjectID("60a000000000000000000001")  // from 24 hexadecimal digits, or nil
/// ```
///
/// Source: the BSON specification, "ObjectId".
public struct ObjectID: Sendable, Hashable, Comparable {
  /// Bytes 0 to 7, big-endian.
  public let high: UInt64
  /// Bytes 8 to 11, big-endian.
  public let low: UInt32

  /// The id of these 12 bytes, as two big-endian integers.
  public init(high: UInt64, low: UInt32) {
    self.high = high
    self.low = low
  }

  /// A new id, unique in this process and, but for chance, everywhere.
  public init() {
    let seconds = UInt32(truncatingIfNeeded: DateTime.now.milliseconds / 1000)
    let count = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue & 0x00FF_FFFF
    let process = Self.process
    high = UInt64(seconds) << 32 | process >> 8
    low = UInt32(truncatingIfNeeded: process & 0xFF) << 24 | UInt32(truncatingIfNeeded: count)
  }

  /// The id written as 24 hexadecimal digits; `nil` for any other text.
  public init?(_ text: some StringProtocol) {
    var high: UInt64 = 0
    var low: UInt32 = 0
    var digits = 0
    for byte in text.utf8 {
      guard let nibble = Self.nibble(byte), digits < 24 else { return nil }
      if digits < 16 { high = high << 4 | UInt64(nibble) } else { low = low << 4 | UInt32(nibble) }
      digits += 1
    }
    guard digits == 24 else { return nil }
    self.init(high: high, low: low)
  }

  /// The id of exactly 12 bytes; `nil` for any other count.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 12 else { return nil }
    var high: UInt64 = 0
    var low: UInt32 = 0
    for (index, byte) in bytes.enumerated() {
      if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt32(byte) }
    }
    self.init(high: high, low: low)
  }

  /// The 12 bytes in order.
  public var bytes: [UInt8] {
    (0..<12).map { index in
      index < 8
        ? UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64(index)))
        : UInt8(truncatingIfNeeded: low >> (24 - 8 * UInt32(index - 8)))
    }
  }

  /// The moment at which the id was made, to the second.
  public var createdAt: DateTime { DateTime(milliseconds: Int64(high >> 32) * 1000) }

  public static func < (a: ObjectID, b: ObjectID) -> Bool {
    a.high == b.high ? a.low < b.low : a.high < b.high
  }

  private static let counter = Atomic<UInt64>(UInt64.random(in: 0..<0x00FF_FFFF))
  private static let process = UInt64.random(in: 0..<(1 << 40))

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}

extension ObjectID: CustomStringConvertible {
  /// The 24 lower-case hexadecimal digits.
  public var description: String {
    let digits: [UInt8] = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(24)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

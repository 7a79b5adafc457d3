/// Bytes with BSON's subtype: 0 for plain bytes, 4 for a UUID.
public struct Binary: Sendable, Hashable {
  /// BSON's subtype.
  public var subtype: UInt8
  /// The bytes themselves.
  public var bytes: [UInt8]

  /// Bytes of a subtype.
  public init(_ bytes: [UInt8], subtype: UInt8 = 0) {
    self.subtype = subtype
    self.bytes = bytes
  }
}

/// A regular expression as BSON stores it: pattern and options, unparsed.
public struct RegularExpression: Sendable, Hashable {
  /// The expression between the slashes.
  public var pattern: String
  /// Letters out of `i`, `l`, `m`, `s`, `u`, `x`, sorted.
  public var options: String

  /// A pattern with its options, which are sorted as BSON asks.
  public init(_ pattern: String, options: String = "") {
    self.pattern = pattern
    self.options = String(options.sorted())
  }
}

/// MongoDB's internal timestamp: seconds and an increment within the second.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Seconds since 1970.
  public var seconds: UInt32
  /// The number of the operation within the second.
  public var increment: UInt32

  /// The timestamp of these seconds since 1970 and this increment.
  public init(seconds: UInt32, increment: UInt32) {
    self.seconds = seconds
    self.increment = increment
  }

  public static func < (a: Timestamp, b: Timestamp) -> Bool {
    (a.seconds, a.increment) < (b.seconds, b.increment)
  }
}

/// IEEE 754 decimal128 in BSON's binary integer form, kept bit by bit: `1.0` and `1.00` differ.
public struct Decimal128: Sendable, Hashable {
  /// The upper 64 bits: sign, exponent and the start of the digits.
  public var high: UInt64
  /// The lower 64 bits of the digits.
  public var low: UInt64

  /// The value of these 128 bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

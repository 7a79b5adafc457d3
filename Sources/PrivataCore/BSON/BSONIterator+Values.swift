// Raw values of the current element. Each is meant for elements of its own type: ask ``type`` first.

extension BSONIterator {
  /// The key's bytes, without terminator.
  package var key: Span<UInt8> {
    @_lifetime(copy self) get { bytes.extracting(keyRange) }
  }

  /// The key as a string.
  package var keyText: String { bytes.text(keyRange) }

  /// True where the key has these bytes.
  package func keyEquals(_ key: Span<UInt8>) -> Bool { bytes.equals(key, at: keyRange) }

  /// The value of an `int32`.
  package var int32: Int32 { bytes.load(Int32.self, at: valueRange.lowerBound) }

  /// The value of an `int64`, a `date` (milliseconds) or a `timestamp` (both parts).
  package var int64: Int64 { bytes.load(Int64.self, at: valueRange.lowerBound) }

  /// The value of a `double`.
  package var double: Double {
    Double(bitPattern: bytes.load(UInt64.self, at: valueRange.lowerBound))
  }

  /// The value of a `bool`.
  package var bool: Bool { bytes[valueRange.lowerBound] != 0 }

  /// Where the bytes of a `string`, `symbol` or `code` are, without length and terminator.
  package var textRange: Range<Int> {
    valueRange.lowerBound &+ 4..<valueRange.upperBound &- 1
  }

  /// The bytes of a `string`, `symbol` or `code`, without length and terminator.
  package var text: Span<UInt8> {
    @_lifetime(copy self) get { bytes.extracting(textRange) }
  }

  /// The value of a `string`, `symbol` or `code`.
  package var string: String { bytes.text(textRange) }

  /// The value of an `objectID`.
  package var objectID: ObjectID { Self.objectID(in: bytes, at: valueRange.lowerBound) }

  /// The value of a `decimal`.
  package var decimal: Decimal128 {
    Decimal128(
      high: bytes.load(UInt64.self, at: valueRange.lowerBound &+ 8),
      low: bytes.load(UInt64.self, at: valueRange.lowerBound))
  }

  /// The subtype of a `binary`.
  package var binarySubtype: UInt8 { bytes[valueRange.lowerBound &+ 4] }

  /// Where the bytes of a `binary` are, without length and subtype, and for the deprecated subtype 2
  /// without the second length.
  package var binaryRange: Range<Int> {
    let start = valueRange.lowerBound &+ 5
    let inner = binarySubtype == 2 && valueRange.upperBound &- start >= 4
    return (inner ? start &+ 4 : start)..<valueRange.upperBound
  }

  /// The bytes of a `document` or `array`, from its length on.
  package var nested: Span<UInt8> {
    @_lifetime(copy self) get { bytes.extracting(valueRange) }
  }

  static func objectID(in bytes: Span<UInt8>, at offset: Int) -> ObjectID {
    ObjectID(
      high: bytes.load(UInt64.self, at: offset).byteSwapped,
      low: bytes.load(UInt32.self, at: offset &+ 8).byteSwapped)
  }
}

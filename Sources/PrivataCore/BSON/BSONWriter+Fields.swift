// One element at a time, under a key given as bytes.

extension BSONWriter {
  /// Appends an `int32`.
  package mutating func append(_ key: Span<UInt8>, int32 value: Int32) {
    field(.int32, key, value)
  }

  /// Appends an `int64`.
  package mutating func append(_ key: Span<UInt8>, int64 value: Int64) {
    field(.int64, key, value)
  }

  /// Appends an integer in 32 bits where they hold it, else in 64.
  package mutating func append(_ key: Span<UInt8>, int value: Int) {
    if let small = Int32(exactly: value) {
      append(key, int32: small)
    } else {
      append(key, int64: Int64(value))
    }
  }

  /// Appends a `double`.
  package mutating func append(_ key: Span<UInt8>, double value: Double) {
    field(.double, key, value.bitPattern)
  }

  /// Appends a `bool`.
  package mutating func append(_ key: Span<UInt8>, bool value: Bool) {
    field(.bool, key, value ? 1 : 0 as UInt8)
  }

  /// Appends a `date`.
  package mutating func append(_ key: Span<UInt8>, date value: DateTime) {
    field(.date, key, value.milliseconds)
  }

  /// Appends a `null`.
  package mutating func appendNull(_ key: Span<UInt8>) { header(.null, key) }

  /// Appends a `string` of UTF-8 bytes that the caller knows to be valid.
  package mutating func append(_ key: Span<UInt8>, string value: Span<UInt8>) {
    field(.string, key, text: value)
  }

  /// Appends a `string`.
  package mutating func append(_ key: Span<UInt8>, string value: String) {
    field(.string, key, text: value.utf8.span)
  }

  /// Appends an `objectID`.
  package mutating func append(_ key: Span<UInt8>, objectID value: ObjectID) {
    field(.objectID, key, value.high.byteSwapped, value.low.byteSwapped)
  }

  /// Appends a `decimal`.
  package mutating func append(_ key: Span<UInt8>, decimal value: Decimal128) {
    field(.decimal, key, value.low, value.high)
  }

  /// Appends a `timestamp`.
  package mutating func append(_ key: Span<UInt8>, timestamp value: Timestamp) {
    let bits = UInt64(value.seconds) << 32 | UInt64(value.increment)
    field(.timestamp, key, bits)
  }

  /// Appends a `binary` of a subtype.
  package mutating func append(_ key: Span<UInt8>, binary value: Span<UInt8>, subtype: UInt8 = 0) {
    let value = fitting(value)
    let old = subtype == 2
    let count = value.count + (old ? 4 : 0)
    field(.binary, key, Int32(truncatingIfNeeded: count))
    bytes.append(subtype)
    if old { bytes.append(value: Int32(truncatingIfNeeded: value.count)) }
    bytes.append(value)
  }

  /// Appends a `document` whose BSON is already there, as it is.
  package mutating func append(_ key: Span<UInt8>, document value: Span<UInt8>) {
    header(.document, key)
    append(documentBytes: value)
  }

  /// Appends a document by itself whose BSON is already there, as it is.
  package mutating func append(documentBytes value: Span<UInt8>) {
    let length = BSONIterator.documentLength(in: value, at: 0, limit: value.count)
    guard length == value.count else {
      fail(.damagedDocument)
      return end(beginDocument())
    }
    bytes.append(value)
  }

  /// Appends a text with its length and terminator, without a key.
  mutating func append(text: Span<UInt8>) {
    let text = fitting(text)
    bytes.append(value: Int32(truncatingIfNeeded: text.count + 1))
    bytes.append(text)
    bytes.append(0)
  }
}

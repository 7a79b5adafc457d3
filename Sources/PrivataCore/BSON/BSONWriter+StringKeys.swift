// The same elements under a key given as a string, which costs no allocation either.

extension BSONWriter {
  /// Opens a document inside another.
  package mutating func beginDocument(_ key: String) -> Mark { beginDocument(key.utf8.span) }

  /// Opens an array inside a document.
  package mutating func beginArray(_ key: String) -> Mark { beginArray(key.utf8.span) }

  /// Appends an `int32`.
  package mutating func append(_ key: String, int32 value: Int32) {
    append(key.utf8.span, int32: value)
  }

  /// Appends an `int64`.
  package mutating func append(_ key: String, int64 value: Int64) {
    append(key.utf8.span, int64: value)
  }

  /// Appends an integer in 32 bits where they hold it, else in 64.
  package mutating func append(_ key: String, int value: Int) { append(key.utf8.span, int: value) }

  /// Appends a `double`.
  package mutating func append(_ key: String, double value: Double) {
    append(key.utf8.span, double: value)
  }

  /// Appends a `bool`.
  package mutating func append(_ key: String, bool value: Bool) {
    append(key.utf8.span, bool: value)
  }

  /// Appends a `date`.
  package mutating func append(_ key: String, date value: DateTime) {
    append(key.utf8.span, date: value)
  }

  /// Appends a `null`.
  package mutating func appendNull(_ key: String) { appendNull(key.utf8.span) }

  /// Appends a `string`.
  package mutating func append(_ key: String, string value: String) {
    append(key.utf8.span, string: value.utf8.span)
  }

  /// Appends a `string` of UTF-8 bytes that the caller knows to be valid.
  package mutating func append(_ key: String, string value: Span<UInt8>) {
    append(key.utf8.span, string: value)
  }

  /// Appends an `objectID`.
  package mutating func append(_ key: String, objectID value: ObjectID) {
    append(key.utf8.span, objectID: value)
  }

  /// Appends a `decimal`.
  package mutating func append(_ key: String, decimal value: Decimal128) {
    append(key.utf8.span, decimal: value)
  }

  /// Appends a `binary` of a subtype.
  package mutating func append(_ key: String, binary value: Span<UInt8>, subtype: UInt8 = 0) {
    append(key.utf8.span, binary: value, subtype: subtype)
  }

  /// Appends any value.
  package mutating func append(_ key: String, _ value: Value) { append(key.utf8.span, value) }
}

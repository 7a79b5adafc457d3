extension Document {
  /// The document of these BSON bytes, which are checked as a whole and then kept as they are.
  ///
  /// ```swift
  /// let document = try Document(bson: bytes[...])
  /// document["name"]
  /// ```
  ///
  /// - Throws: `malformed`, with the offset of the damage, where a length, a terminator, a type or
  ///   a text's UTF-8 is wrong, where bytes are left over, or where more than 100 levels are nested.
  public init(bson bytes: ArraySlice<UInt8>) throws(PrivataError) {
    try BSONValidator.check(bytes.span)
    storage = .bytes(bytes)
  }

  /// The document of these BSON bytes, which are checked as a whole and then kept as they are.
  ///
  /// - Throws: as ``init(bson:)-(ArraySlice<UInt8>)``.
  public init(bson bytes: [UInt8]) throws(PrivataError) { try self.init(bson: bytes[...]) }

  /// The document of bytes that a driver vouches for. Damaged ones do not trap: the document ends
  /// where the damage begins.
  package init(validated bytes: ArraySlice<UInt8>) { storage = .bytes(bytes) }

  /// The document as BSON. One that still has its bytes answers them.
  ///
  /// The answer is well-formed whatever the document holds. What BSON cannot express is replaced: a
  /// zero byte in a key or a regular expression by the substitute character U+001A, what nests more
  /// than 100 levels deep by null, and damaged bytes of a driver by an empty document. Where a
  /// replacement would be a wrong write, ask ``encoded()``, which throws instead.
  public var bson: [UInt8] {
    var writer = BSONWriter(capacity: 128)
    writer.append(document: self)
    return writer.bytes
  }

  /// The document as BSON, exact or not at all.
  ///
  /// - Throws: `badArgument` where a key or a regular expression holds a zero byte, which BSON
  ///   cannot express, or where documents nest more than 100 levels deep or exceed 2 GiB.
  public func encoded() throws(PrivataError) -> [UInt8] {
    var writer = BSONWriter(capacity: 128)
    writer.append(document: self)
    return try writer.finish()
  }

  /// Appends the document as BSON to bytes that may hold others before it. After an error the bytes
  /// are as before.
  ///
  /// - Throws: as ``encoded()``.
  public func append(bsonTo bytes: inout [UInt8]) throws(PrivataError) {
    let count = bytes.count
    var writer = BSONWriter(appendingTo: bytes.take())
    writer.append(document: self)
    bytes = writer.bytes
    if let problem = writer.problem {
      bytes.removeLast(bytes.count - count)
      throw problem.error
    }
  }

  /// The bytes that the document still has from its source, `nil` for one made of elements.
  package var sourceBytes: ArraySlice<UInt8>? {
    if case .bytes(let bytes) = storage { bytes } else { nil }
  }
}

extension [UInt8] {
  /// Answers the array and leaves an empty one, so that the array keeps its one owner.
  mutating func take() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&self, &taken)
    return taken
  }
}

/// Writes BSON documents one after another into one array of bytes, without a value in between:
/// for drivers that turn columns into documents.
///
/// ```swift
/// var writer = BSONWriter(capacity: 4096)
/// let row = writer.beginDocument()
/// writer.append("name", string: cell)        // cell: Span<UInt8> or String
/// writer.append("age", int32: 36)
/// writer.end(row)
/// let bytes = try writer.finish()
/// ```
///
/// Appending never throws and what it writes is well-formed: what BSON cannot express is replaced as
/// ``Document/bson`` describes, remembered in ``problem``, and thrown by ``finish()``.
package struct BSONWriter: Sendable {
  /// What has been written.
  package var bytes: [UInt8]
  /// The first thing that BSON could not express.
  package private(set) var problem: BSONProblem?

  /// The place of an open document or array, to be handed to ``end(_:)``.
  package struct Mark: Sendable {
    let offset: Int
  }

  /// A writer with room for so many bytes.
  package init(capacity: Int = 256) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// A writer that goes on behind what an array already holds.
  package init(appendingTo bytes: consuming [UInt8]) { self.bytes = bytes }

  /// Opens a document that stands by itself.
  package mutating func beginDocument() -> Mark {
    let mark = Mark(offset: bytes.count)
    bytes.append(value: Int32(0))
    return mark
  }

  /// Opens a document inside another.
  package mutating func beginDocument(_ key: Span<UInt8>) -> Mark {
    header(.document, key)
    return beginDocument()
  }

  /// Opens an array; its elements take the keys that ``BSONIndexKey`` writes.
  package mutating func beginArray(_ key: Span<UInt8>) -> Mark {
    header(.array, key)
    return beginDocument()
  }

  /// Closes the document or array that a mark stands for.
  package mutating func end(_ mark: Mark) {
    bytes.append(0)
    patchLength(at: mark.offset)
  }

  /// Everything written.
  ///
  /// - Throws: `badArgument` for a zero byte in a key or a regular expression, for more than 100
  ///   nested levels, or for a document of more than 2 GiB.
  package consuming func finish() throws(PrivataError) -> [UInt8] {
    if let problem { throw problem.error }
    return bytes
  }

  /// Writes at an offset how many bytes have followed from there.
  mutating func patchLength(at offset: Int) {
    let length = bytes.count - offset
    if length > Int(Int32.max) { fail(.size) }
    bytes.store(Int32(truncatingIfNeeded: length), at: offset)
  }

  mutating func fail(_ problem: BSONProblem) {
    if self.problem == nil { self.problem = problem }
  }

  /// A type and a key.
  mutating func header(_ type: BSONType, _ key: Span<UInt8>) {
    let start = bytes.count
    bytes.append(type: type, key: key)
    checkZero(key, at: start + 1)
  }

  /// A type, a key and an integer.
  @inline(__always)
  mutating func field<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: BSONType, _ key: Span<UInt8>, _ value: T
  ) {
    let start = bytes.count
    bytes.append(type: type, key: key, value: value)
    checkZero(key, at: start + 1)
  }

  /// A type, a key and two integers.
  @inline(__always)
  mutating func field<T, U>(_ type: BSONType, _ key: Span<UInt8>, _ first: T, _ second: U)
  where T: FixedWidthInteger & BitwiseCopyable, U: FixedWidthInteger & BitwiseCopyable {
    let start = bytes.count
    bytes.append(type: type, key: key, values: first, second)
    checkZero(key, at: start + 1)
  }

  /// A type, a key and a text.
  mutating func field(_ type: BSONType, _ key: Span<UInt8>, text: Span<UInt8>) {
    let start = bytes.count
    bytes.append(type: type, key: key, text: fitting(text))
    checkZero(key, at: start + 1)
  }

  /// The text, or an empty one where its length does not fit its 32 bits.
  @_lifetime(copy text)
  mutating func fitting(_ text: Span<UInt8>) -> Span<UInt8> {
    guard text.count >= Int(Int32.max) - 4 else { return text }
    fail(.size)
    return text.extracting(first: 0)
  }

  /// A text that ends at its first zero byte, and so may hold none.
  mutating func append(cString text: Span<UInt8>) {
    let start = bytes.count
    bytes.append(text)
    bytes.append(0)
    checkZero(text, at: start)
  }

  // A zero byte would end the text early and let what follows be read as elements.
  @inline(__always)
  private mutating func checkZero(_ text: Span<UInt8>, at offset: Int) {
    if text.firstZero(in: 0..<text.count) != nil { substituteZeros(offset..<offset + text.count) }
  }

  private mutating func substituteZeros(_ range: Range<Int>) {
    fail(.zeroByte)
    for index in range where bytes[index] == 0 { bytes[index] = 0x1A }
  }
}

/// What BSON cannot express.
package enum BSONProblem: UInt8, Sendable {
  case zeroByte, depth, size, damagedDocument

  /// The problem as an error; it names no key, because keys of maps can be personal data.
  package var error: PrivataError {
    switch self {
    case .zeroByte:
      PrivataError(.badArgument, "a key or regular expression holds a zero byte, BSON cannot")
    case .depth:
      PrivataError(.badArgument, "documents nest more than \(bsonNestingLimit) levels deep")
    case .size: PrivataError(.badArgument, "a BSON document or text exceeds 2 GiB")
    case .damagedDocument: PrivataError(.corrupt, "the bytes of a BSON document are damaged")
    }
  }
}

/// Checks a whole BSON document: lengths, terminators, types, UTF-8, and how deep it nests.
enum BSONValidator {
  /// Checks the bytes of one document, no more and no less.
  ///
  /// - Throws: `malformed` with the offset of the first damage.
  static func check(_ bytes: Span<UInt8>) throws(PrivataError) {
    try check(bytes, base: 0, depth: 0)
  }

  private static func check(
    _ bytes: Span<UInt8>, base: Int, depth: Int
  ) throws(PrivataError) {
    guard depth <= bsonNestingLimit else {
      throw malformed("nested more than \(bsonNestingLimit) levels deep", at: base)
    }
    let length = BSONIterator.documentLength(in: bytes, at: 0, limit: bytes.count)
    guard length == bytes.count else {
      throw malformed("the document's length or terminator is wrong", at: base)
    }
    var element = BSONIterator(bytes)
    while element.next() {
      try checkUTF8(element.keyRange, of: bytes, base: base)
      try check(element, base: base, depth: depth)
    }
    if let damage = element.damage {
      throw malformed(damage.explanation, at: base + element.offset)
    }
  }

  private static func check(
    _ element: borrowing BSONIterator, base: Int, depth: Int
  ) throws(PrivataError) {
    let range = element.valueRange
    switch element.type {
    case .string, .code, .symbol:
      try checkUTF8(element.textRange, of: element.bytes, base: base)
    case .regex:
      try checkUTF8(range, of: element.bytes, base: base)
    case .dbPointer:
      let text = range.lowerBound + 4..<range.upperBound - 13
      try checkUTF8(text, of: element.bytes, base: base)
    case .document, .array:
      try check(element.nested, base: base + range.lowerBound, depth: depth + 1)
    case .bool where element.bytes[range.lowerBound] > 1:
      throw malformed("a Boolean is neither 0 nor 1", at: base + range.lowerBound)
    case .binary where element.binarySubtype == 2:
      try checkOldBinary(element, base: base)
    case .codeWithScope:
      try checkScope(element, base: base, depth: depth)
    default: break
    }
  }

  private static func checkUTF8(
    _ range: Range<Int>, of bytes: Span<UInt8>, base: Int
  ) throws(PrivataError) {
    if bytes.isASCII(range) { return }
    do {
      _ = try UTF8Span(validating: bytes.extracting(range))
    } catch {
      throw malformed("a text is no UTF-8", at: base + range.lowerBound)
    }
  }

  private static func checkOldBinary(
    _ element: borrowing BSONIterator, base: Int
  ) throws(PrivataError) {
    let start = element.valueRange.lowerBound + 5
    let count = element.valueRange.upperBound - start
    guard count >= 4, Int(element.bytes.load(Int32.self, at: start)) == count - 4 else {
      throw malformed("the inner length of a binary of subtype 2 is wrong", at: base + start)
    }
  }

  private static func checkScope(
    _ element: borrowing BSONIterator, base: Int, depth: Int
  ) throws(PrivataError) {
    let range = element.valueRange
    let start = range.lowerBound + 4
    let size = BSONIterator.textSize(in: element.bytes, at: start, limit: range.upperBound)
    guard let size else {
      throw malformed("the text of a code with scope is damaged", at: base + start)
    }
    try checkUTF8(start + 4..<start + size - 1, of: element.bytes, base: base)
    let scope = element.bytes.extracting(start + size..<range.upperBound)
    try check(scope, base: base + start + size, depth: depth + 1)
  }

  private static func malformed(_ what: String, at offset: Int) -> PrivataError {
    PrivataError(.malformed, "BSON is damaged at byte \(offset): \(what)")
  }
}

extension BSONDamage {
  fileprivate var explanation: String {
    switch self {
    case .length: "a value is longer than its document"
    case .type: "there is no such type"
    case .key: "a key has no end"
    case .value: "a length or a terminator of a value is wrong"
    }
  }
}

/// Turns BSON bytes into values. Nested documents stay slices of the same bytes; arrays are decoded
/// at once.
///
/// The functions for validated bytes trust nothing all the same: what is damaged ends the document
/// there, and no input traps.
package enum BSONReader {
  /// The values of an array's bytes.
  package static func array(ofValidated bytes: ArraySlice<UInt8>) -> [Value] {
    values(in: BSONIterator(bytes.span), sharing: bytes, depth: 0)
  }

  /// The value of one type byte and the value's bytes, as ``BSONWriter/append(element:to:)`` writes
  /// them; null where they are damaged.
  package static func value(ofElement bytes: ArraySlice<UInt8>) -> Value {
    let element = BSONIterator(keyless: bytes.span)
    return element.damage == nil ? value(of: element, sharing: bytes, depth: 0) : .null
  }

  /// The number of elements, without decoding one.
  package static func count(ofValidated bytes: ArraySlice<UInt8>) -> Int {
    var count = 0
    var element = BSONIterator(bytes.span)
    while element.next() { count += 1 }
    return count
  }

  /// The keys in order, without decoding a value.
  package static func keys(ofValidated bytes: ArraySlice<UInt8>) -> [String] {
    var keys: [String] = []
    var element = BSONIterator(bytes.span)
    while element.next() { keys.append(element.keyText) }
    return keys
  }
}

extension BSONIterator {
  /// The current value; a nested document gets a copy of its bytes.
  package func value() -> Value { BSONReader.value(of: self, sharing: nil, depth: 0) }
}

// MARK: - One value

extension BSONReader {
  /// The current value of an iterator. `backing` is the slice that the iterator's bytes are, which
  /// nested documents share, or `nil` to copy.
  static func value(
    of element: borrowing BSONIterator, sharing backing: ArraySlice<UInt8>?, depth: Int
  ) -> Value {
    switch element.type {
    case .double: .double(element.double)
    case .string: .string(element.string)
    case .document: .document(document(element.valueRange, of: element.bytes, backing))
    case .array: .array(array(of: element, sharing: backing, depth: depth + 1))
    case .binary:
      .binary(Binary(element.bytes.copy(element.binaryRange), subtype: element.binarySubtype))
    case .undefined: .undefined
    case .objectID: .objectID(element.objectID)
    case .bool: .bool(element.bool)
    case .date: .date(DateTime(milliseconds: element.int64))
    case .null: .null
    case .regex: regex(of: element)
    case .dbPointer: dbPointer(of: element)
    case .code: .code(element.string, scope: nil)
    case .symbol: .symbol(element.string)
    case .codeWithScope: codeWithScope(of: element, sharing: backing)
    case .int32: .int32(element.int32)
    case .timestamp: timestamp(UInt64(bitPattern: element.int64))
    case .int64: .int64(element.int64)
    case .decimal: .decimal(element.decimal)
    case .maxKey: .maxKey
    case .minKey: .minKey
    }
  }

  private static func document(
    _ range: Range<Int>, of bytes: Span<UInt8>, _ backing: ArraySlice<UInt8>?
  ) -> Document {
    Document(validated: slice(range, of: bytes, backing))
  }

  private static func slice(
    _ range: Range<Int>, of bytes: Span<UInt8>, _ backing: ArraySlice<UInt8>?
  ) -> ArraySlice<UInt8> {
    guard let backing else { return bytes.copy(range)[...] }
    let start = backing.startIndex
    return backing[start + range.lowerBound..<start + range.upperBound]
  }

  private static func array(
    of parent: borrowing BSONIterator, sharing backing: ArraySlice<UInt8>?, depth: Int
  ) -> [Value] {
    // Only damaged bytes nest deeper; the stack is not theirs to use up.
    guard depth <= 2 * bsonNestingLimit else { return [] }
    let shared = backing.map { slice(parent.valueRange, of: parent.bytes, $0) }
    return values(in: BSONIterator(parent.nested), sharing: shared, depth: depth)
  }

  private static func values(
    in elements: consuming BSONIterator, sharing backing: ArraySlice<UInt8>?, depth: Int
  ) -> [Value] {
    var values: [Value] = []
    var element = elements
    while element.next() {
      values.append(value(of: element, sharing: backing, depth: depth))
    }
    return values
  }

  private static func regex(of element: borrowing BSONIterator) -> Value {
    let range = element.valueRange
    let middle = element.bytes.firstZero(in: range) ?? range.lowerBound
    return .regex(
      RegularExpression(
        element.bytes.text(range.lowerBound..<middle),
        options: element.bytes.text(middle + 1..<range.upperBound - 1)))
  }

  private static func dbPointer(of element: borrowing BSONIterator) -> Value {
    let range = element.valueRange
    let id = range.upperBound - 12
    return .dbPointer(
      namespace: element.bytes.text(range.lowerBound + 4..<id - 1),
      id: BSONIterator.objectID(in: element.bytes, at: id))
  }

  private static func codeWithScope(
    of element: borrowing BSONIterator, sharing backing: ArraySlice<UInt8>?
  ) -> Value {
    let range = element.valueRange
    let start = range.lowerBound + 4
    let size = BSONIterator.textSize(in: element.bytes, at: start, limit: range.upperBound)
    guard let size else { return .code("", scope: Document()) }
    let scope = document(start + size..<range.upperBound, of: element.bytes, backing)
    return .code(element.bytes.text(start + 4..<start + size - 1), scope: scope)
  }

  private static func timestamp(_ bits: UInt64) -> Value {
    .timestamp(
      Timestamp(
        seconds: UInt32(truncatingIfNeeded: bits >> 32),
        increment: UInt32(truncatingIfNeeded: bits)))
  }
}

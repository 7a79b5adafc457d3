/// The keys of an array's elements, "0", "1", "2"…, written in place without allocating.
///
/// ```swift
/// var key = BSONIndexKey()
/// for id in ids { writer.append(key.span, objectID: id); key.advance() }
/// ```
package struct BSONIndexKey {
  private var digits = InlineArray<10, UInt8>(repeating: 0x30)
  private var start = 9

  /// The key "0".
  package init() {}

  /// The digits of the current key.
  package var span: Span<UInt8> {
    @_lifetime(borrow self) borrowing get { digits.span.extracting(start..<10) }
  }

  /// Goes on to the next key.
  package mutating func advance() {
    var index = 9
    while index >= 0, digits[index] == 0x39 {
      digits[index] = 0x30
      index -= 1
    }
    guard index >= 0 else { return }
    digits[index] += 1
    start = min(start, index)
  }
}

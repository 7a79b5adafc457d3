/// Numbers, words and marks of a loosely written date, one after another.
struct DateTokens {
  enum Token: Equatable {
    case number(Int, digits: Int)
    /// Letters, in lower case.
    case word(String)
    case symbol(UInt8)
    case space
  }

  private var rest: Substring.UTF8View

  init(_ text: some StringProtocol) { rest = Substring(text).utf8 }

  /// The next token, `nil` at the end. Text in parentheses counts as space.
  mutating func next() -> Token? {
    guard let first = rest.first else { return nil }
    switch first {
    case 0x30...0x39: return number()
    case 0x41...0x5A, 0x61...0x7A: return word()
    case UInt8(ascii: "("):
      skipComment()
      return .space
    case 0x09...0x0D, 0x20:
      rest.removeFirst()
      return .space
    default:
      rest.removeFirst()
      return .symbol(first)
    }
  }

  mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: mark) else { return false }
    rest.removeFirst()
    return true
  }

  var isAtNumber: Bool { rest.first.map { (0x30...0x39).contains($0) } ?? false }

  /// True where a time of day may end: at the end, a space, a zone.
  var isAtClockEnd: Bool {
    guard let first = rest.first else { return true }
    return (0x09...0x0D).contains(first) || " +-Zz".utf8.contains(first)
  }

  private mutating func number() -> Token {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    rest.removeFirst(digits.count)
    // Nine digits say enough, whether of a year or of a fraction.
    let kept = digits.prefix(9)
    return .number(kept.reduce(0) { $0 * 10 + Int($1 - 0x30) }, digits: kept.count)
  }

  private mutating func word() -> Token {
    let letters = rest.prefix { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    rest.removeFirst(letters.count)
    return .word(String(decoding: letters.map { $0 | 0x20 }, as: UTF8.self))
  }

  private mutating func skipComment() {
    var depth = 0
    while let byte = rest.first {
      rest.removeFirst()
      if byte == UInt8(ascii: "(") { depth += 1 }
      if byte == UInt8(ascii: ")") { depth -= 1 }
      if depth == 0 { return }
    }
  }
}

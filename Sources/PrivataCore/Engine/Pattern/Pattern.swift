/// A regular expression as MongoDB understands it (PCRE's language over UTF-8), compiled once.
///
/// ```swift
/// try Pattern("^ada", options: "i").matches("Ada Lovelace")  // true
/// ```
///
/// As on a MongoDB server, `\w`, `\d`, `\s` and `\b` know ASCII only, `$` also holds before a final
/// line feed, and `.` leaves out line feeds alone. Swift's own `Regex` decides these differently, has
/// no look-behind and is not `Sendable`.
package struct Pattern: Sendable {
  let program: PatternProgram

  /// Compiles a pattern; the options are letters out of `i`, `m`, `s` and `x`.
  ///
  /// - Throws: `rejectedByStore` with code 51091 for a pattern that PCRE refuses, 51108 for another
  ///   option.
  package init(_ source: String, options: String = "") throws(PrivataError) {
    var flags = PatternFlags()
    for letter in options {
      switch letter {
      case "i": flags.insert(.ignoresCase)
      case "m": flags.insert(.multiline)
      case "s": flags.insert(.dotMatchesAll)
      case "x": flags.insert(.extended)
      case "u": break
      default: throw .rejected(51108, "invalid flag in regex options")
      }
    }
    var parser = try PatternParser(source, flags: flags)
    let node = try parser.pattern()
    program = try PatternProgram(node, captures: parser.captureCount, names: parser.names)
  }

  /// Compiles a BSON regular expression.
  package init(_ expression: RegularExpression) throws(PrivataError) {
    try self.init(expression.pattern, options: expression.options)
  }

  /// True where the pattern matches somewhere in the text.
  package func matches(_ text: String) -> Bool {
    var machine = PatternMachine(program)
    return machine.search(text.utf8Span.span, from: 0)
  }

  /// The first match at or after a position, all in bytes of UTF-8: the whole match first, then the
  /// capture groups, `nil` where a group took no part.
  package func firstMatch(in text: String, from start: Int = 0) -> [Range<Int>?]? {
    var machine = PatternMachine(program)
    guard machine.search(text.utf8Span.span, from: start) else { return nil }
    return machine.ranges
  }
}

/// What changes the meaning of a pattern's letters.
struct PatternFlags: OptionSet, Sendable {
  let rawValue: UInt8
  static let ignoresCase = PatternFlags(rawValue: 1)
  static let multiline = PatternFlags(rawValue: 2)
  static let dotMatchesAll = PatternFlags(rawValue: 4)
  static let extended = PatternFlags(rawValue: 8)
}

/// A parsed pattern.
indirect enum PatternNode: Sendable {
  enum Greed: Sendable { case greedy, lazy, possessive }
  enum Place: Sendable {
    case start, end, endOrFinalNewline, lineStart, lineEnd, wordBoundary, notWordBoundary
  }

  case empty
  case character(PatternCharacter)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  case capture(Int, PatternNode)
  case repeated(PatternNode, Int, Int?, Greed)
  case place(Place)
  case look(PatternNode, isAhead: Bool, isNegative: Bool)
  case atomic(PatternNode)
  /// `\K`: the match begins here.
  case keep
  case reference(Int, ignoringCase: Bool)
}

/// What one character of the text may be.
enum PatternCharacter: Sendable {
  case scalar(UInt32)
  /// A letter in either case, held folded.
  case folded(UInt32)
  case any
  case notNewline
  case set(PatternSet)

  /// True where the scalar is meant.
  func contains(_ scalar: UInt32) -> Bool {
    switch self {
    case .scalar(let wanted): scalar == wanted
    case .folded(let wanted): PatternSet.fold(scalar) == wanted
    case .any: true
    case .notNewline: scalar != 10
    case .set(let set): set.contains(scalar)
    }
  }
}

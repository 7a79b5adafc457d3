extension PatternParser {
  /// What a backslash outside a class means.
  mutating func escape() throws(PrivataError) -> PatternNode? {
    guard let scalar = take() else { throw Self.invalid("\\ at end of pattern", position) }
    switch Unicode.Scalar(scalar) {
    case "A": return .place(.start)
    case "z": return .place(.end)
    case "Z": return .place(.endOrFinalNewline)
    case "b": return .place(.wordBoundary)
    case "B": return .place(.notWordBoundary)
    case "Q": return try quoted()
    case "E": return nil
    case "R": return Self.lineBreak
    case "N": return .character(.notNewline)
    case "k": return try namedReference()
    case "g": return try numberedReference()
    case "K": return .keep
    case "X": return Self.grapheme
    case "C", "G": throw Self.unsupported(position)
    case let digit? where digit.value >= 49 && digit.value <= 57:
      return try digitsEscape(digit.value)
    default: break
    }
    var set = PatternSet(ignoresCase: flags.contains(.ignoresCase))
    if try insertClass(scalar, into: &set) { return .character(.set(set)) }
    return literal(try character(scalar))
  }

  /// `\Q…\E`: everything between stands for itself.
  private mutating func quoted() throws(PrivataError) -> PatternNode? {
    var nodes: [PatternNode] = []
    while !isAtEnd, !take("\\E") {
      if let scalar = take() { nodes.append(literal(scalar)) }
    }
    return nodes.isEmpty ? nil : nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private static let lineBreak: PatternNode = {
    var set = PatternSet()
    for scalar: UInt32 in [10, 11, 12, 13, 0x85, 0x2028, 0x2029] { set.insert(scalar...scalar) }
    let pair = PatternNode.sequence([.character(.scalar(13)), .character(.scalar(10))])
    return .atomic(.alternatives([pair, .character(.set(set))]))
  }()

  /// A character with the marks on it.
  private static let grapheme: PatternNode = {
    let marks = PatternSet.categories("M") ?? []
    var mark = PatternSet()
    mark.insert(marks, isNegated: false)
    let lineEnd = PatternNode.sequence([.character(.scalar(13)), .character(.scalar(10))])
    let marked = PatternNode.sequence([
      .character(.any), .repeated(.character(.set(mark)), 0, nil, .greedy),
    ])
    return .atomic(.alternatives([lineEnd, marked]))
  }()

  private mutating func namedReference() throws(PrivataError) -> PatternNode {
    if take("<") { return try reference(named: try text(upTo: ">")) }
    if take("{") { return try reference(named: try text(upTo: "}")) }
    if take("'") { return try reference(named: try text(upTo: "'")) }
    throw Self.invalid("\\k is not followed by a name", position)
  }

  private mutating func numberedReference() throws(PrivataError) -> PatternNode {
    let isBraced = take("{")
    let isRelative = take("-")
    guard let number = number(), !isBraced || take("}") else {
      throw Self.invalid("\\g is not followed by a number", position)
    }
    let index = isRelative ? captureCount + 1 - number : number
    guard index > 0 else { throw Self.invalid("reference to non-existent subpattern", position) }
    return .reference(index, ignoringCase: flags.contains(.ignoresCase))
  }

  /// A back reference, or, where there are not that many groups, a character by its octal number.
  private mutating func digitsEscape(_ first: UInt32) throws(PrivataError) -> PatternNode {
    let start = position
    position -= 1
    let number = number() ?? 0
    // 8 and 9 begin no octal number: without such a group they stand for themselves.
    if number < 8 || number <= captureCount {
      return .reference(number, ignoringCase: flags.contains(.ignoresCase))
    }
    position = start
    guard first < 56 else { return literal(first) }
    return literal(octal(first - 48, atMost: 2))
  }

  private mutating func octal(_ start: UInt32, atMost count: Int) -> UInt32 {
    var value = start
    var left = count
    while left > 0, let digit = peek(), digit.value >= 48, digit.value < 56 {
      value = value * 8 + digit.value - 48
      position += 1
      left -= 1
    }
    return value
  }

  /// The single character that an escape stands for.
  mutating func character(_ scalar: UInt32) throws(PrivataError) -> UInt32 {
    switch Unicode.Scalar(scalar) {
    case "n": return 10
    case "r": return 13
    case "t": return 9
    case "f": return 12
    case "e": return 27
    case "a": return 7
    case "0": return octal(0, atMost: 2)
    case "c":
      guard let next = take(), next < 128 else {
        throw Self.invalid("\\c at end of pattern", position)
      }
      return PatternSet.upper(next) ^ 64
    case "x": return try hexadecimal()
    case "o":
      guard take("{") else { throw Self.invalid("missing { after \\o", position) }
      return try value(of: try text(upTo: "}"), radix: 8)
    case let other? where PatternSet.isAlpha(other.value):
      // PCRE keeps these letters for JavaScript and Perl and refuses them.
      if "LlUuPpX".unicodeScalars.contains(other) { throw Self.unsupported(position) }
      return scalar
    default: return scalar
    }
  }

  private mutating func hexadecimal() throws(PrivataError) -> UInt32 {
    if take("{") { return try value(of: try text(upTo: "}"), radix: 16) }
    var value: UInt32 = 0
    var left = 2
    while left > 0, let digit = peek(), PatternSet.isHexadecimal(digit.value) {
      value =
        value * 16
        + UInt32(digit.properties.numericType == nil ? (digit.value | 32) - 87 : digit.value - 48)
      position += 1
      left -= 1
    }
    return value
  }

  private func value(of digits: String, radix: Int) throws(PrivataError) -> UInt32 {
    guard let value = UInt32(digits, radix: radix), Unicode.Scalar(value) != nil else {
      throw Self.invalid("character code point value is not valid", position)
    }
    return value
  }

  /// Adds the class that an escape such as `\d` names; false where it names none.
  mutating func insertClass(_ scalar: UInt32, into set: inout PatternSet) throws(PrivataError)
    -> Bool
  {
    switch Unicode.Scalar(scalar) {
    case "d": set.insert(PatternSet.isDigit, isNegated: false)
    case "D": set.insert(PatternSet.isDigit, isNegated: true)
    case "w": set.insert(PatternSet.isWord, isNegated: false)
    case "W": set.insert(PatternSet.isWord, isNegated: true)
    case "s": set.insert(PatternSet.isSpace, isNegated: false)
    case "S": set.insert(PatternSet.isSpace, isNegated: true)
    case "h": for range in Self.horizontal { set.insert(range) }
    case "H": insert(complementOf: Self.horizontal, into: &set)
    case "v": for range in Self.vertical { set.insert(range) }
    case "V": insert(complementOf: Self.vertical, into: &set)
    case "p", "P":
      var name =
        take("{") ? try text(upTo: "}") : take().flatMap(Unicode.Scalar.init).map(String.init) ?? ""
      var isNegated = scalar == 80
      if name.hasPrefix("^") {
        name.removeFirst()
        isNegated.toggle()
      }
      if name == "Any" {
        set.insert(0...0x10FFFF)
        return true
      }
      guard let categories = PatternSet.categories(name) else {
        throw Self.invalid("unknown property name after \\P or \\p", position)
      }
      set.insert(categories, isNegated: isNegated)
    default: return false
    }
    return true
  }

  private func insert(complementOf ranges: [ClosedRange<UInt32>], into set: inout PatternSet) {
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { set.insert(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    set.insert(next...0x10FFFF)
  }

  private static let horizontal: [ClosedRange<UInt32>] = [
    9...9, 32...32, 0xA0...0xA0, 0x1680...0x1680, 0x180E...0x180E, 0x2000...0x200A,
    0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
  ]
  private static let vertical: [ClosedRange<UInt32>] = [10...13, 0x85...0x85, 0x2028...0x2029]

  static func unsupported(_ position: Int) -> PrivataError {
    invalid("escape sequence is not supported", position)
  }

  /// The rest of a class after its opening bracket.
  mutating func characterClass() throws(PrivataError) -> PatternSet {
    var set = PatternSet(ignoresCase: flags.contains(.ignoresCase))
    set.isNegated = take("^")
    var isFirst = true
    while true {
      guard let scalar = peek() else {
        throw Self.invalid("missing terminating ] for character class", position)
      }
      if scalar == "]", !isFirst {
        position += 1
        return set
      }
      isFirst = false
      if try insertNamed(into: &set) { continue }
      guard let low = try member(into: &set) else { continue }
      guard peek() == "-", let after = peek(1), after != "]" else {
        set.insert(low...low)
        continue
      }
      position += 1
      guard let high = try member(into: &set) else {
        throw Self.invalid("invalid range in character class", position)
      }
      guard low <= high else {
        throw Self.invalid("range out of order in character class", position)
      }
      set.insert(low...high)
    }
  }

  /// `[:name:]` and `[:^name:]`.
  private mutating func insertNamed(into set: inout PatternSet) throws(PrivataError) -> Bool {
    guard peek() == "[", peek(1) == ":" else { return false }
    let start = position
    position += 2
    let isNegated = take("^")
    var name = ""
    while let scalar = peek(), PatternSet.isAlpha(scalar.value) {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take(":]") else {
      position = start
      return false
    }
    guard let members = PatternSet.posix(name) else {
      throw Self.invalid("unknown POSIX class name", start)
    }
    set.insert(members, isNegated: isNegated)
    return true
  }

  /// One character of a class; `nil` where an escape added a whole class.
  private mutating func member(into set: inout PatternSet) throws(PrivataError) -> UInt32? {
    guard let scalar = take() else { return nil }
    guard scalar == 92 else { return scalar }
    guard let escaped = take() else { throw Self.invalid("\\ at end of pattern", position) }
    if try insertClass(escaped, into: &set) { return nil }
    switch Unicode.Scalar(escaped) {
    case "b": return 8
    case "Q", "E": return nil
    case let digit? where digit.value >= 49 && digit.value < 56:
      return octal(digit.value - 48, atMost: 2)
    default: return try character(escaped)
    }
  }
}

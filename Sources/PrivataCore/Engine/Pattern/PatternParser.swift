/// Reads a pattern in PCRE's syntax.
struct PatternParser {
  let scalars: [UInt32]
  var position = 0
  var flags: PatternFlags
  var captureCount = 0
  var names: [String: Int] = [:]
  private var depth = 0

  /// A parser of this pattern.
  init(_ source: String, flags: PatternFlags) throws(PrivataError) {
    scalars = source.unicodeScalars.map(\.value)
    self.flags = flags
    // PCRE's verbs that ask for what holds here anyway.
    for verb in ["(*UTF8)", "(*UTF)", "(*UCP)"] where source.hasPrefix(verb) {
      position = verb.unicodeScalars.count
    }
  }

  /// The whole pattern.
  mutating func pattern() throws(PrivataError) -> PatternNode {
    let node = try alternatives()
    guard position == scalars.count else { throw Self.invalid("unmatched parentheses", position) }
    return node
  }

  static func invalid(_ what: String, _ position: Int) -> PrivataError {
    .rejected(51091, "Regular expression is invalid: \(what) at position \(position)")
  }

  // MARK: Reading

  var isAtEnd: Bool { position >= scalars.count }

  func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    let index = position + offset
    return index < scalars.count ? Unicode.Scalar(scalars[index]) : nil
  }

  mutating func take() -> UInt32? {
    guard position < scalars.count else { return nil }
    defer { position += 1 }
    return scalars[position]
  }

  mutating func take(_ text: StaticString) -> Bool {
    let wanted = "\(text)".unicodeScalars
    for (offset, scalar) in wanted.enumerated() where peek(offset) != scalar { return false }
    position += wanted.count
    return true
  }

  /// Text up to a terminator, which is taken too.
  mutating func text(upTo end: Unicode.Scalar) throws(PrivataError) -> String {
    var text = String.UnicodeScalarView()
    while let scalar = peek() {
      position += 1
      if scalar == end { return String(text) }
      text.append(scalar)
    }
    throw Self.invalid("missing terminator", position)
  }

  // MARK: Structure

  /// Branches up to a closing parenthesis or the end.
  ///
  /// With `isReset` the groups of each branch are counted from the same number.
  mutating func alternatives(isReset: Bool = false) throws(PrivataError) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 250 else { throw Self.invalid("parentheses are too deeply nested", position) }
    // Options set inside a group end with it.
    let before = flags
    defer { flags = before }
    let first = captureCount
    var branches = [try sequence()]
    var most = captureCount
    while take("|") {
      if isReset { captureCount = first }
      branches.append(try sequence())
      most = max(most, captureCount)
    }
    captureCount = most
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(PrivataError) -> PatternNode {
    var nodes: [PatternNode] = []
    while let scalar = peek(), scalar != "|", scalar != ")" {
      if skipExtended() { continue }
      guard let atom = try atom() else { continue }
      nodes.append(try quantified(atom))
    }
    return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
  }

  /// Under `x`, white space and comments mean nothing.
  private mutating func skipExtended() -> Bool {
    guard flags.contains(.extended), let scalar = peek() else { return false }
    if PatternSet.isSpace(scalar.value) {
      position += 1
      return true
    }
    guard scalar == "#" else { return false }
    while let next = take(), next != 10 {}
    return true
  }

  private mutating func quantified(_ atom: PatternNode) throws(PrivataError) -> PatternNode {
    // An end of no quotation means nothing, wherever it stands.
    while skipExtended() || take("\\E") {}
    guard let (low, high) = try quantifier() else { return atom }
    if case .place = atom {
      throw Self.invalid("quantifier does not follow a repeatable item", position)
    }
    let greed: PatternNode.Greed = take("?") ? .lazy : take("+") ? .possessive : .greedy
    return .repeated(atom, low, high, greed)
  }

  private mutating func quantifier() throws(PrivataError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard peek() == "{" else { return nil }
    // Braces that hold no counts stand for themselves.
    let start = position
    position += 1
    guard let low = number() else {
      position = start
      return nil
    }
    var high: Int? = low
    if take(",") { high = number() }
    guard take("}") else {
      position = start
      return nil
    }
    guard low <= 65_535, (high ?? 0) <= 65_535 else {
      throw Self.invalid("number too big in {} quantifier", start)
    }
    if let high, high < low { throw Self.invalid("numbers out of order in {} quantifier", start) }
    return (low, high)
  }

  mutating func number() -> Int? {
    var value: Int?
    while let scalar = peek(), PatternSet.isDigit(scalar.value), (value ?? 0) < 1_000_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 48)
      position += 1
    }
    return value
  }

  /// One item without its quantifier; `nil` for what only sets options or is a comment.
  private mutating func atom() throws(PrivataError) -> PatternNode? {
    let start = position
    guard let scalar = take() else { return nil }
    switch Unicode.Scalar(scalar) {
    case "(": return try group()
    case "[": return .character(.set(try characterClass()))
    case ".": return .character(flags.contains(.dotMatchesAll) ? .any : .notNewline)
    case "^": return .place(flags.contains(.multiline) ? .lineStart : .start)
    case "$": return .place(flags.contains(.multiline) ? .lineEnd : .endOrFinalNewline)
    case "\\": return try escape()
    case "*", "+", "?": throw Self.invalid("quantifier does not follow a repeatable item", start)
    default: return literal(scalar)
    }
  }

  /// A character that stands for itself.
  func literal(_ scalar: UInt32) -> PatternNode {
    guard flags.contains(.ignoresCase) else { return .character(.scalar(scalar)) }
    let folded = PatternSet.fold(scalar)
    let hasCases = folded != scalar || PatternSet.upper(scalar) != scalar
    return .character(hasCases ? .folded(folded) : .scalar(scalar))
  }
}

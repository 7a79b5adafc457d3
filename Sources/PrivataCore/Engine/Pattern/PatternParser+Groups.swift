extension PatternParser {
  /// What follows an opening parenthesis; `nil` where it only set options or was a comment.
  mutating func group() throws(PrivataError) -> PatternNode? {
    guard take("?") else { return try capture(name: nil) }
    if take("#") {
      _ = try text(upTo: ")")
      return nil
    }
    if take(":") { return try closed() }
    if take("|") { return try closed(isReset: true) }
    if take(">") { return .atomic(try closed()) }
    if take("=") { return .look(try closed(), isAhead: true, isNegative: false) }
    if take("!") { return .look(try closed(), isAhead: true, isNegative: true) }
    if take("<=") { return .look(try closed(), isAhead: false, isNegative: false) }
    if take("<!") { return .look(try closed(), isAhead: false, isNegative: true) }
    if take("P<") || take("<") { return try capture(name: try text(upTo: ">")) }
    if take("'") { return try capture(name: try text(upTo: "'")) }
    if take("P=") { return try reference(named: try text(upTo: ")")) }
    return try options()
  }

  /// The rest of a group and its closing parenthesis.
  private mutating func closed(isReset: Bool = false) throws(PrivataError) -> PatternNode {
    let node = try alternatives(isReset: isReset)
    guard take(")") else { throw Self.invalid("missing closing parenthesis", position) }
    return node
  }

  private mutating func capture(name: String?) throws(PrivataError) -> PatternNode {
    captureCount += 1
    let index = captureCount
    if let name {
      guard !name.isEmpty, names[name] == nil else {
        throw Self.invalid("two named subpatterns have the same name, or one has none", position)
      }
      names[name] = index
    }
    return .capture(index, try closed())
  }

  /// `(?i)`, which holds to the end of the group around it, and `(?i:…)`.
  private mutating func options() throws(PrivataError) -> PatternNode? {
    let before = flags
    var isRemoving = false
    while let scalar = peek() {
      position += 1
      switch scalar {
      case "-": isRemoving = true
      case "i": set(.ignoresCase, !isRemoving)
      case "m": set(.multiline, !isRemoving)
      case "s": set(.dotMatchesAll, !isRemoving)
      case "x": set(.extended, !isRemoving)
      case ")": return nil
      case ":":
        let node = try closed()
        flags = before
        return node
      default: throw Self.invalid("unrecognized character after (?", position)
      }
    }
    throw Self.invalid("missing closing parenthesis", position)
  }

  private mutating func set(_ flag: PatternFlags, _ isOn: Bool) {
    if isOn { flags.insert(flag) } else { flags.remove(flag) }
  }

  func reference(named name: String) throws(PrivataError) -> PatternNode {
    guard let index = names[name] else {
      throw Self.invalid("reference to non-existent subpattern", position)
    }
    return .reference(index, ignoringCase: flags.contains(.ignoresCase))
  }
}

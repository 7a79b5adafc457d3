internal import PrivataCore
internal import PrivataSQL

extension Renderer {
  /// Writes a condition on a text. PostgreSQL tells cases apart and SQLite's `like` does not, so the
  /// condition is spelled such that both answer alike.
  mutating func write(
    _ match: Filter.TextMatch, of fragment: SQL, _ text: String, _ ignoresCase: Bool
  ) throws(PrivataError) {
    let isPostgres = dialect == .postgres
    let subject = ignoresCase ? SQL([.text("lower("), .nested(fragment), .text(")")]) : fragment
    let needle = { (text: String) -> SQL in
      let value = SQL([.parameter(.string(text), encoder: nil)])
      return ignoresCase ? SQL([.text("lower("), .nested(value), .text(")")]) : value
    }
    switch match {
    case _ where text.isEmpty && match != .like:
      try write(SQL([.text("("), .nested(fragment), .text(" is not null)")]))
    case .contains:
      write(isPostgres ? "strpos(" : "instr(")
      try write(list: [subject, needle(text)])
      write(") > 0")
    case .startsWith:
      try write(SQL([.text("substr("), .nested(subject), .text(", 1, length(")]))
      try write(SQL([.nested(needle(text)), .text(")) = "), .nested(needle(text))]))
    case .endsWith:
      write(isPostgres ? "right(" : "substr(")
      try write(SQL([.nested(subject), .text(isPostgres ? ", length(" : ", -length(")]))
      try write(SQL([.nested(needle(text)), .text(")) = "), .nested(needle(text))]))
    case .like:
      try write(SQL([.nested(subject), .text(isPostgres ? " like " : " glob ")]))
      try write(needle(isPostgres ? text : TextPattern.glob(text)))
    }
  }
}

/// Patterns of texts.
enum TextPattern {
  /// SQL's pattern as one of SQLite's `glob`, which tells cases apart.
  static func glob(_ pattern: String) -> String {
    var glob = ""
    var isLiteral = false
    for character in pattern {
      switch character {
      case "\\" where !isLiteral:
        isLiteral = true
        continue
      case "%" where !isLiteral: glob.append("*")
      case "_" where !isLiteral: glob.append("?")
      case "*", "?", "[": glob.append("[\(character)]")
      default: glob.append(character)
      }
      isLiteral = false
    }
    return glob
  }
}

/// Texts as patterns and bounds.
enum SQLText {
  /// The least text that comes after every text with this prefix, by code points; empty where there
  /// is none.
  static func afterPrefix(_ prefix: String) -> String {
    var scalars = Array(prefix.unicodeScalars)
    while let last = scalars.popLast() {
      // Surrogates are no scalars, so U+D7FF is followed by U+E000.
      let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
      guard let scalar = Unicode.Scalar(next) else { continue }
      scalars.append(scalar)
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      return String(text)
    }
    return ""
  }

  /// A text in which `LIKE` with `\` as its escape sees no signs of its own.
  static func escapedForLike(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "%" || scalar == "_" || scalar == "\\" { escaped.append("\\") }
      escaped.append(scalar)
    }
    return String(escaped)
  }

  /// SQLite's `GLOB` pattern for a `LIKE` pattern whose escape is `\`: `GLOB` tells cases apart.
  static func glob(like pattern: String) -> String {
    var glob = ""
    var isEscaped = false
    for scalar in pattern.unicodeScalars {
      switch scalar {
      case "\\" where !isEscaped:
        isEscaped = true
        continue
      case "%" where !isEscaped: glob.append("*")
      case "_" where !isEscaped: glob.append("?")
      case "*", "?", "[": glob.append("[\(scalar)]")
      default: glob.unicodeScalars.append(scalar)
      }
      isEscaped = false
    }
    return glob
  }
}

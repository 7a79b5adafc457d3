/// A condition on a text.
struct TextCondition: Sendable {
  private let match: Filter.TextMatch
  private let text: String
  private let pattern: [Wildcard]
  private let ignoresCase: Bool

  init(_ match: Filter.TextMatch, _ text: String, ignoringCase: Bool) {
    self.match = match
    self.text = ignoringCase ? text.lowercased() : text
    pattern = match == .like ? Wildcard.pattern(self.text) : []
    ignoresCase = ignoringCase
  }

  func matches(_ value: String) -> Bool {
    let value = ignoresCase ? value.lowercased() : value
    return switch match {
    case .contains: text.isEmpty || value.utf8.contains(subsequence: text.utf8)
    case .startsWith: value.utf8.starts(with: text.utf8)
    case .endsWith: value.utf8.reversed().starts(with: text.utf8.reversed())
    case .like: Self.like(Array(value.unicodeScalars), pattern)
    }
  }

  /// SQL's `LIKE`: `%` for any text, `_` for one character, `\` before one that is meant literally.
  /// Characters are Unicode's scalars, as servers count them.
  private static func like(_ text: [Unicode.Scalar], _ pattern: [Wildcard]) -> Bool {
    var (at, next) = (0, 0)
    // Behind the last `%`, and where the text that it stands for ends; it may have to take more.
    var resume: (next: Int, at: Int)?
    while at < text.count {
      if next < pattern.count, pattern[next] == .many {
        next += 1
        resume = (next, at)
      } else if next < pattern.count, pattern[next].takes(text[at]) {
        at += 1
        next += 1
      } else if let last = resume {
        resume = (last.next, last.at + 1)
        at = last.at + 1
        next = last.next
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == .many }
  }

  /// One item of a pattern of `LIKE`.
  private enum Wildcard: Hashable {
    case many, one
    case scalar(Unicode.Scalar)

    func takes(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .many: false
      case .one: true
      case .scalar(let wanted): wanted == scalar
      }
    }

    static func pattern(_ text: String) -> [Wildcard] {
      var items: [Wildcard] = []
      var rest = text.unicodeScalars[...]
      while let scalar = rest.popFirst() {
        switch scalar {
        case "%": items.append(.many)
        case "_": items.append(.one)
        // At the end it stands for itself.
        case "\\": items.append(.scalar(rest.popFirst() ?? scalar))
        default: items.append(.scalar(scalar))
        }
      }
      return items
    }
  }
}

extension String.UTF8View {
  /// True where the other bytes occur in these, one after the other.
  func contains(subsequence other: String.UTF8View) -> Bool {
    guard let first = other.first else { return true }
    var start = startIndex
    while let found = self[start...].firstIndex(of: first) {
      if self[found...].starts(with: other) { return true }
      start = index(after: found)
    }
    return false
  }
}

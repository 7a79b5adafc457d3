/// Comments that end up in the database's own logs.
enum QueryComment {
  /// A text that cannot end the comment.
  static func text(_ text: String) -> String {
    var safe = text
    for (mark, apart) in [("*/", "* /"), ("/*", "/ *")] {
      safe = safe.split(separator: mark, omittingEmptySubsequences: false).joined(separator: apart)
    }
    return safe
  }

  /// `key='value'` in the order of the keys, URL-encoded; what is empty is left out. `nil` for
  /// nothing at all.
  static func text(_ tags: [String: String?]) -> String? {
    let pairs = tags.compactMap { key, value in
      value.flatMap { $0.isEmpty ? nil : (encoded(key), encoded($0)) }
    }
    if pairs.isEmpty { return nil }
    return pairs.sorted { $0.0 < $1.0 }.map { "\($0)='\($1)'" }.joined(separator: ",")
  }

  private static let plain = Set("-_.!~*()".utf8)

  private static func encoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: encoded.unicodeScalars.append(.init(byte))
      case 0x27: encoded += "\\'"
      case _ where plain.contains(byte): encoded.unicodeScalars.append(.init(byte))
      default: encoded += "%" + Hex.text([byte]).uppercased()
      }
    }
    return encoded
  }
}

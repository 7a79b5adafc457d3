/// How the names of columns follow from their keys where nothing else is said.
public enum Casing: Sendable, Hashable {
  /// The key as it is.
  case preserve
  /// `homeURL2` becomes `home_url_2`.
  case snakeCase
  /// `home_url` becomes `homeUrl`.
  case camelCase

  func name(of key: String) -> String {
    switch self {
    case .preserve: key
    case .snakeCase: Self.words(key).joined(separator: "_")
    case .camelCase:
      Self.words(key).enumerated().map { $0 == 0 ? $1 : $1.prefix(1).uppercased() + $1.dropFirst() }
        .joined()
    }
  }

  /// The words of a key in lower case: parted at signs, changes of case and digits.
  private static func words(_ key: String) -> [String] {
    var words: [String] = []
    var word = ""
    let letters = Array(key)
    for (index, letter) in letters.enumerated() {
      guard letter.isLetter || letter.isNumber else {
        words.append(word)
        word = ""
        continue
      }
      if index > 0, starts(letters, index) {
        words.append(word)
        word = ""
      }
      word.append(letter)
    }
    return (words + [word]).filter { !$0.isEmpty }.map { $0.lowercased() }
  }

  /// True where a word begins: after a change from lower to upper case, at the last capital of a
  /// run that a lower letter follows, and between letters and digits.
  private static func starts(_ letters: [Character], _ index: Int) -> Bool {
    let letter = letters[index]
    let before = letters[index - 1]
    if before.isLetter && letter.isNumber || before.isNumber && letter.isLetter { return true }
    guard letter.isUppercase else { return false }
    if before.isLowercase { return true }
    let after = index + 1 < letters.count ? letters[index + 1] : nil
    return before.isUppercase && (after?.isLowercase ?? false)
  }
}

/// Texts without case and without marks on letters, so that spellings of one word are the same.
enum PlainFolding {
  /// The text in small letters without marks; `ß` becomes `ss`, `æ` `ae`, `œ` `oe`, `þ` `th`.
  static func folded(_ text: String) -> String {
    var folded = ""
    for character in text.lowercased() {
      if character.isASCII {
        folded.append(character)
      } else if let plain = plain[character] {
        folded.append(plain)
      } else {
        folded += pairs[character] ?? String(character)
      }
    }
    return folded
  }

  private static let pairs: [Character: String] = ["ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"]

  private static let plain: [Character: Character] = marked.reduce(into: [:]) { plain, row in
    for letter in row.value { plain[letter] = row.key }
  }

  private static let marked: [Character: String] = [
    ";": ";",
    "a": "àáâãäåāăąǎǟǡǻȁȃȧ",
    "c": "çćĉċč",
    "d": "ðďđ",
    "e": "èéêëēĕėęěȅȇȩ",
    "g": "ĝğġģǧǵ",
    "h": "ĥħȟ",
    "i": "ìíîïĩīĭįıǐȉȋ",
    "j": "ĵǰ",
    "k": "ķǩ",
    "l": "ĺļľł",
    "n": "ñńņňǹ",
    "o": "òóôõöøōŏőơǒǫǭȍȏȫȭȯȱ",
    "r": "ŕŗřȑȓ",
    "s": "śŝşšș",
    "t": "ţťŧț",
    "u": "ùúûüũūŭůűųưǔǖǘǚǜȕȗ",
    "w": "ŵ",
    "y": "ýÿŷȳ",
    "z": "źżž",
    "α": "ά",
    "ε": "έ",
    "η": "ή",
    "ι": "ΐίϊ",
    "ο": "ό",
    "σ": "ς",
    "υ": "ΰϋύ",
    "ω": "ώ",
  ]
}

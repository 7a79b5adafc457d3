/// The words of a field's name: `patientEmail_2` is `patient`, `email`, `2`.
struct FieldTokens: Sendable {
  let words: [String]

  init(_ name: String) {
    var words: [String] = []
    var word = ""
    var before: Kind?
    let characters = Array(name)
    for (index, character) in characters.enumerated() {
      let kind = Kind(character)
      let next = index + 1 < characters.count ? Kind(characters[index + 1]) : nil
      let isEdge =
        switch (before, kind) {
        case (.lower?, .upper), (.digit?, .upper), (.digit?, .lower), (.lower?, .digit),
          (.upper?, .digit):
          true
        // `HTTPServer` is two words.
        case (.upper?, .upper): next == .lower
        default: kind == .other
        }
      if isEdge, !word.isEmpty {
        words.append(PlainFolding.folded(word))
        word = ""
      }
      if kind != .other { word.append(character) }
      before = kind
    }
    if !word.isEmpty { words.append(PlainFolding.folded(word)) }
    self.words = words
  }

  private enum Kind {
    case lower, upper, digit, other

    init(_ character: Character) {
      if character.isNumber {
        self = .digit
      } else if character.isLetter {
        self = character.isUppercase ? .upper : .lower
      } else {
        self = .other
      }
    }
  }
}

/// The words by which fields are known: written apart or together, they are compared together.
enum FieldWords {
  static func set(_ text: String) -> Set<String> {
    Set(
      text.split(whereSeparator: \.isWhitespace).map { word in
        PlainFolding.folded(word.filter { $0 != "_" })
      })
  }

  static func list(_ text: String) -> [String] { set(text).sorted() }
}

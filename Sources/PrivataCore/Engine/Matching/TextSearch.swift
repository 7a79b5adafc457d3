/// MongoDB's `$text`: words of a search, looked for in the fields of a text index.
///
/// Words are compared without case, accents and common English endings. MongoDB's own stemmers for
/// other languages are not built in.
struct TextSearch: Sendable {
  let fields: [DottedPath]
  private let terms: Set<String>
  private let excluded: Set<String>
  private let phrases: [String]
  private let isCaseSensitive: Bool
  private let isAccentSensitive: Bool

  /// The search that the operand of `$text` describes.
  init(_ value: Value, fields: [String]) throws(PrivataError) {
    guard case .document(let options) = value else { throw .rejected(2, "$text expects an object") }
    guard let search = options["$search"]?.asString else {
      throw .rejected(options.contains("$search") ? 14 : 4, "$text needs $search, a string")
    }
    for key in options.keys
    where !["$search", "$language", "$caseSensitive", "$diacriticSensitive"].contains(key) {
      throw .rejected(2, "extra fields in $text")
    }
    isCaseSensitive = try Self.flag("$caseSensitive", options)
    isAccentSensitive = try Self.flag("$diacriticSensitive", options)
    self.fields = fields.map { DottedPath($0) }
    let folding = TextFolding(
      isCaseSensitive: isCaseSensitive, isAccentSensitive: isAccentSensitive)
    var terms: Set<String> = []
    var excluded: Set<String> = []
    var phrases: [String] = []
    for (index, part) in search.split(separator: "\"", omittingEmptySubsequences: false)
      .enumerated()
    {
      if index % 2 == 1 {
        phrases.append(folding.fold(String(part)))
        terms.formUnion(folding.words(String(part)))
        continue
      }
      for word in part.split(whereSeparator: \.isWhitespace) {
        if word.hasPrefix("-") {
          excluded.formUnion(folding.words(String(word.dropFirst())))
        } else {
          terms.formUnion(folding.words(String(word)))
        }
      }
    }
    self.terms = terms
    self.excluded = excluded
    self.phrases = phrases
  }

  private static func flag(_ name: String, _ options: Document) throws(PrivataError) -> Bool {
    guard let value = options[name] else { return false }
    guard let flag = value.asBool else { throw .rejected(14, "\(name) has to be a boolean") }
    return flag
  }

  /// True where a field holds a word of the search, every phrase, and no excluded word.
  func matches(_ document: Document) -> Bool {
    let texts = texts(of: document)
    let folding = TextFolding(
      isCaseSensitive: isCaseSensitive, isAccentSensitive: isAccentSensitive)
    let words = Set(texts.flatMap(folding.words))
    guard words.isDisjoint(with: excluded), !words.isDisjoint(with: terms) else { return false }
    let folded = texts.map(folding.fold)
    return phrases.allSatisfy { phrase in folded.contains { $0.contains(phrase) } }
  }

  /// How well a document matches: each word counts by its share of its field, repetitions less.
  func score(_ document: Document) -> Double {
    let folding = TextFolding(
      isCaseSensitive: isCaseSensitive, isAccentSensitive: isAccentSensitive)
    var score = 0.0
    for text in texts(of: document) {
      let words = folding.words(text)
      guard !words.isEmpty else { continue }
      for term in terms {
        let count = words.count { $0 == term }
        guard count > 0 else { continue }
        // MongoDB's formula: halving weights for repetitions, and a share for the field's length.
        let weight = (0..<count).reduce(0.0) { sum, index in sum + 1 / Double(1 << min(index, 62)) }
        score += weight * (0.5 * Double(count) / Double(words.count) + 0.5)
      }
    }
    return score
  }

  private func texts(of document: Document) -> [String] {
    var texts: [String] = []
    for field in fields {
      // The closure throws nothing; the signature is shared with predicates that do.
      _ = try? field.visit(document, leafArrays: true) { value, _ in
        if case .string(let text)? = value { texts.append(text) }
        return false
      }
    }
    return texts
  }
}

/// How `$text` makes words comparable.
struct TextFolding: Sendable {
  let isCaseSensitive: Bool
  let isAccentSensitive: Bool

  /// The text in the form in which phrases compare.
  func fold(_ text: String) -> String {
    var folded = String.UnicodeScalarView()
    for scalar in (isCaseSensitive ? text : text.lowercased()).unicodeScalars {
      if isAccentSensitive {
        folded.append(scalar)
      } else if !CollationUnit.isMark(scalar) {
        folded.append(AccentTable.shared.split(scalar).0)
      }
    }
    return String(folded)
  }

  /// The words of a text, folded and without their endings; stop words are left out.
  func words(_ text: String) -> [String] {
    fold(text).split { !($0.isLetter || $0.isNumber || $0 == "'") }.compactMap { word in
      let word = String(word)
      return Self.stopWords.contains(word) ? nil : Self.stem(word)
    }
  }

  /// A light English stemmer: plural, past and continuous endings, then a final e or y. Each step
  /// takes its first ending that fits, where a word of that many letters at least has it.
  static func stem(_ word: String) -> String {
    endings.reduce(word) { word, step in
      let ending = step.first { word.hasSuffix($0.0) && word.count >= $0.2 }
      return ending.map { word.dropLast($0.0.count) + $0.1 } ?? word
    }
  }

  private static let endings: [[(String, String, Int)]] = [
    [("'s", "", 4)],
    [
      ("sses", "ss", 6), ("ies", "i", 5), ("ss", "ss", 3), ("us", "us", 3), ("s", "", 4),
    ],
    [("ingly", "", 8), ("edly", "", 7), ("ing", "", 6), ("ed", "", 5)],
    [("y", "i", 4), ("e", "", 4)],
  ]

  private static let stopWords: Set<String> = [
    "a", "about", "above", "after", "again", "against", "all", "am", "an", "and", "any", "are",
    "as",
    "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by",
    "can",
    "did", "do", "does", "doing", "don", "down", "during", "each", "few", "for", "from", "further",
    "had", "has", "have", "having", "he", "her", "here", "hers", "herself", "him", "himself", "his",
    "how", "i", "if", "in", "into", "is", "it", "its", "itself", "just", "me", "more", "most", "my",
    "myself", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "or", "other", "our",
    "ours", "ourselves", "out", "over", "own", "s", "same", "she", "should", "so", "some", "such",
    "t", "than", "that", "the", "their", "theirs", "them", "themselves", "then", "there", "these",
    "they", "this", "those", "through", "to", "too", "under", "until", "up", "very", "was", "we",
    "were", "what", "when", "where", "which", "while", "who", "whom", "why", "will", "with", "you",
    "your", "yours", "yourself", "yourselves",
  ]
}

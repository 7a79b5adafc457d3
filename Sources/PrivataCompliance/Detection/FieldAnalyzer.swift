/// Tells from names, types and models which fields hold personal and health data.
///
/// ```swift
/// let analyzer = FieldAnalyzer()
/// analyzer.finding("patientEmail").verdict              // .pii
/// analyzer.finding("emailSentCount").verdict            // .none
/// analyzer.finding("name", model: "Product").verdict    // .none
/// analyzer.finding("notes", model: "User").verdict      // .review
/// ```
///
/// Names are taken apart into words and compared by whole words, with what the last of them says; in
/// English and the languages of Europe, mixed as programs mix them. Nothing leaves the process, and
/// one name always gets one answer. What can mean either is `review`, never decided silently.
public struct FieldAnalyzer: Sendable {
  /// An analyzer.
  public init() {}

  /// What was found out about the fields of a model.
  ///
  /// ```swift
  /// FieldAnalyzer().analysis(of: "Patient", fields: ["firstName": nil, "diagnosis": nil, "age": "Int"])
  /// // pii: firstName   phi: diagnosis   review: age
  /// ```
  ///
  /// A model that has two fields that only people have is about people, whatever its name says.
  public func analysis(of model: String?, fields: [String: String?]) -> FieldAnalysis {
    let plain = FieldContext(nil)
    let sure = fields.count { field, type in
      FieldReading(FieldTokens(field).words, plain, type).answer.0 == .pii
    }
    let context = FieldContext(model, hasPersons: sure >= 2)
    let findings = fields.sorted { $0.key < $1.key }.map { field, type in
      FieldFinding(field, FieldReading(FieldTokens(field).words, context, type))
    }
    return FieldAnalysis(findings: findings)
  }

  /// The finding on a field.
  ///
  /// - Parameters:
  ///   - model: the model that the field belongs to.
  ///   - type: the field's type by its Swift name: `Int`, `Bool`, `Date`, `String`.
  public func finding(
    _ field: String, model: String? = nil, type: String? = nil
  ) -> FieldFinding {
    FieldFinding(field, FieldReading(FieldTokens(field).words, FieldContext(model), type))
  }
}

/// One name on its way to a verdict.
struct FieldReading {
  typealias Answer = (FieldVerdict, String)

  let words: [String]
  private let whole: String
  private let context: FieldContext
  private let type: String?

  init(_ words: [String], _ context: FieldContext, _ type: String?) {
    self.words = words
    whole = words.joined()
    self.context = context
    self.type = type
  }

  var answer: Answer { routed.answer }

  /// The answer, and on which way it was found.
  var routed: (route: FieldRoute, answer: Answer) {
    if words.isEmpty { return (.nothing, (.none, "has no words")) }
    if let answer = byContext { return (.context, answer) }
    if let answer = known(whole) { return (.whole, answer) }
    if let answer = byWrapping { return (.wrapping, answer) }
    if let answer = byRole { return (.role, answer) }
    if let answer = byPhrase { return (.phrase, answer) }
    if let answer = byStem { return (.stem, answer) }
    return (.nothing, (.none, "names nothing of a person"))
  }

  // MARK: - The whole name

  private var byContext: Answer? {
    let bare = words.filter { !$0.allSatisfy(\.isNumber) }.joined()
    switch context {
    case .unknown: return nil
    case .care where FieldContext.ofCare.contains(whole):
      return (.phi, "is about care in this model")
    case .person where PlainWords.freeText.contains(bare): return (.review, "can hold any text")
    case .person where FieldContext.ofPersons.contains(whole):
      return (.pii, "is a person's in this model")
    case .person where FieldContext.ofCare.contains(whole) && !PlainWords.notes.contains(whole):
      return (.phi, "is a body's in this model")
    case .apart where words.contains(where: FieldContext.borrowed.contains):
      return (.none, "is no care in this model")
    case .thing, .apart:
      if PlainWords.freeText.contains(bare) { return (.review, "can hold any text") }
      let isEither =
        FieldContext.ofPersons.contains(whole) || FieldContext.ofCare.contains(whole)
        || PlainWords.unclear.contains(whole)
      return isEither ? (.none, "is a thing's in this model") : nil
    default: return nil
    }
  }

  private func known(_ text: String) -> Answer? {
    if HealthWords.all.contains(text) { return (.phi, "names health or care") }
    if PersonWords.all.contains(text) { return (.pii, "names or finds a person") }
    if PlainWords.names.contains(text) { return (.none, "is about a thing or about operation") }
    if PlainWords.actors.contains(text) { return (.review, "links to a person") }
    if PlainWords.unclear.contains(text) { return (.review, "can mean a person or not") }
    return nil
  }

  /// A hash, a tag or the last digits of something are that thing still.
  private var byWrapping: Answer? {
    let wrappers: Set<String> = [
      "hash", "hashed", "sha256", "sha", "256", "bidx", "digest", "encrypted", "normalized",
      "canonical", "unconfirmed", "e", "164", "1", "2", "3", "4", "5", "last", "text", "raw", "old",
      "new",
      "primary", "secondary", "backup", "no", "nr", "num", "number", "field", "my", "current",
      "the",
    ]
    let rest = words.filter { !wrappers.contains($0) && !$0.allSatisfy(\.isNumber) }
    guard !rest.isEmpty, rest.count < words.count else { return nil }
    guard let found = known(rest.joined()), found.0 == .pii || found.0 == .phi else { return nil }
    return found
  }

  // MARK: - What the words do

  private var byRole: Answer? {
    let last = words[words.count - 1]
    if words.count > 1 {
      if last == "id" || last == "ids" || last == "key" || last == "uuid" { return byID }
      if last == "at" || last == "on", type == "Date" || isPastTense {
        return (.none, "is a moment of operation")
      }
      if PlainWords.heads.contains(last), last != "flag" || !hasHealth {
        return (.none, "ends in '\(last)'")
      }
      if PlainWords.leads.contains(words[0]), words.count > 1, !hasHealth {
        return (.none, "begins with '\(words[0])'")
      }
      if words.first == "id", let person = words.dropFirst().first,
        PlainWords.persons.contains(person)
      {
        return (.review, "links to a person")
      }
    }
    if type == "Bool", !hasHealth { return (.none, "is true or false") }
    return nil
  }

  private var isPastTense: Bool {
    words.count > 1 && (words[words.count - 2].hasSuffix("ed") || words[words.count - 2] == "login")
  }

  private var hasHealth: Bool {
    windows.contains { HealthWords.all.contains($0.text) }
  }

  private var byID: Answer? {
    let rest = Array(words.dropLast())
    let text = rest.joined()
    if PlainWords.persons.contains(text) || PlainWords.persons.contains(rest[rest.count - 1]) {
      return (.review, "links to a person")
    }
    return (.none, "is the number of a thing")
  }

  // MARK: - Parts of the name

  private struct Window {
    let text: String
    let end: Int
  }

  /// The runs of words, the longest first, of two of one length the later.
  private var windows: [Window] {
    var windows: [Window] = []
    for start in words.indices {
      for end in start..<words.count {
        windows.append(Window(text: words[start...end].joined(), end: end))
      }
    }
    return windows.sorted { ($0.text.count, $0.end) > ($1.text.count, $1.end) }
  }

  private var byPhrase: Answer? {
    var unclear: Answer?
    for window in windows {
      guard let found = known(window.text), window.text.count > 2 || words.count == 1 else {
        continue
      }
      if found.0 == .review {
        let isHead = window.end == words.count - 1 && !PlainWords.weak.contains(window.text)
        unclear = unclear ?? (isHead ? found : nil)
        continue
      }
      if found.0 == .none && window.end < words.count - 1 { continue }
      return found
    }
    return unclear
  }

  private var byStem: Answer? {
    for word in words where word.count >= 6 {
      if HealthWords.stems.contains(where: { word.hasPrefix($0) }) {
        return (.phi, "names health or care")
      }
      if PersonWords.stems.contains(where: { word.contains($0) }) {
        return (.pii, "names or finds a person")
      }
    }
    return nil
  }
}

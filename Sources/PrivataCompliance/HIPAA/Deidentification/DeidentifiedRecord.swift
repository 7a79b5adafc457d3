internal import PrivataCore

/// One record on its way through de-identification.
struct DeidentifiedRecord {
  private let method: SafeHarbor
  private let record: Document
  private let now: DateTime
  private var isOld = false
  /// Texts of identifiers, folded, by which other texts are searched.
  private var known: Set<String> = []
  private(set) var removed: [IdentifierKind: Int] = [:]
  private(set) var needsReview = false

  init(_ method: SafeHarbor, _ record: Document, _ now: DateTime) {
    self.method = method
    self.record = record
    self.now = now
  }

  // MARK: - Looking

  /// Learns how old the person is, and by which texts they can be known.
  ///
  /// - Throws: `badArgument` for a path without a kind.
  mutating func look() throws(PrivataError) {
    var births: [DateTime] = []
    var deaths: [DateTime] = []
    try visit(.document(record), "") { kind, value in
      switch kind {
      case .birthDate: if let date = Self.moment(value) { births.append(date) }
      case .deathDate: if let date = Self.moment(value) { deaths.append(date) }
      case .age: if let age = value.asDouble, age >= 90 { isOld = true }
      case .date:
        if let date = Self.moment(value), CalendarText.years(from: date, to: now) >= 90 {
          isOld = true
        }
      case .safe, .freeText, .zip, .city: break
      default: remember(value)
      }
    }
    let end = deaths.min() ?? now
    if births.contains(where: { CalendarText.years(from: $0, to: end) >= 90 }) { isOld = true }
  }

  private mutating func remember(_ value: Value) {
    guard let text = value.asString else { return }
    let folded = Self.folded(text)
    if folded.count >= 3 { known.insert(folded) }
    // Parts of names and addresses tell as much as the whole.
    for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) where word.count >= 4 {
      known.insert(Self.folded(String(word)))
    }
  }

  private static func moment(_ value: Value) -> DateTime? {
    switch value {
    case .date(let date): date
    case .string(let text): CalendarText.moment(text)
    default:
      value.asInt.flatMap { year in
        (1000...9999).contains(year) ? DateTime(.init(year: year)) : nil
      }
    }
  }

  /// Letters and digits only, without case and marks, so that other spellings are found.
  private static func folded(_ text: String) -> String {
    PlainFolding.folded(text).filter { $0.isLetter || $0.isNumber }
  }

  private func visit(
    _ value: Value, _ path: String, _ body: (IdentifierKind, Value) -> Void
  ) throws(PrivataError) {
    switch value {
    case .document(let document):
      for element in document.elements {
        try visit(element.value, path.isEmpty ? element.key : path + "." + element.key, body)
      }
    case .array(let parts): for part in parts { try visit(part, path, body) }
    default: body(try kind(path), value)
    }
  }

  private func kind(_ path: String) throws(PrivataError) -> IdentifierKind {
    guard let kind = method.kind(path) else {
      throw PrivataError(
        .badArgument, "\(path) has no kind of identifier: name it, or .safe", fields: [path])
    }
    return kind
  }

  // MARK: - Cleaning

  /// The record without identifiers.
  mutating func cleaned(
    keeping: (IdentifierKind) -> Bool
  ) throws(PrivataError) -> Document {
    try cleaned(record, "", keeping)
  }

  private mutating func cleaned(
    _ document: Document, _ path: String, _ keeping: (IdentifierKind) -> Bool
  ) throws(PrivataError) -> Document {
    var elements: [Document.Element] = []
    for element in document.elements {
      let path = path.isEmpty ? element.key : path + "." + element.key
      if let value = try cleaned(element.value, path, keeping) {
        elements.append(.init(key: element.key, value: value))
      }
    }
    return Document(elements)
  }

  private mutating func cleaned(
    _ value: Value, _ path: String, _ keeping: (IdentifierKind) -> Bool
  ) throws(PrivataError) -> Value? {
    let isWhole = !method.hasParts(path)
    switch value {
    case .document(let document):
      if isWhole, let kind = method.kind(path), kind != .safe, !keeping(kind) {
        removed[kind, default: 0] += 1
        return nil
      }
      return .document(try cleaned(document, path, keeping))
    case .array(let parts):
      var kept: [Value] = []
      for part in parts {
        if let part = try cleaned(part, path, keeping) { kept.append(part) }
      }
      return kept.isEmpty && !parts.isEmpty ? Value?.none : .array(kept)
    default: return kept(value, try kind(path), keeping)
    }
  }

  /// What stays of a value; `nil` for nothing.
  private mutating func kept(
    _ value: Value, _ kind: IdentifierKind, _ keeping: (IdentifierKind) -> Bool
  ) -> Value? {
    if value.isNull { return value }
    if keeping(kind) {
      guard tells(value) else { return value }
      removed[.otherUnique, default: 0] += 1
      return nil
    }
    let left = part(of: value, kind)
    if left != value { removed[kind, default: 0] += 1 }
    return left
  }

  private mutating func part(of value: Value, _ kind: IdentifierKind) -> Value? {
    switch kind {
    case .zip:
      if let text = value.asString { return .string(method.codes.prefix(of: text)) }
      return value.asInt.map { .string(method.codes.prefix(of: $0)) }
    case .birthDate: return isOld ? nil : year(value)
    case .date, .deathDate: return year(value)
    case .age:
      guard let age = value.asDouble else { return nil }
      if age >= 90 { return .int32(90) }
      // Beside a year, another age of somebody so old tells the year of birth.
      return isOld ? Value?.none : value
    case .freeText: return scrubbed(value)
    default: return nil
    }
  }

  private func year(_ value: Value) -> Value? {
    // A year far ahead is one of another calendar, of which nothing is known.
    guard let date = Self.moment(value),
      (-10..<90).contains(CalendarText.years(from: date, to: now))
    else { return nil }
    return .int(date.year)
  }

  private mutating func scrubbed(_ value: Value) -> Value? {
    guard let scrubber = method.scrubber, let text = value.asString,
      let clean = scrubber(text), !tells(.string(clean))
    else { return nil }
    needsReview = true
    return .string(clean)
  }

  /// True for a text in which an identifier of the record occurs, in whatever spelling.
  private func tells(_ value: Value) -> Bool {
    guard let text = value.asString, !known.isEmpty else { return false }
    let folded = Self.folded(text)
    return known.contains { folded.contains($0) }
  }
}

public import PrivataCore

/// Looks at some records for personal data in fields whose names say nothing.
///
/// ```swift
/// let found = try await ValueSampler(rows: 500).sample(model, in: store)
/// // data1: email 480 of 500
/// ```
///
/// - Privacy: reads only, keeps nothing, and answers kinds and numbers, never a value.
public struct ValueSampler: Sendable {
  /// The most records to look at, and the most bytes of text.
  public var rows: Int
  public var bytes: Int

  /// A sampler with a budget.
  public init(rows: Int = 500, bytes: Int = 4 << 20) {
    self.rows = rows
    self.bytes = bytes
  }

  /// What was found in a field.
  public struct Finding: Sendable, Hashable {
    /// The path of the field, what its values look like, in how many of how many records.
    public let field: String
    public let kind: SampledKind
    public let count: Int
    public let total: Int

    /// The share of the records, 0 to 1.
    public var share: Double { total == 0 ? 0 : Double(count) / Double(total) }
  }

  /// Looks at the records of a model.
  ///
  /// - Throws: what the read throws.
  public func sample(
    _ model: ModelSchema, in store: any Store
  ) async throws(PrivataError) -> [Finding] {
    let query = Query(model, limit: rows)
    return findings(in: try await store.rows(for: query).documents)
  }

  /// Looks at records.
  public func findings(in records: [Document]) -> [Finding] {
    var counts: [String: [SampledKind: Int]] = [:]
    var budget = bytes
    var total = 0
    for record in records.prefix(rows) {
      guard budget > 0 else { break }
      total += 1
      var seen: [String: Set<SampledKind>] = [:]
      collect(.document(record), "", &seen, &budget)
      for (path, kinds) in seen {
        for kind in kinds { counts[path, default: [:]][kind, default: 0] += 1 }
      }
    }
    return counts.flatMap { path, kinds in
      kinds.map { Finding(field: path, kind: $0.key, count: $0.value, total: total) }
    }.sorted { ($0.field, $0.kind.rawValue) < ($1.field, $1.kind.rawValue) }
  }

  private func collect(
    _ value: Value, _ path: String, _ seen: inout [String: Set<SampledKind>],
    _ budget: inout Int
  ) {
    switch value {
    case .document(let document):
      for element in document.elements {
        let next = path.isEmpty ? element.key : path + "." + element.key
        collect(element.value, next, &seen, &budget)
      }
    case .array(let parts): for part in parts { collect(part, path, &seen, &budget) }
    case .string(let text):
      budget -= text.utf8.count
      guard budget >= 0 else { return }
      if let json = try? Value(extendedJSON: text), json.asDocument != nil || json.asArray != nil {
        return collect(json, path, &seen, &budget)
      }
      seen[path, default: []].formUnion(SampledKind.found(in: text))
    default: return
    }
  }
}

/// What a value looks like, by its form and its check digits.
public enum SampledKind: String, Sendable, Hashable, CaseIterable {
  case email, phone, iban, card, socialSecurity, ipAddress, nationalID

  /// What a text holds: as a whole, or as words of it.
  static func found(in text: String) -> Set<SampledKind> {
    var kinds: Set<SampledKind> = []
    if let kind = kind(of: text) { kinds.insert(kind) }
    let words = text.split { $0.isWhitespace || ",;()<>\"'".contains($0) }
    guard words.count > 1 else { return kinds }
    for word in words {
      if let kind = kind(of: String(word.drop { ".:".contains($0) })) { kinds.insert(kind) }
    }
    return kinds
  }

  /// What a whole text is.
  static func kind(of text: String) -> SampledKind? {
    let text = text.trimmingSuffix(".:!?")
    guard (6...64).contains(text.utf8.count) else { return nil }
    if Checks.isEmail(text) { return .email }
    if Checks.isSocialSecurity(text) { return .socialSecurity }
    if Checks.isIBAN(text) { return .iban }
    if Checks.isAddress(text) { return .ipAddress }
    if Checks.isNationalID(text) { return .nationalID }
    if Checks.isCard(text) { return .card }
    if Checks.isPhone(text) { return .phone }
    return nil
  }
}

extension String {
  fileprivate func trimmingSuffix(_ characters: String) -> String {
    var text = self[...]
    while let last = text.last, characters.contains(last) { text = text.dropLast() }
    return String(text)
  }
}

internal import PrivataCore

/// Takes what names other persons out of records that are about one: references to others, and their
/// names, addresses and ids in texts.
///
/// Source: GDPR Article 15(4).
struct OthersMask {
  let core: VaultCore
  let graph: SubjectGraph
  let subject: Subject

  /// What stands in the place of another person.
  static let text = "[another person]"

  struct Result {
    var records: [Document]
    /// The fields in which something was masked.
    var fields: Set<String> = []
  }

  /// The records of a model without others; the persons' own records are as they are.
  ///
  /// - Throws: what the identity store throws.
  func masked(
    _ records: [Document], _ separation: Separation
  ) async throws(PrivataError) -> Result {
    guard separation !== graph.root else { return Result(records: records) }
    let edges = graph.edges.filter { $0.separation === separation }
    var result = Result(records: records)
    for (index, record) in records.enumerated() {
      let found = edges.map { others(record, $0) }
      guard found.contains(where: { !$0.isEmpty }) else { continue }
      for (edge, values) in zip(edges, found) where !values.isEmpty {
        result.records[index][edge.field.name] = hidden(record[edge.field.name], edge)
        result.fields.insert(edge.field.name)
      }
    }
    guard !result.fields.isEmpty else { return result }
    try await maskTexts(of: records, edges, &result)
    return result
  }

  // MARK: - References

  private func own(_ edge: SubjectGraph.Edge) -> Value? { subject.targets[edge.target]?.lookupKey }

  private func others(_ record: Document, _ edge: SubjectGraph.Edge) -> [Value] {
    guard let value = record[edge.field.name], !value.isNull else { return [] }
    let all = edge.isArray ? value.asArray ?? [] : [value]
    return all.filter { $0.lookupKey != own(edge) }
  }

  private func hidden(_ value: Value?, _ edge: SubjectGraph.Edge) -> Value {
    guard edge.isArray else { return .string(Self.text) }
    return .array((value?.asArray ?? []).filter { $0.lookupKey == own(edge) })
  }

  // MARK: - Texts

  private func maskTexts(
    of records: [Document], _ edges: [SubjectGraph.Edge], _ result: inout Result
  ) async throws(PrivataError) {
    let words = try await words(of: records, edges)
    for (index, record) in records.enumerated() {
      var found: [String] = []
      for edge in edges {
        for value in others(record, edge) { found += words[edge.target]?[value.lookupKey] ?? [] }
      }
      guard !found.isEmpty else { continue }
      let terms = found.sorted { $0.count > $1.count }.map { Array($0.lowercased()) }
      let names = Set(edges.map(\.field.name))
      for element in result.records[index].elements where !names.contains(element.key) {
        let value = Self.masking(element.value, terms)
        guard value != element.value else { continue }
        result.records[index][element.key] = value
        result.fields.insert(element.key)
      }
    }
  }

  /// What others are named by, by the value that refers to them.
  private func words(
    of records: [Document], _ edges: [SubjectGraph.Edge]
  ) async throws(PrivataError) -> [String: [Value: [String]]] {
    var words: [String: [Value: [String]]] = [:]
    let own = try await identities([subject.key], graph.root.model.key.name)
    let spared = Set(own.values.flatMap(\.self))
    for target in Set(edges.map(\.target)).sorted() {
      var wanted: [Value: Value] = [:]
      for edge in edges where edge.target == target {
        for record in records {
          for value in others(record, edge) { wanted[value.lookupKey] = value }
        }
      }
      var found: [Value: [String]] = [:]
      let values = Array(wanted.values)
      for start in stride(from: 0, to: values.count, by: core.options.joinBatch) {
        let end = min(start + core.options.joinBatch, values.count)
        let part = try await identities(Array(values[start..<end]), target)
        found.merge(part.mapValues { $0.filter { !spared.contains($0) } }) { first, _ in first }
      }
      for (key, value) in wanted { found[key, default: []] += Self.words(CSVText.plain(value)) }
      words[target] = found
    }
    return words
  }

  private func identities(
    _ values: [Value], _ target: String
  ) async throws(PrivataError) -> [Value: [String]] {
    let model = graph.root.model
    let names =
      [target]
      + model.fields.filter { $0.privacy == .pii && $0.name != target }
      .map(\.name)
    let query = Query(
      model, where: .isIn(target, values), projection: .fields(names), layout: .cells)
    let rows = try await core.session.rows(query, graph.root)
    var found: [Value: [String]] = [:]
    for row in 0..<rows.count {
      guard let key = rows.value(row: row, column: 0) else { continue }
      found[key.lookupKey] = names.indices.dropFirst().flatMap { column in
        Self.words(rows.value(row: row, column: column)?.asString ?? "")
      }
    }
    return found
  }

  /// A text and its words, as far as they are long enough to name somebody.
  private static func words(_ text: String) -> [String] {
    guard text.count > 2 else { return [] }
    let parts = text.split(whereSeparator: \.isWhitespace).map(String.init)
      .filter { $0.count > 2 && $0.first?.isUppercase == true }
    return parts.count > 1 ? [text] + parts : [text]
  }

  private static func masking(_ value: Value, _ terms: [[Character]]) -> Value {
    switch value {
    case .string(let text): .string(masking(text, terms))
    case .array(let items): .array(items.map { masking($0, terms) })
    case .document(let document):
      .document(
        Document(document.elements.map { .init(key: $0.key, value: masking($0.value, terms)) }))
    default: value
    }
  }

  /// A text with each term replaced, whatever its case, where it stands for itself.
  static func masking(_ text: String, _ terms: [[Character]]) -> String {
    let letters = Array(text)
    let folded = letters.map { $0.lowercased().first ?? $0 }
    var masked = ""
    var position = 0
    while position < letters.count {
      let isStart = position == 0 || !isWord(letters[position - 1])
      let hit = terms.first { term in
        let end = position + term.count
        return end <= letters.count && folded[position..<end].elementsEqual(term)
          && (end == letters.count || !isWord(letters[end]))
      }
      if let hit, isStart {
        masked += Self.text
        position += hit.count
      } else {
        masked.append(letters[position])
        position += 1
      }
    }
    return masked
  }

  private static func isWord(_ letter: Character) -> Bool { letter.isLetter || letter.isNumber }
}

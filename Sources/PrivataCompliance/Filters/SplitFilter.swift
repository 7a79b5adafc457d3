internal import PrivataCore

/// A filter divided by half: each part holds for a record exactly where the whole does.
struct SplitFilter: Sendable {
  /// What the identity store checks.
  var identity = Filter.all
  /// What the clinical store checks, still with ids in place of pseudonyms.
  var clinical = Filter.all
  /// What only the joined record can answer.
  var residual = Filter.all
  /// The fields that the residual part reads.
  var residualUse = FieldUse()
  /// True where the clinical part compares references, whose ids have to become pseudonyms.
  var hasReferences = false

  /// The halves without which the filter cannot be answered.
  var halves: Halves {
    var halves: Halves = []
    if identity != .all { halves.insert(.identity) }
    if clinical != .all { halves.insert(.clinical) }
    return halves
  }

  /// Divides a filter into its conjuncts, and those by half.
  init(_ filter: Filter, in separation: Separation) {
    guard filter != .all else { return }
    var parts = Parts()
    for conjunct in filter.conjuncts { parts.add(conjunct, separation) }
    identity = Filter.conjunction(parts.identity)
    clinical = Filter.conjunction(parts.clinical)
    residual = Filter.conjunction(parts.residual)
    residualUse = parts.use
    hasReferences = parts.hasReferences
  }

  private struct Parts {
    var identity: [Filter] = []
    var clinical: [Filter] = []
    var residual: [Filter] = []
    var use = FieldUse()
    var hasReferences = false

    mutating func add(_ conjunct: Filter, _ separation: Separation) {
      let use = FieldUse(conjunct, in: separation)
      switch use.halves(in: separation) {
      case [] where separation.shape == .clinicalOnly: clinical.append(conjunct)
      case [], .identity: identity.append(conjunct)
      case .clinical: add(clinical: conjunct, use, separation)
      default: add(residual: conjunct, use)
      }
    }

    private mutating func add(
      clinical conjunct: Filter, _ use: FieldUse, _ separation: Separation
    ) {
      let refers =
        use.isAll
        ? !separation.references.isEmpty
        : use.names.contains { separation.references[$0] != nil }
      if refers && !ReferenceFilter.canTranslate(conjunct, separation) {
        return add(residual: conjunct, use)
      }
      hasReferences = hasReferences || refers
      clinical.append(conjunct)
    }

    private mutating func add(residual conjunct: Filter, _ conjunctUse: FieldUse) {
      residual.append(conjunct)
      use.formUnion(conjunctUse)
    }
  }
}

extension Filter {
  /// The parts that must all hold.
  var conjuncts: [Filter] {
    switch self {
    case .all: []
    case .and(let parts): parts.flatMap(\.conjuncts)
    case .document(let document): document.conjuncts
    default: [self]
    }
  }

  /// The filter that holds where all parts do.
  static func conjunction(_ parts: [Filter]) -> Filter {
    var typed: [Filter] = []
    var documents: [Document] = []
    for part in parts {
      if case .document(let document) = part {
        documents.append(document)
      } else {
        typed.append(part)
      }
    }
    if let merged = Document.conjunction(documents) { typed.append(.document(merged)) }
    switch typed.count {
    case 0: return .all
    case 1: return typed[0]
    default: return .and(typed)
    }
  }

  /// The filter that holds where both do.
  func and(_ other: Filter) -> Filter {
    switch (self, other) {
    case (.all, _): other
    case (_, .all): self
    default: .and([self, other])
    }
  }
}

extension Document {
  fileprivate var conjuncts: [Filter] {
    elements.flatMap { element -> [Filter] in
      guard element.key == "$and", let parts = element.value.asArray else {
        return [.document(Document([element]))]
      }
      let documents = parts.compactMap(\.asDocument)
      // A malformed `$and` is left for the store to refuse.
      guard documents.count == parts.count, !parts.isEmpty else {
        return [.document(Document([element]))]
      }
      return documents.flatMap(\.conjuncts)
    }
  }

  /// One document that holds where all do: flat where every key occurs once.
  fileprivate static func conjunction(_ documents: [Document]) -> Document? {
    guard documents.count > 1 else { return documents.first }
    var elements: [Element] = []
    var seen: Set<String> = []
    for element in documents.flatMap(\.elements) {
      guard seen.insert(element.key).inserted else {
        return ["$and": .array(documents.map { .document($0) })]
      }
      elements.append(element)
    }
    return Document(elements)
  }
}

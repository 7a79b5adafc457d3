/// `$redact`: keeps, cuts or descends into documents level by level.
struct Redaction: Sendable {
  private let decide: Evaluator

  init(_ decide: @escaping Evaluator) { self.decide = decide }

  /// The documents that remain.
  func run(_ documents: [Document], _ scope: PipelineScope) throws(PrivataError) -> [Document] {
    var kept: [Document] = []
    for document in documents {
      if let document = try redacted(document, scope.context(document)) { kept.append(document) }
    }
    return kept
  }

  private func redacted(
    _ document: Document, _ context: ExpressionContext
  ) throws(PrivataError) -> Document? {
    var inner = context
    inner.current = document
    switch try decide(inner) {
    case .string("$$KEEP")?: return document
    case .string("$$PRUNE")?: return nil
    case .string("$$DESCEND")?:
      var elements: [Document.Element] = []
      for element in document.elements {
        if let value = try redacted(element.value, context) {
          elements.append(.init(key: element.key, value: value))
        }
      }
      return Document(elements)
    default:
      throw .rejected(
        17053,
        "$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE"
      )
    }
  }

  private func redacted(_ value: Value, _ context: ExpressionContext) throws(PrivataError) -> Value?
  {
    switch value {
    case .document(let document): return try redacted(document, context).map { .document($0) }
    case .array(let items):
      var kept: [Value] = []
      for item in items { if let item = try redacted(item, context) { kept.append(item) } }
      return .array(kept)
    default: return value
    }
  }
}

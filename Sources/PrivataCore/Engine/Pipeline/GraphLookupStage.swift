/// `$graphLookup`: documents reached over a field, again and again.
struct GraphLookupStage: Sendable {
  let from: String
  private let start: Evaluator
  private let connectFrom: DottedPath
  private let connectTo: DottedPath
  private let target: DottedPath
  private var maxDepth: Int?
  private var depthField: DottedPath?
  private var restriction: DocumentMatcher?
  private var restrictionFilter = Document()

  /// Compiles the stage.
  init(_ value: Value, _ parser: PipelineParser) throws(PrivataError) {
    guard case .document(let document) = value else {
      throw .rejected(9, "the $graphLookup stage specification must be an object")
    }
    let names = [
      "from", "startWith", "connectFromField", "connectToField", "as", "maxDepth", "depthField",
      "restrictSearchWithMatch",
    ]
    for key in document.keys where !names.contains(key) {
      throw .rejected(40104, "Unknown argument to $graphLookup: \(key)")
    }
    guard let startWith = document["startWith"], document.contains("from"),
      document.contains("connectFromField"), document.contains("connectToField"),
      document.contains("as")
    else {
      throw .rejected(
        40105,
        "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField'")
    }
    from = try Self.text("from", document)
    connectFrom = DottedPath(try Self.text("connectFromField", document))
    connectTo = DottedPath(try Self.text("connectToField", document))
    target = DottedPath(try Self.text("as", document))
    start = try parser.compiler.compile(startWith)
    if let depth = document["maxDepth"] {
      guard depth.isNumber else { throw .rejected(40100, "maxDepth requires numeric argument") }
      guard let number = depth.exactInteger, number >= 0 else {
        throw .rejected(number(depth), "maxDepth requires a nonnegative integer argument")
      }
      maxDepth = Int(number)
    }
    if document.contains("depthField") {
      depthField = DottedPath(try Self.text("depthField", document))
    }
    if let filter = document["restrictSearchWithMatch"] {
      guard case .document(let filter) = filter else {
        throw .rejected(40185, "restrictSearchWithMatch must be an object")
      }
      restriction = try DocumentMatcher(filter, collation: parser.collation)
      restrictionFilter = filter
    }

    func number(_ value: Value) -> Int { value.exactInteger == nil ? 40102 : 40101 }
  }

  private static func text(_ name: String, _ document: Document) throws(PrivataError) -> String {
    guard let text = document[name]?.asString, !text.isEmpty else {
      throw .rejected(40103, "expected a string as argument for \(name)")
    }
    return text
  }

  /// The documents with what they reach.
  func run(
    _ documents: [Document], _ scope: PipelineScope, _ read: Pipeline.Read
  ) async throws(PrivataError) -> [Document] {
    guard !documents.isEmpty else { return [] }
    var others: [Document] = []
    for other in try await read(from, restrictionFilter)
    where try restriction?.matches(other) ?? true {
      others.append(other)
    }
    let index = ForeignIndex(others, connectTo, scope.order)
    var results: [Document] = []
    for document in documents {
      var frontier: [Value] = []
      switch try start(scope.context(document)) {
      case .array(let items)?: frontier = items
      case let value?: frontier = [value]
      case nil: frontier = [.null]
      }
      var result = document
      let found = search(frontier, index, scope.order)
      result.set(target.parts[...], .array(found.map { .document($0) }))
      results.append(result)
    }
    return results
  }

  private func search(_ start: [Value], _ index: ForeignIndex, _ order: ValueOrder) -> [Document] {
    var seen: Set<Value> = []
    var asked: Set<Value> = []
    var found: [Document] = []
    var frontier = start
    var depth = 0
    while !frontier.isEmpty, depth <= maxDepth ?? Int.max {
      var next: [Value] = []
      let new = frontier.filter { asked.insert(order.key($0)).inserted }
      for var document in index.documents(for: new) {
        guard seen.insert(order.key(document["_id"] ?? .document(document))).inserted else {
          continue
        }
        if connectFrom.expressionValue(in: document) != nil {
          next += ForeignIndex.values(connectFrom, document)
        }
        if let depthField { document.set(depthField.parts[...], .int64(Int64(depth))) }
        found.append(document)
      }
      frontier = next
      depth += 1
    }
    return found
  }
}

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

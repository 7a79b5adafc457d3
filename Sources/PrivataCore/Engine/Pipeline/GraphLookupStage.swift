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
    let document = try Self.arguments(value)
    from = try Self.text("from", document)
    connectFrom = DottedPath(try Self.text("connectFromField", document))
    connectTo = DottedPath(try Self.text("connectToField", document))
    target = DottedPath(try Self.text("as", document))
    start = try parser.compiler.compile(document["startWith"] ?? .null)
    maxDepth = try document["maxDepth"].map(Self.depth)
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
  }

  private static func arguments(_ value: Value) throws(PrivataError) -> Document {
    guard case .document(let document) = value else {
      throw .rejected(9, "the $graphLookup stage specification must be an object")
    }
    guard document.contains("from") else {
      throw .rejected(9, "missing 'from' option to $graphLookup stage specification")
    }
    let required = ["from", "startWith", "connectFromField", "connectToField", "as"]
    let names = required + ["maxDepth", "depthField", "restrictSearchWithMatch"]
    for key in document.keys where !names.contains(key) {
      throw .rejected(40104, "Unknown argument to $graphLookup: \(key)")
    }
    guard required.allSatisfy(document.contains) else {
      throw .rejected(
        40105,
        "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField'")
    }
    return document
  }

  private static func depth(_ value: Value) throws(PrivataError) -> Int {
    guard value.isNumber else { throw .rejected(40100, "maxDepth requires numeric argument") }
    guard let number = value.exactInteger, number >= 0 else {
      throw .rejected(
        value.exactInteger == nil ? 40102 : 40101,
        "maxDepth requires a nonnegative integer argument")
    }
    return Int(number)
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

/// `$lookup`: the matching documents of another collection, by equal fields, by a pipeline, or both.
struct LookupStage: Sendable {
  /// `nil` where the inner pipeline brings its own documents.
  let from: String?
  let stages: [PipelineStage]
  private let target: DottedPath
  private let local: DottedPath?
  private let foreign: DottedPath?
  private let bindings: [Evaluator]

  /// Compiles the stage.
  init(_ value: Value, _ parser: PipelineParser) throws(PrivataError) {
    guard case .document(let document) = value else {
      throw .rejected(9, "the $lookup stage specification must be an object")
    }
    for key in document.keys
    where !["from", "localField", "foreignField", "as", "let", "pipeline"].contains(key) {
      throw .rejected(9, "unknown argument to $lookup: \(key)")
    }
    for key in ["from", "as", "localField", "foreignField"] {
      guard document[key].map({ $0.asString != nil }) ?? true else {
        throw .rejected(9, "$lookup argument '\(key)' must be a string")
      }
    }
    guard let name = document["as"]?.asString else {
      throw .rejected(9, "must specify 'as' field for a $lookup")
    }
    target = try ExpressionCompiler.checked(name)
    from = document["from"]?.asString
    local = try document["localField"]?.asString.map { (text) throws(PrivataError) in
      try ExpressionCompiler.checked(text)
    }
    foreign = try document["foreignField"]?.asString.map { (text) throws(PrivataError) in
      try ExpressionCompiler.checked(text)
    }
    guard (local == nil) == (foreign == nil), local != nil || document.contains("pipeline") else {
      throw .rejected(9, "$lookup requires both or neither of 'localField' and 'foreignField'")
    }
    var names = parser.variables
    var bindings: [Evaluator] = []
    if let given = document["let"] {
      guard case .document(let variables) = given else {
        throw .rejected(9, "$lookup argument 'let' must be an object")
      }
      for element in variables.elements {
        bindings.append(try parser.compiler.compile(element.value))
        guard
          element.key.unicodeScalars.first.map({ $0.value >= 128 || PatternSet.isLower($0.value) })
            == true
        else { throw .rejected(9, "a variable's name starts with a lower-case letter") }
        names.append(element.key)
      }
    }
    self.bindings = bindings
    let inner = PipelineParser(collation: parser.collation, textFields: [], variables: names)
    stages =
      try document["pipeline"].map { (value) throws(PrivataError) in
        try inner.stages(value, 9, "$lookup argument 'pipeline'")
      } ?? []
    if from == nil {
      guard case .documents? = stages.first else {
        throw .rejected(9, "must specify 'from' field for a $lookup")
      }
    }
  }

  /// The documents with what was found.
  func run(
    _ documents: [Document], _ scope: PipelineScope, _ read: Pipeline.Read
  ) async throws(PrivataError) -> [Document] {
    guard !documents.isEmpty else { return [] }
    var others: [Document] = []
    if let from { others = try await read(from, filter(documents, scope)) }
    let index = foreign.map { ForeignIndex(others, $0, scope.order) }
    var results: [Document] = []
    for document in documents {
      var found = others
      if let local, let index { found = index.documents(for: local, in: document) }
      if !stages.isEmpty {
        var values: [Value?] = []
        let context = scope.context(document)
        for binding in bindings { values.append(try binding(context)) }
        found = try await Pipeline.run(stages[...], found, scope.binding(values), read)
      }
      var result = document
      result.set(target.parts[...], .array(found.map { .document($0) }))
      results.append(result)
    }
    return results
  }
}

extension LookupStage {
  /// Values that a filter lists at most; beyond them a whole collection is read at once.
  private static let mostValues = 2000

  /// What limits the documents to read, to those that may be found.
  private func filter(_ documents: [Document], _ scope: PipelineScope) -> Document {
    var filters: [Document] = []
    if let filter = stages.leadingFilter, !filter.isEmpty { filters.append(filter) }
    // An inner pipeline runs per outer document and shares one reading.
    if let local, let foreign, !scope.isInner,
      let values = Self.values(of: documents, at: local, scope.order)
    {
      filters.append([foreign.text: ["$in": .array(values)]])
    }
    if filters.count < 2 { return filters.first ?? [:] }
    return ["$and": .array(filters.map { .document($0) })]
  }

  /// The different values of a field, `nil` for too many or where a list would not mean equality.
  private static func values(
    of documents: [Document], at path: DottedPath, _ order: ValueOrder
  ) -> [Value]? {
    var seen: Set<Value> = []
    var values: [Value] = []
    for document in documents {
      for value in ForeignIndex.values(path, document) {
        switch value {
        case .regex, .undefined: return nil
        default: break
        }
        guard seen.insert(value.isNull ? .null : order.key(value)).inserted else { continue }
        values.append(value)
        if values.count > mostValues { return nil }
      }
    }
    return values
  }
}

/// Documents by the values of a field, for joins.
struct ForeignIndex: Sendable {
  private let documents: [Document]
  private let order: ValueOrder
  private var places: [Value: [Int]] = [:]

  /// Indexes the documents by a path.
  init(_ documents: [Document], _ path: DottedPath, _ order: ValueOrder) {
    self.documents = documents
    self.order = order
    for (position, document) in documents.enumerated() {
      var seen: Set<Value> = []
      // The closure throws nothing; the signature is shared with predicates that do.
      _ = try? path.visit(document, leafArrays: true) { value, _ in
        let key = value.map { $0.isNull ? .null : order.key($0) } ?? .null
        if seen.insert(key).inserted { places[key, default: []].append(position) }
        return false
      }
    }
  }

  /// The documents that hold a value of another's field, each once, in their order.
  func documents(for path: DottedPath, in document: Document) -> [Document] {
    documents(for: Self.values(path, document))
  }

  func documents(for values: [Value]) -> [Document] {
    var positions: Set<Int> = []
    for value in values {
      positions.formUnion(places[value.isNull ? .null : order.key(value)] ?? [])
    }
    return positions.sorted().map { documents[$0] }
  }

  /// The values that a document asks for: the elements of an array, null for a missing field.
  static func values(_ path: DottedPath, _ document: Document) -> [Value] {
    switch path.expressionValue(in: document) {
    case .array(let items)?:
      items.flatMap { if case .array(let nested) = $0 { nested } else { [$0] } }
    case nil: [.null]
    case let value?: [value]
    }
  }
}

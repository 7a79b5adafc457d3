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
    let document = try Self.arguments(value)
    guard let name = document["as"]?.asString else {
      throw .rejected(9, "must specify 'as' field for a $lookup")
    }
    target = try ExpressionCompiler.checked(name)
    from = document["from"]?.asString
    local = try Self.path("localField", document)
    foreign = try Self.path("foreignField", document)
    guard (local == nil) == (foreign == nil), local != nil || document.contains("pipeline") else {
      throw .rejected(9, "$lookup requires both or neither of 'localField' and 'foreignField'")
    }
    let variables = try Self.variables(document["let"])
    var bindings: [Evaluator] = []
    for variable in variables {
      bindings.append(try parser.compiler.compile(variable.value))
      try Self.check(variable: variable.key)
    }
    self.bindings = bindings
    let inner = PipelineParser(
      collation: parser.collation, textFields: [],
      variables: parser.variables + variables.map(\.key))
    stages =
      try document["pipeline"].map { (value) throws(PrivataError) in
        try inner.stages(value, 14, "$lookup argument 'pipeline'")
      } ?? []
    if from == nil {
      guard case .documents? = stages.first else {
        throw .rejected(9, "must specify 'from' field for a $lookup")
      }
    }
  }

  private static func arguments(_ value: Value) throws(PrivataError) -> Document {
    guard case .document(let document) = value else {
      throw .rejected(9, "the $lookup stage specification must be an object")
    }
    let texts = ["from", "as", "localField", "foreignField"]
    for key in document.keys where !(texts + ["let", "pipeline"]).contains(key) {
      throw .rejected(9, "unknown argument to $lookup: \(key)")
    }
    for key in texts where document[key].map({ $0.asString == nil }) ?? false {
      throw .rejected(9, "$lookup argument '\(key)' must be a string")
    }
    return document
  }

  private static func path(
    _ name: String, _ document: Document
  ) throws(PrivataError) -> DottedPath? {
    guard let text = document[name]?.asString else { return nil }
    return try ExpressionCompiler.checked(text)
  }

  private static func variables(_ value: Value?) throws(PrivataError) -> [Document.Element] {
    guard let value else { return [] }
    guard case .document(let variables) = value else {
      throw .rejected(9, "$lookup argument 'let' must be an object")
    }
    return variables.elements
  }

  private static func check(variable name: String) throws(PrivataError) {
    let first = name.unicodeScalars.first
    guard let first, first.value >= 128 || PatternSet.isLower(first.value) else {
      throw .rejected(9, "a variable's name starts with a lower-case letter")
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

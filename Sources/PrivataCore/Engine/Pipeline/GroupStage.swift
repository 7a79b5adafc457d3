/// `$group`: one document per different value of an expression, in the order in which they are met.
struct GroupStage: Sendable {
  fileprivate let id: Evaluator
  fileprivate let fields: [(String, AccumulatorPlan)]

  /// Compiles the stage.
  init(_ value: Value, _ parser: PipelineParser) throws(PrivataError) {
    guard case .document(let document) = value else {
      throw .rejected(15947, "a group's fields must be specified in an object")
    }
    var id: Evaluator?
    var fields: [(String, AccumulatorPlan)] = []
    for element in document.elements {
      if element.key == "_id" {
        id = try parser.compiler.compile(element.value)
      } else {
        fields.append(
          (element.key, try AccumulatorPlan(element.key, element.value, parser.compiler)))
      }
    }
    guard let id else {
      throw .rejected(15955, "a group specification must include an _id")
    }
    self.id = id
    self.fields = fields
  }

  /// The groups.
  func run(_ documents: [Document], _ scope: PipelineScope) throws(PrivataError) -> [Document] {
    var run = GroupRun(self, scope)
    for document in documents { try run.add(document) }
    return run.results
  }
}

/// The groups of the documents so far.
struct GroupRun {
  private let stage: GroupStage
  private let scope: PipelineScope
  private var places: [Value: Int] = [:]
  private var groups: [(id: Value, accumulators: [Accumulator])] = []

  init(_ stage: GroupStage, _ scope: PipelineScope) {
    self.stage = stage
    self.scope = scope
  }

  /// Adds a document to its group.
  mutating func add(_ document: Document) throws(PrivataError) {
    let context = scope.context(document)
    let id = try stage.id(context) ?? .null
    let key = scope.order.key(id)
    let place = places[key] ?? groups.count
    if place == groups.count {
      places[key] = place
      var accumulators: [Accumulator] = []
      for field in stage.fields { accumulators.append(try field.1.start(context)) }
      groups.append((id, accumulators))
    }
    for (index, field) in stage.fields.enumerated() {
      try field.1.add(context, to: &groups[place].accumulators[index])
    }
  }

  /// One document per group.
  var results: [Document] {
    groups.map { group in
      var result: [Document.Element] = [.init(key: "_id", value: group.id)]
      for (field, accumulator) in zip(stage.fields, group.accumulators) {
        result.append(.init(key: field.0, value: accumulator.result(scope.order)))
      }
      return Document(result)
    }
  }
}

/// An aggregation pipeline, compiled once, that answers as a MongoDB 6.0 server does.
///
/// ```swift
/// let pipeline = try Pipeline([["$match": ["age": ["$gte": 18]]], ["$count": "adults"]])
/// let results = try await pipeline.run(people) { collection in try await records(of: collection) }
/// ```
///
/// Stages that write (`$out`, `$merge`) or need the server (`$geoNear`, `$setWindowFields`…) are
/// refused with `unsupported`.
package struct Pipeline: Sendable {
  /// Reads all documents of another collection, for `$lookup` and its like.
  package typealias Fetch = (_ collection: String) async throws(PrivataError) -> [Document]
  /// Reads the documents of another collection that match a filter; it may answer others too.
  typealias Read = (
    _ collection: String, _ filter: Document
  ) async throws(PrivataError) -> [Document]

  let stages: [PipelineStage]
  let order: ValueOrder

  /// Compiles the stages.
  ///
  /// - Parameters:
  ///   - textFields: the fields of the collection's text index, for `$text`.
  ///   - variables: names of variables that ``run(_:variables:fetch:)`` gets values for.
  /// - Throws: `unknownOperator` for an unknown stage or operator, `unsupported` for one that only a
  ///   server can do, `rejectedByStore` with MongoDB's code for what MongoDB refuses.
  package init(
    _ stages: [Document], collation: Document? = nil, textFields: [String] = [],
    variables: [String] = []
  ) throws(PrivataError) {
    order = try ValueOrder(collation)
    let parser = PipelineParser(collation: collation, textFields: textFields, variables: variables)
    self.stages = try parser.stages(stages)
  }

  private init(_ stages: [PipelineStage], _ order: ValueOrder) {
    self.stages = stages
    self.order = order
  }

  /// The pipeline without its first stages.
  func dropping(first count: Int) -> Pipeline {
    Pipeline(Array(stages.dropFirst(count)), order)
  }

  /// The names of the collections that the pipeline reads besides its own.
  package var collections: Set<String> {
    stages.reduce(into: []) { $0.formUnion($1.collections) }
  }

  /// The results for these documents.
  ///
  /// - Throws: what an expression throws, and what `fetch` throws.
  package func run(
    _ documents: [Document], variables: [Value?] = [], now: DateTime = .now, fetch: Fetch
  ) async throws(PrivataError) -> [Document] {
    let scope = PipelineScope(order: order, variables: variables, now: now)
    let read: Read = { (name, _) async throws(PrivataError) in try await fetch(name) }
    return try await Self.run(stages[...], documents, scope, read)
  }

  static func run(
    _ stages: ArraySlice<PipelineStage>, _ documents: [Document], _ scope: PipelineScope,
    _ read: Read
  ) async throws(PrivataError) -> [Document] {
    var current = documents
    for stage in stages {
      try scope.check()
      current = try await stage.run(current, scope, read)
    }
    return current
  }
}

extension [PipelineStage] {
  /// The filter of a `$match` at the beginning, which the reading of the documents may apply.
  var leadingFilter: Document? {
    if case .match(let match)? = first { match.plain } else { nil }
  }
}

/// What all stages of a run share.
struct PipelineScope: Sendable {
  let order: ValueOrder
  let variables: [Value?]
  let now: DateTime
  /// When the run has to be done.
  var deadline: ContinuousClock.Instant?
  /// True in a pipeline that runs for each document of an outer one.
  var isInner = false

  /// - Throws: `cancelled`, and `timeout` after the deadline.
  func check() throws(PrivataError) {
    if Task.isCancelled { throw PrivataError(.cancelled, "the call was cancelled") }
    guard let deadline, ContinuousClock.now >= deadline else { return }
    throw .rejected(50, "the pipeline took longer than it may", as: .timeout)
  }

  /// The context of expressions over a document.
  func context(_ document: Document) -> ExpressionContext {
    ExpressionContext(root: document, order: order, slots: variables, now: now)
  }

  /// The scope of an inner pipeline with more variables.
  func binding(_ values: [Value?]) -> PipelineScope {
    PipelineScope(
      order: order, variables: variables + values, now: now, deadline: deadline, isInner: true)
  }
}

/// A compiled stage.
indirect enum PipelineStage: Sendable {
  case match(PipelineMatch)
  case transform(DocumentTransform)
  case sort([SortKey], collation: Document?)
  case skip(Int)
  case limit(Int)
  case sample(Int)
  case group(GroupStage)
  case unwind(UnwindStage)
  case count(String)
  case bucket(BucketStage)
  case bucketAuto(BucketAutoStage)
  case facet([(String, [PipelineStage])])
  case lookup(LookupStage)
  case graphLookup(GraphLookupStage)
  case union(String, [PipelineStage])
  case documents(Evaluator)
  case redact(Evaluator)

  /// The other collections that the stage reads.
  var collections: Set<String> {
    switch self {
    case .lookup(let stage):
      stage.stages.reduce(into: stage.from.map { [$0] } ?? []) { $0.formUnion($1.collections) }
    case .graphLookup(let stage): [stage.from]
    case .union(let name, let stages): stages.reduce(into: [name]) { $0.formUnion($1.collections) }
    case .facet(let facets):
      facets.flatMap(\.1).reduce(into: []) { $0.formUnion($1.collections) }
    default: []
    }
  }

  /// What the stage makes of the documents.
  func run(
    _ documents: [Document], _ scope: PipelineScope, _ read: Pipeline.Read
  ) async throws(PrivataError) -> [Document] {
    switch self {
    case .lookup(let stage): return try await stage.run(documents, scope, read)
    case .graphLookup(let stage): return try await stage.run(documents, scope, read)
    case .union(let name, let stages):
      var others: [Document] = []
      if !name.isEmpty { others = try await read(name, stages.leadingFilter ?? [:]) }
      return documents + (try await Pipeline.run(stages[...], others, scope, read))
    case .facet(let facets):
      var result = Document()
      for (name, stages) in facets {
        let found = try await Pipeline.run(stages[...], documents, scope, read)
        result.append(name, .array(found.map { .document($0) }))
      }
      return [result]
    default: return try apply(documents, scope)
    }
  }

  /// The document of a count; none for a count of nothing.
  static func counted(_ count: Int, _ name: String) -> [Document] {
    count == 0 ? [] : [Document([.init(key: name, value: .int(count))])]
  }

  /// Stages that need nothing but their documents.
  func apply(
    _ documents: [Document], _ scope: PipelineScope
  ) throws(PrivataError) -> [Document] {
    switch self {
    case .match(let match): return try match.run(documents, scope)
    case .transform(let transform):
      var results: [Document] = []
      results.reserveCapacity(documents.count)
      for document in documents { results.append(try transform.apply(scope.context(document))) }
      return results
    case .sort(let keys, let collation):
      return try DocumentSorter(keys, collation: collation).sorted(documents)
    case .skip(let count): return Array(documents.dropFirst(count))
    case .limit(let count): return Array(documents.prefix(count))
    case .sample(let count): return Array(documents.shuffled().prefix(count))
    case .group(let stage): return try stage.run(documents, scope)
    case .unwind(let stage): return stage.run(documents)
    case .count(let name): return Self.counted(documents.count, name)
    case .bucket(let stage): return try stage.run(documents, scope)
    case .bucketAuto(let stage): return try stage.run(documents, scope)
    case .redact(let evaluator): return try Redaction(evaluator).run(documents, scope)
    case .documents(let evaluator):
      guard case .array(let items)? = try evaluator(scope.context([:])) else {
        throw .rejected(5858203, "an array is expected for $documents")
      }
      return items.compactMap(\.asDocument)
    default: return documents
    }
  }
}

/// `$match`; a filter with `$expr` may use the variables of a `$lookup`.
struct PipelineMatch: Sendable {
  let matcher: DocumentMatcher
  /// The filter itself, where it means the same outside of the pipeline.
  let plain: Document?

  init(
    _ filter: Document, collation: Document?, textFields: [String], variables: [String]
  ) throws(PrivataError) {
    matcher = try DocumentMatcher(
      filter, collation: collation, textFields: textFields, variables: variables)
    plain = variables.isEmpty || !Self.namesVariable(.document(filter)) ? filter : nil
  }

  private static func namesVariable(_ value: Value) -> Bool {
    switch value {
    case .string(let text): text.hasPrefix("$$")
    case .array(let items): items.contains(where: namesVariable)
    case .document(let document): document.elements.contains { namesVariable($0.value) }
    default: false
    }
  }

  func run(_ documents: [Document], _ scope: PipelineScope) throws(PrivataError) -> [Document] {
    var kept: [Document] = []
    for document in documents where try matcher.matches(document, scope.variables) {
      kept.append(document)
    }
    return kept
  }
}

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
    return try await Self.run(stages, documents, scope, fetch)
  }

  static func run(
    _ stages: [PipelineStage], _ documents: [Document], _ scope: PipelineScope, _ fetch: Fetch
  ) async throws(PrivataError) -> [Document] {
    var current = documents
    for stage in stages { current = try await stage.run(current, scope, fetch) }
    return current
  }
}

/// What all stages of a run share.
struct PipelineScope: Sendable {
  let order: ValueOrder
  let variables: [Value?]
  let now: DateTime

  /// The context of expressions over a document.
  func context(_ document: Document) -> ExpressionContext {
    ExpressionContext(root: document, order: order, slots: variables, now: now)
  }

  /// The scope of an inner pipeline with more variables.
  func binding(_ values: [Value?]) -> PipelineScope {
    PipelineScope(order: order, variables: variables + values, now: now)
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
    _ documents: [Document], _ scope: PipelineScope, _ fetch: Pipeline.Fetch
  ) async throws(PrivataError) -> [Document] {
    switch self {
    case .lookup(let stage): return try await stage.run(documents, scope, fetch)
    case .graphLookup(let stage): return try await stage.run(documents, scope, fetch)
    case .union(let name, let stages):
      let others = try await fetch(name)
      return documents + (try await Pipeline.run(stages, others, scope, fetch))
    case .facet(let facets):
      var result = Document()
      for (name, stages) in facets {
        let found = try await Pipeline.run(stages, documents, scope, fetch)
        result.append(name, .array(found.map { .document($0) }))
      }
      return [result]
    default: return try apply(documents, scope)
    }
  }

  /// Stages that need nothing but their documents.
  private func apply(
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
    case .count(let name):
      return documents.isEmpty ? [] : [Document([.init(key: name, value: .int(documents.count))])]
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

  func run(_ documents: [Document], _ scope: PipelineScope) throws(PrivataError) -> [Document] {
    var kept: [Document] = []
    for document in documents where try matcher.matches(document, scope.variables) {
      kept.append(document)
    }
    return kept
  }
}

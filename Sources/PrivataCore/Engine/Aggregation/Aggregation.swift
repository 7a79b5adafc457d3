/// An aggregation for stores that have none of their own: what a query can do goes to the store, the
/// rest runs here, in pieces where a stage makes few documents of many.
///
/// ```swift
/// try await Aggregation([["$match": ["age": 36]], ["$group": …]], on: user, options: nil)
///   .run(on: store)
/// ```
package struct Aggregation: Sendable {
  private let model: ModelSchema
  private let options: QueryOptions?
  private let source: AggregationSource
  private let pipeline: Pipeline
  private let stages: [Document]
  private let output: PipelineOutput?

  /// Records in one piece of a stream.
  private static let pieceSize = 512

  /// Compiles the stages.
  ///
  /// - Throws: what ``Pipeline`` throws.
  package init(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) throws(PrivataError) {
    self.model = model
    // Where the answer is one of records, a plan is none of the store's reads.
    var reading = options
    reading?.more["explain"] = nil
    self.options = options
    output = try PipelineOutput(stages, model)
    let inner = output == nil ? stages : stages.dropLast()
    self.stages = inner
    // All stages are compiled, so that what is malformed is refused whoever would run it.
    let whole = try Pipeline(
      inner, collation: options?.collation, textFields: model.textFields)
    source = AggregationSource(inner, model, reading)
    pipeline = whole.dropping(first: source.stageCount)
  }

  /// Runs the pipeline on a store.
  ///
  /// - Throws: what the store's reads and writes throw, what an expression throws, `timeout` after
  ///   the options' time, `cancelled`.
  package func run(on host: some AggregationHost) async throws(PrivataError) -> RowBatch {
    if options?.more["explain"]?.isTruthy == true { return RowBatch(documents: [plan]) }
    let foreign = ForeignRecords(host, beside: model, options)
    let scope = scope
    let read: Pipeline.Read = { (name, filter) async throws(PrivataError) in
      try await foreign.read(name, filter)
    }
    let results = try await results(host, scope, read)
    guard let output else { return RowBatch(documents: results) }
    try await output.write(results, to: host, beside: model)
    return RowBatch(width: 1)
  }

  /// Runs the pipeline on a store and answers the rows in pieces, where every stage looks at one
  /// document at a time; else all in one piece.
  ///
  /// - Throws: as ``run(on:)``.
  package func stream(
    on host: some AggregationHost & StreamingStore, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    guard options?.more["explain"]?.isTruthy != true, output == nil, source.countName == nil,
      let query = source.query, pipeline.stages.allSatisfy(\.isLocal)
    else { return WholeStream(try await run(on: host)) }
    let scope = scope
    let rows = try await host.stream(query, batchSize: batchSize)
    return AggregationStream(rows, PipelineSteps(pipeline.stages, scope), scope)
  }

  private var scope: PipelineScope {
    let deadline = options?.maxTimeMilliseconds.flatMap { milliseconds in
      milliseconds > 0 ? ContinuousClock.now + .milliseconds(milliseconds) : nil
    }
    return PipelineScope(order: pipeline.order, variables: [], now: .now, deadline: deadline)
  }

  private func results(
    _ host: some AggregationHost, _ scope: PipelineScope, _ read: Pipeline.Read
  ) async throws(PrivataError) -> [Document] {
    guard let query = source.query else {
      return try await Pipeline.run(pipeline.stages[...], [], scope, read)
    }
    if let name = source.countName {
      let count = try await host.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
      let counted = PipelineStage.counted(count, name)
      return try await Pipeline.run(pipeline.stages[...], counted, scope, read)
    }
    if let store = host as? any StreamingStore,
      var pieces = try PipelineStream(pipeline.stages, scope)
    {
      try await Self.feed(&pieces, query, store, scope)
      return try await Pipeline.run(pieces.rest, try pieces.finish(), scope, read)
    }
    let documents = try await host.rows(for: query).documents
    return try await Pipeline.run(pipeline.stages[...], documents, scope, read)
  }

  private static func feed(
    _ pieces: inout PipelineStream, _ query: Query, _ store: any StreamingStore,
    _ scope: PipelineScope
  ) async throws(PrivataError) {
    let stream = try await store.stream(query, batchSize: pieceSize)
    do throws(PrivataError) {
      while let batch = try await stream.next() {
        try scope.check()
        guard try pieces.take(batch.documents) else { break }
      }
    } catch {
      await stream.close()
      throw error
    }
    await stream.close()
  }

  /// Which stages the store does, and which run here; in the shape of MongoDB's plans.
  private var plan: Document {
    let pushed = stages.prefix(source.stageCount).map { Value.document($0) }
    let cursor: Document = [
      "$cursor": [
        "queryPlanner": ["namespace": .string(model.collection), "stages": .array(pushed)]
      ]
    ]
    let rest = stages.dropFirst(source.stageCount).map { Value.document($0) }
    return ["explainVersion": "1", "stages": .array([.document(cursor)] + rest), "ok": 1]
  }
}

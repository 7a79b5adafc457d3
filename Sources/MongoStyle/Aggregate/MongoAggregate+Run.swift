public import PrivataCore

extension MongoAggregate {
  /// The rows one by one. Hooks before the aggregation run, those after it do not.
  ///
  /// ```swift
  /// for try await row in Payment.aggregate().match(["paid": true]).cursor() { … }
  /// ```
  public func cursor() -> AggregateCursor { AggregateCursor(aggregate: self) }

  /// Rows as values of the program.
  ///
  /// ```swift
  /// let totals = try await aggregate.exec { (name: $0["_id"]?.asString ?? "", sum: $0["sum"]?.asInt ?? 0) }
  /// ```
  public func exec<Row: Sendable>(_ row: (Document) throws -> Row) async throws -> [Row] {
    try await exec().map(row)
  }

  /// How the server would run the pipeline; hooks before the aggregation run.
  ///
  /// - Throws: `unsupported` where the store is not MongoDB.
  public func explain(_ verbosity: String = "queryPlanner") async throws -> Document {
    var plan = plan
    for case .beforeAggregate(let body) in plan.model.schema.hooks.all { try await body(&plan) }
    let stages = AggregateStages.withDiscriminator(plan.pipeline, plan.model.schema)
    do { try AggregateStages.check(stages) } catch { throw outward(error) }
    let command: Document = [
      "aggregate": .string(plan.model.collection),
      "pipeline": .array(stages.map { .document($0) }), "cursor": [:],
    ]
    return try await plan.model.connection.runCommand([
      "explain": .document(command), "verbosity": .string(verbosity),
    ])
  }

  /// The stages, checked for use within `$unionWith`.
  ///
  /// - Throws: ``UsageError`` for `$out` and `$merge`, which write.
  public func pipelineForUnionWith() throws -> [Document] {
    if plan.pipeline.contains(where: { $0.contains("$out") || $0.contains("$merge") }) {
      throw UsageError("Aggregate pipelines with $out or $merge cannot be used in $unionWith")
        .wrapped
    }
    return plan.pipeline
  }

  /// Atlas Search.
  public func search(_ specification: Document) -> MongoAggregate {
    adding("$search", .document(specification))
  }

  /// Groups rows into ranges of an expression.
  public func bucket(_ specification: Document) -> MongoAggregate {
    adding("$bucket", .document(specification))
  }

  /// Removes fields.
  public func unset(_ names: String...) -> MongoAggregate {
    adding("$unset", .array(names.map { .string($0) }))
  }

  /// Loads what paths of the rows refer to, as `populate` does for documents.
  ///
  /// ```swift
  /// let rows = try await aggregate.exec(populating: PopulateRequest("user"))
  /// ```
  public func exec(populating requests: PopulateRequest...) async throws -> [Document] {
    try await plan.model.populate(plain: exec(), requests)
  }
}

/// The rows of an aggregation, one by one.
public struct AggregateCursor: AsyncSequence, Sendable {
  let aggregate: MongoAggregate

  /// An iterator that runs the aggregation with its first element.
  public func makeAsyncIterator() -> Iterator { Iterator(aggregate: aggregate) }

  /// Hands out row after row.
  public struct Iterator: AsyncIteratorProtocol {
    private let aggregate: MongoAggregate
    private var rows: ArraySlice<Document>?

    init(aggregate: MongoAggregate) {
      self.aggregate = aggregate
      rows = ArraySlice<Document>?.none
    }

    /// The next row, `nil` after the last.
    public mutating func next() async throws -> Document? {
      if rows == nil {
        var once = aggregate
        once.plan.hooks.remove(.post)
        rows = try await once.exec()[...]
      }
      return rows?.popFirst()
    }
  }
}

public import PrivataCore

extension MongoAggregate {
  /// The rows one by one. Hooks before the aggregation run, those after it do not.
  ///
  /// ```swift
  /// for try await row in Payment.aggregate().match(["paid": true]).cursor() { … }
  /// ```
  /// Memory holds one piece of `batchSize` rows, as far as the stages allow it: what `$group` and
  /// `$sort` make they keep. On MongoDB the server keeps it.
  public func cursor(batchSize: Int? = nil) -> AggregateCursor {
    AggregateCursor(aggregate: self, batchSize: batchSize ?? plan.options.batchSize ?? 256)
  }

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

/// The rows of an aggregation, one by one, in pieces of bounded size.
public struct AggregateCursor: AsyncSequence, Sendable {
  let aggregate: MongoAggregate
  let batchSize: Int

  /// An iterator that runs the aggregation with its first element.
  public func makeAsyncIterator() -> Iterator {
    Iterator(plan: aggregate.plan, batchSize: batchSize)
  }

  /// Hands out row after row.
  public struct Iterator: AsyncIteratorProtocol {
    private let plan: AggregatePlan
    private let batchSize: Int
    private var rows: ArraySlice<Document> = []
    private var stream: (any RowStream)?
    private var isOpen = false

    init(plan: AggregatePlan, batchSize: Int) {
      self.plan = plan
      self.batchSize = batchSize
    }

    /// The next row, `nil` after the last.
    public mutating func next() async throws -> Document? {
      do {
        if !isOpen {
          isOpen = true
          stream = try await MongoAggregate(plan).stream(batchSize: batchSize)
        }
        while rows.isEmpty, let piece = try await stream?.next() { rows = piece.documents[...] }
        return rows.popFirst()
      } catch { throw outward(error) }
    }

    /// Ends the cursor early and gives back its connection; after it there is nothing more.
    public mutating func close() async {
      await stream?.close()
      stream = (any RowStream)?.none
      rows = []
      isOpen = true
    }
  }
}

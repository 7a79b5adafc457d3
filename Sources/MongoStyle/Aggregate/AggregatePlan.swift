public import PrivataCore

/// An aggregation as a plain value: what hooks see and change.
public struct AggregatePlan: Sendable {
  /// The model concerned.
  public let model: MongoModel
  /// The stages, sent without casting.
  public var pipeline: [Document]
  public var options = QueryOptions()
  public var session: MongoSession?
  public var hooks: HookChoice = .all
  var problem: (any Error)?

  init(_ model: MongoModel, _ pipeline: [Document]) {
    self.model = model
    self.pipeline = pipeline
    options.collation = model.schema.options.collation
    options.readPreference = model.schema.options.readPreference
  }
}

/// An aggregation as a value: a chain builds it, `exec()` runs it.
///
/// ```swift
/// let rows = try await Payment.aggregate()
///   .match(["currency": "EUR"]).group(["_id": "$user", "total": ["$sum": "$amount"]])
///   .sort("-total").exec()
/// ```
public struct MongoAggregate: Sendable {
  /// The aggregation without its chain.
  public var plan: AggregatePlan

  init(_ plan: AggregatePlan) { self.plan = plan }

  /// The stages.
  public var pipeline: [Document] { plan.pipeline }

  /// Runs the stages and answers the rows as plain documents.
  ///
  /// - Throws: `unsupported` where the store has no aggregation, ``UsageError`` for an empty
  ///   pipeline or a stage that is none, what the store answers.
  public func exec() async throws -> [Document] {
    do { return try await run() } catch { throw outward(error) }
  }

  private func run() async throws -> [Document] {
    var plan = plan
    let hooks = plan.model.schema.hooks
    var result: Result<[Document], any Error>
    do {
      if plan.hooks.contains(.pre) {
        for case .beforeAggregate(let body) in hooks.all { try await body(&plan) }
      }
      result = .success(try await rows(plan))
    } catch { result = .failure(error) }
    guard plan.hooks.contains(.post) else { return try result.get() }
    for hook in hooks.all {
      switch (hook, result) {
      case (.afterAggregate(let body), .success(var rows)):
        let failure = await hooks.caught { try await body(plan, &rows) }
        result = failure.map { .failure($0) } ?? .success(rows)
      case (.aggregateError(let body), .failure(let error)):
        result = .failure(await hooks.caught { try await body(outward(error), plan) } ?? error)
      default: break
      }
    }
    return try result.get()
  }

  private func rows(_ plan: AggregatePlan) async throws -> [Document] {
    let stages = try Self.stages(of: plan)
    let store = try await Self.store(for: plan)
    return try await store.aggregate(
      stages, on: plan.model.core.lowered, options: Self.options(of: plan)
    ).documents
  }

  /// The rows in pieces. Hooks before the aggregation run.
  func stream(batchSize: Int) async throws -> any RowStream {
    var plan = plan
    if plan.hooks.contains(.pre) {
      for case .beforeAggregate(let body) in plan.model.schema.hooks.all { try await body(&plan) }
    }
    let stages = try Self.stages(of: plan)
    let store = try await Self.store(for: plan)
    return try await store.stream(
      stages, on: plan.model.core.lowered, options: Self.options(of: plan),
      batchSize: batchSize)
  }

  private static func stages(of plan: AggregatePlan) throws -> [Document] {
    if let problem = plan.problem { throw problem }
    let stages = AggregateStages.withDiscriminator(plan.pipeline, plan.model.schema)
    try AggregateStages.check(stages)
    return stages
  }

  private static func options(of plan: AggregatePlan) -> QueryOptions? {
    plan.options == QueryOptions() ? nil : plan.options
  }

  private static func store(for plan: AggregatePlan) async throws -> any AggregatingStore {
    let store = try await plan.model.core.store(for: plan.session)
    guard let store = store as? any AggregatingStore else {
      throw PrivataError(
        .unsupported, "this store runs no aggregation pipelines; use find with filters",
        model: plan.model.name)
    }
    return store
  }

  func adding(_ name: String, _ operand: Value) -> MongoAggregate {
    var copy = self
    copy.plan.pipeline.append([name: operand])
    return copy
  }

  func failing(_ error: any Error) -> MongoAggregate {
    var copy = self
    if copy.plan.problem == nil { copy.plan.problem = error }
    return copy
  }
}

enum AggregateStages {
  static func check(_ stages: [Document]) throws {
    guard !stages.isEmpty else {
      throw UsageError("Aggregate has empty pipeline")
    }
    for stage in stages {
      guard stage.count == 1, stage.keys[0].isOperator else {
        throw UsageError("Arguments must be aggregate pipeline operators", name: "Error")
      }
    }
  }

  /// A sub-model only sees its own documents.
  static func withDiscriminator(_ stages: [Document], _ schema: CompiledSchema) -> [Document] {
    guard let mapping = schema.mapping, let value = mapping.value else { return stages }
    var stages = stages
    if case .document(var match)? = stages.first?["$match"] {
      match[mapping.key] = value
      stages[0] = ["$match": .document(match)]
    } else if case .document(var near)? = stages.first?["$geoNear"] {
      var query = near["query"]?.asDocument ?? Document()
      query[mapping.key] = value
      near["query"] = .document(query)
      stages[0] = ["$geoNear": .document(near)]
    } else {
      stages.insert(["$match": [mapping.key: value]], at: 0)
    }
    return stages
  }
}

extension MongoModel {
  /// Starts an aggregation over the model's documents.
  public func aggregate(_ pipeline: [Document] = []) -> MongoAggregate {
    MongoAggregate(AggregatePlan(self, pipeline))
  }
}

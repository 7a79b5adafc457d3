import MongoStyle
import PrivataCore
import ReplayKit

/// The chain methods of aggregations, by Mongoose's names.
enum AggregateChain {
  static func start(_ model: MongoModel, _ arguments: [Thing]) throws -> MongoAggregate {
    let stages = QueryChain.documents(arguments.first?.plain)
    let (plain, session) = (arguments.count > 1 ? arguments[1] : .undefined).options
    var aggregate = model.aggregate(stages).options { options in
      options.allowDiskUse = plain["allowDiskUse"]?.asBool
      options.collation = plain["collation"]?.asDocument ?? options.collation
      options.hint = plain["hint"]
      options.comment = plain["comment"]?.asString
      options.maxTimeMilliseconds = plain["maxTimeMS"]?.asInt
    }
    if let choice = plain["middleware"] {
      aggregate = aggregate.hooks(DocumentCalls.hooks(choice))
    }
    return session.map { aggregate.session($0) } ?? aggregate
  }

  static func run(_ aggregate: MongoAggregate) async throws -> Thing {
    .value(.array(try await aggregate.exec().map { .document($0) }))
  }

  static func apply(
    _ method: String, _ arguments: [Thing], to aggregate: MongoAggregate
  ) throws -> Thing {
    let values = arguments.map(\.plain)
    if method == "pipeline" {
      return .value(.array(aggregate.pipeline.map { .document($0) }))
    }
    if let changed = staged(method, values, aggregate) { return .aggregate(changed) }
    let first = values.first ?? .undefined
    switch method {
    case "session":
      guard case .session(let session)? = arguments.first else { break }
      return .aggregate(aggregate.session(session))
    case "allowDiskUse": return .aggregate(aggregate.allowDiskUse(first != false))
    case "collation": return .aggregate(aggregate.collation(first.asDocument ?? Document()))
    case "hint": return .aggregate(aggregate.hint(first))
    case "comment": return .aggregate(aggregate.comment(first.asString ?? ""))
    case "read": return .aggregate(aggregate.read(first.asString ?? ""))
    case "cursor", "option", "exec": return .aggregate(aggregate)
    default: break
    }
    throw ReplayFailure("no aggregation method '\(method)'")
  }

  private static func staged(
    _ method: String, _ values: [Value], _ aggregate: MongoAggregate
  ) -> MongoAggregate? {
    let first = values.first ?? .undefined
    let document = first.asDocument ?? Document()
    switch method {
    case "append":
      let stages = values.flatMap { QueryChain.documents($0) }
      return aggregate.append(contentsOf: stages)
    case "match": return aggregate.match(document)
    case "skip": return aggregate.skip(first)
    case "limit": return aggregate.limit(first)
    case "sort": return aggregate.sort(first)
    case "project": return aggregate.project(first)
    case "addFields": return aggregate.addFields(document)
    case "group": return aggregate.group(document)
    case "count": return aggregate.count(first.asString ?? "")
    case "sortByCount": return aggregate.sortByCount(first)
    case "lookup": return aggregate.lookup(document)
    case "unwind": return values.reduce(aggregate) { $0.unwind($1) }
    case "sample": return aggregate.sample(first)
    case "replaceRoot": return aggregate.replaceRoot(first)
    case "facet": return aggregate.facet(document)
    case "graphLookup": return aggregate.graphLookup(document)
    case "unionWith": return aggregate.unionWith(first)
    default: return rare(method, values, aggregate)
    }
  }

  private static func rare(
    _ method: String, _ values: [Value], _ aggregate: MongoAggregate
  ) -> MongoAggregate? {
    let first = values.first ?? .undefined
    let document = first.asDocument ?? Document()
    switch method {
    case "redact":
      guard values.count > 2 else { return aggregate.redact(first) }
      return aggregate.redact(
        first, then: values[1].asString ?? "", else: values[2].asString ?? "")
    case "densify": return aggregate.densify(document)
    case "fill": return aggregate.fill(document)
    case "near": return aggregate.near(document)
    case "out": return aggregate.out(first)
    case "merge": return aggregate.merge(first)
    default: return nil
    }
  }
}

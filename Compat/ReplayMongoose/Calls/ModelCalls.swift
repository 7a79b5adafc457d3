import MongoStyle
import PrivataCore
import ReplayKit

/// The static functions of models, by Mongoose's names.
enum ModelCalls {
  /// What a call answers before its chain: a query, or what it did at once.
  static func start(
    _ model: MongoModel, _ op: String, _ arguments: [Thing]
  ) async throws -> Thing {
    if let query = try query(model, op, arguments) { return .query(query) }
    if op == "aggregate" { return .aggregate(try AggregateChain.start(model, arguments)) }
    return try await act(model, op, arguments)
  }

  /// The query of a static of the schema, which is one of the model's own.
  static func require(
    _ model: MongoModel, _ op: String, _ arguments: [Thing]
  ) throws -> MongoQuery<QueryAnswer> {
    guard let query = try query(model, op, arguments) else {
      throw ReplayFailure("a static of a schema that calls '\(op)'")
    }
    return query
  }

  // MARK: - Queries

  private static func query(
    _ model: MongoModel, _ op: String, _ arguments: [Thing]
  ) throws -> MongoQuery<QueryAnswer>? {
    let filter = arguments.first?.plain ?? .undefined
    let second = arguments.count > 1 ? arguments[1].plain : .undefined
    let last = arguments.count > 2 ? arguments[2] : nil
    let query: MongoQuery<QueryAnswer>
    switch op {
    case "find": query = model.find(where: filter, second).erased
    case "findOne": query = model.findOne(where: filter, second).erased
    case "findById": query = model.findById(filter, second).erased
    case "exists": return model.exists(where: filter).erased
    case "estimatedDocumentCount": return model.estimatedDocumentCount().erased
    case "distinct": return model.distinct(filter.asString ?? "", where: second).erased
    case "where": return started(model, arguments.map(\.plain))
    default: return try short(model, op, arguments) ?? updating(model, op, arguments)
    }
    return QueryChain.options(last, query)
  }

  private static func started(_ model: MongoModel, _ values: [Value]) -> MongoQuery<QueryAnswer> {
    switch (values.first, values.count) {
    case (.string(let path)?, 1): model.where(path).erased
    case (.string(let path)?, _): model.where(path, values[1]).erased
    case (.document(let filter)?, _): model.where(filter).erased
    default: model.find().erased
    }
  }

  /// Functions of a filter and options.
  private static func short(
    _ model: MongoModel, _ op: String, _ arguments: [Thing]
  ) throws -> MongoQuery<QueryAnswer>? {
    let filter = arguments.first?.plain ?? .undefined
    let query: MongoQuery<QueryAnswer>
    switch op {
    case "countDocuments": query = model.countDocuments(where: filter).erased
    case "deleteOne": query = model.deleteOne(where: filter).erased
    case "deleteMany": query = model.deleteMany(where: filter).erased
    case "findOneAndDelete": query = model.findOneAndDelete(where: filter).erased
    case "findByIdAndDelete": query = model.findByIdAndDelete(filter).erased
    default: return nil
    }
    return QueryChain.options(arguments.dropFirst().first, query)
  }

  /// Functions of a filter, an update and options, which the update's reading depends on.
  private static func updating(
    _ model: MongoModel, _ op: String, _ arguments: [Thing]
  ) throws -> MongoQuery<QueryAnswer>? {
    let filter = arguments.first?.plain ?? .undefined
    let update = arguments.count > 1 ? arguments[1].plain : .undefined
    let (options, session) = (arguments.count > 2 ? arguments[2] : .undefined).options
    let query: MongoQuery<QueryAnswer>
    switch op {
    case "updateOne": query = model.updateOne(where: filter, update, options: options).erased
    case "updateMany": query = model.updateMany(where: filter, update, options: options).erased
    case "replaceOne": query = model.replaceOne(where: filter, update, options: options).erased
    case "findOneAndUpdate":
      query = model.findOneAndUpdate(where: filter, update, options: options).erased
    case "findByIdAndUpdate":
      query = model.findOneAndUpdate(where: ["_id": filter], update, options: options).erased
    case "findOneAndReplace":
      query = model.findOneAndReplace(where: filter, update, options: options).erased
    default: return nil
    }
    return session.map { query.session($0) } ?? query
  }
}

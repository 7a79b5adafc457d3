import MongoStyle
import PrivataCore
import ReplayKit

/// The chain methods of queries, by Mongoose's names.
enum QueryChain {
  typealias Query = MongoQuery<QueryAnswer>

  /// What a chain method makes of a query: another query, or what it answers at once.
  static func apply(_ method: String, _ arguments: [Thing], to query: Query) throws -> Thing {
    let values = arguments.map(\.plain)
    if let changed = try compared(method, values, query) { return .query(changed) }
    if let changed = try shaped(method, arguments, query) { return .query(changed) }
    if let changed = try turned(method, arguments, query) { return .query(changed) }
    switch method {
    case "clone", "exec": return .query(query.clone())
    case "getFilter", "getQuery": return .value(.document(query.filter))
    case "getUpdate": return .value(update(query.update))
    case "projection":
      let changed = values.isEmpty ? query : query.projection(values[0])
      return .query(changed)
    case "merge":
      if case .query(let other)? = arguments.first { return .query(query.merge(other)) }
      return .query(query.find(values.first?.asDocument ?? Document()))
    case "cursor":
      return .cursor(query, batchSize: values.first?.asDocument?["batchSize"]?.asInt)
    case "getPopulatedPaths": return .value(.array(query.populatedPaths.map { .string($0) }))
    default: return .query(try query.call(method, values))
    }
  }

  private static func update(_ form: UpdateForm?) -> Value {
    switch form {
    case .document(let document)?: .document(document)
    case .pipeline(let stages)?: .array(stages.map { .document($0) })
    case nil: .undefined
    }
  }

  // MARK: - Comparisons

  private static let comparisons:
    [String: (
      one: @Sendable (Query, Value) -> Query, two: @Sendable (Query, String, Value) -> Query
    )] = [
      "gt": ({ $0.gt($1) }, { $0.gt($1, $2) }),
      "gte": ({ $0.gte($1) }, { $0.gte($1, $2) }),
      "lt": ({ $0.lt($1) }, { $0.lt($1, $2) }),
      "lte": ({ $0.lte($1) }, { $0.lte($1, $2) }),
      "ne": ({ $0.ne($1) }, { $0.ne($1, $2) }),
      "in": ({ $0.in($1) }, { $0.in($1, $2) }),
      "nin": ({ $0.nin($1) }, { $0.nin($1, $2) }),
      "all": ({ $0.all($1) }, { $0.all($1, $2) }),
      "size": ({ $0.size($1) }, { $0.size($1, $2) }),
      "regex": ({ $0.regex($1) }, { $0.regex($1, $2) }),
      "equals": ({ $0.equals($1) }, { $0.where($1, $2) }),
      "eq": ({ $0.eq($1) }, { $0.where($1, $2) }),
    ]

  private static func compared(
    _ method: String, _ values: [Value], _ query: Query
  ) throws -> Query? {
    if let comparison = comparisons[method] {
      if values.count >= 2, let path = values[0].asString {
        return comparison.two(query, path, values[1])
      }
      return comparison.one(query, values.first ?? .undefined)
    }
    switch method {
    case "where": return try conditions(values, query)
    case "mod": return modulus(values, query)
    case "exists": return existence(values, query)
    case "elemMatch":
      let conditions = values.last?.asDocument ?? Document()
      guard values.count > 1, let path = values[0].asString else {
        return query.elemMatch(conditions)
      }
      return query.elemMatch(path, conditions)
    case "or": return query.or(documents(values.first))
    case "and": return query.and(documents(values.first))
    case "nor": return query.nor(documents(values.first))
    default: return nil
    }
  }

  private static func conditions(_ values: [Value], _ query: Query) throws -> Query {
    switch (values.first, values.count) {
    case (nil, _): return query
    case (.string(let path)?, 1): return query.where(path)
    case (.string(let path)?, _): return query.where(path, values[1])
    case (.document(let filter)?, _): return query.where(filter)
    default: throw ReplayFailure("where() with these arguments")
    }
  }

  private static func modulus(_ values: [Value], _ query: Query) -> Query {
    switch values.count {
    case 1: query.mod(values[0])
    case 2:
      if let path = values[0].asString {
        query.mod(path, values[1])
      } else {
        query.mod(values[0], values[1])
      }
    default: query.mod(values[0].asString ?? "", .array(Array(values.dropFirst())))
    }
  }

  private static func existence(_ values: [Value], _ query: Query) -> Query {
    guard let first = values.first else { return query.exists() }
    guard let path = first.asString else { return query.exists(first) }
    return values.count > 1 ? query.exists(path, values[1]) : query.exists(path)
  }

  static func documents(_ value: Value?) -> [Document] {
    value?.asArray?.compactMap(\.asDocument) ?? value?.asDocument.map { [$0] } ?? []
  }
}

import MongoStyle
import PrivataCore
import ReplayKit

// Methods that say what a query answers and how it runs.

extension QueryChain {
  static func shaped(_ method: String, _ arguments: [Thing], _ query: Query) throws -> Query? {
    let values = arguments.map(\.plain)
    let first = values.first ?? .undefined
    switch method {
    case "select": return query.select(first)
    case "slice": return sliced(values, query)
    case "sort":
      let overrides = values.count > 1 && values[1].asDocument?["override"] == true
      return query.sort(first, override: overrides)
    case "limit": return query.limit(first)
    case "skip": return query.skip(first)
    case "lean": return query.lean(lean(values))
    case "orFail": return query.orFail()
    case "populate": return query.populate(population(values))
    case "setOptions": return options(arguments.first, query)
    case "session":
      guard case .session(let session)? = arguments.first else { return query.session(nil) }
      return query.session(session)
    default: return tuned(method, first, query)
    }
  }

  private static func tuned(_ method: String, _ value: Value, _ query: Query) -> Query? {
    let text = value.asString ?? ""
    let flag = value != false
    switch method {
    case "hint": return query.hint(value)
    case "read": return query.read(text)
    case "readConcern": return query.readConcern(text)
    case "collation": return query.collation(value.asDocument ?? Document())
    case "comment": return query.comment(text)
    case "maxTimeMS": return query.maxTimeMS(value.asInt ?? 0)
    case "batchSize": return query.batchSize(value.asInt ?? 0)
    case "allowDiskUse": return query.allowDiskUse(flag)
    case "requireFilter": return query.requireFilter(flag)
    case "sanitizeFilter": return query.sanitizeFilter(flag)
    case "schemaLevelProjections": return query.schemaLevelProjections(flag)
    case "translateAliases": return query.translateAliases(flag)
    default: return nil
    }
  }

  /// `slice(n)`, `slice(skip, limit)`, `slice(path, n)`, `slice(path, skip, limit)`.
  private static func sliced(_ values: [Value], _ query: Query) -> Query {
    guard let path = values.first?.asString else {
      if values.count == 2 { return query.slice(.array(values)) }
      return query.slice(values.first ?? .undefined)
    }
    if values.count == 2, case .array(let part) = values[1], part.count == 2 {
      return query.slice(path, skip: part[0].asInt ?? 0, limit: part[1].asInt ?? 0)
    }
    if values.count == 3 {
      return query.slice(path, skip: values[1].asInt ?? 0, limit: values[2].asInt ?? 0)
    }
    return query.slice(path, values.count > 1 ? values[1].asInt ?? 0 : 0)
  }

  private static func lean(_ values: [Value]) -> LeanOptions? {
    guard let value = values.first, value != .undefined else { return LeanOptions() }
    if value == false || value.isNull { return nil }
    var options = LeanOptions()
    guard case .document(let choice) = value else { return options }
    options.versionKey = choice["versionKey"] != false
    options.defaults = choice["defaults"] == true
    if choice["virtuals"] == true { options.virtuals = .all }
    return options
  }

  /// The arguments of `populate`: a value, or a path with a selection.
  static func population(_ values: [Value]) -> Value {
    guard values.count > 1, values[0].asString != nil else { return values.first ?? .undefined }
    var request: Document = ["path": values[0]]
    let names = ["select", "model", "match", "options"]
    for (name, value) in zip(names, values.dropFirst()) where !value.isNull {
      request.append(name, value)
    }
    return .document(request)
  }

  static func options(_ thing: Thing?, _ query: Query) -> Query {
    guard let (plain, session) = thing?.options else { return query }
    let changed = query.setOptions(plain)
    return session.map { changed.session($0) } ?? changed
  }

  // MARK: - Other operations

  static func turned(_ method: String, _ arguments: [Thing], _ query: Query) throws -> Query? {
    let values = arguments.map(\.plain)
    let filter = values.first?.asDocument ?? Document()
    switch method {
    case "find": return query.find(filter)
    case "findOne": return query.findOne(filter).erased
    case "countDocuments": return query.countDocuments(filter).erased
    case "estimatedDocumentCount": return query.estimatedDocumentCount().erased
    case "distinct":
      let more = values.count > 1 ? values[1].asDocument ?? Document() : Document()
      return query.distinct(values.first?.asString ?? "", more).erased
    case "deleteOne": return query.deleteOne(filter).erased
    case "deleteMany": return query.deleteMany(filter).erased
    case "findOneAndDelete":
      return options(arguments.dropFirst().first, query.findOneAndDelete(filter).erased)
    default: return updating(method, arguments, query)
    }
  }

  /// With one argument that is the update, with more the first one is a filter.
  private static func updating(
    _ method: String, _ arguments: [Thing], _ query: Query
  ) -> Query? {
    var query = query
    var rest = arguments
    if rest.count > 1 {
      if case .document(let filter) = rest[0].plain { query = query.find(filter) }
      rest.removeFirst()
    }
    let update = rest.first?.plain.asDocument ?? Document()
    let turned: Query
    switch method {
    case "updateOne": turned = query.updateOne(update).erased
    case "updateMany": turned = query.updateMany(update).erased
    case "replaceOne": turned = query.replaceOne(update).erased
    case "findOneAndUpdate": turned = query.findOneAndUpdate(update).erased
    case "findOneAndReplace": turned = query.findOneAndReplace(update).erased
    default: return nil
    }
    return options(rest.dropFirst().first, turned)
  }
}

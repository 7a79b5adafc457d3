import MongoStyle
import PrivataCore
import ReplayKit

// Statics that act at once.

extension ModelCalls {
  static func act(
    _ model: MongoModel, _ op: String, _ arguments: [Thing]
  ) async throws -> Thing {
    let first = arguments.first ?? .undefined
    let second = arguments.count > 1 ? arguments[1] : .undefined
    switch op {
    case "create": return try await create(model, arguments)
    case "insertOne": return try await insertOne(model, first, second)
    case "insertMany": return try await insertMany(model, first, second)
    case "bulkWrite": return try await bulkWrite(model, first, second)
    case "bulkSave":
      let documents = first.documents ?? []
      return .bulk(try await model.bulkSave(documents, options: saveOptions(second)))
    case "populate": return try await populate(model, first, arguments.dropFirst().map(\.plain))
    case "validate": return try await validate(model, arguments.map(\.plain))
    default: return try helper(model, op, arguments.map(\.plain))
    }
  }

  private static func helper(
    _ model: MongoModel, _ op: String, _ values: [Value]
  ) throws -> Thing {
    let object = values.first?.asDocument ?? Document()
    switch op {
    case "hydrate":
      let projection = values.count > 1 ? values[1].asDocument : nil
      return .document(try model.hydrate(object, projection: projection))
    case "castObject":
      let ignoring = values.count > 1 && values[1].asDocument?["ignoreCastErrors"] == true
      return .value(.document(try model.castObject(object, ignoringCastErrors: ignoring)))
    case "applyDefaults": return .value(.document(try model.applyDefaults(to: object)))
    case "applyVirtuals":
      let names = values.count > 1 ? values[1].asArray?.compactMap(\.asString) : nil
      return .value(.document(try model.applyVirtuals(to: object, only: names)))
    case "applyTimestamps":
      let isUpdate = values.count > 1 && values[1].asDocument?["isUpdate"] == true
      return .value(.document(model.applyTimestamps(to: object, isUpdate: isUpdate)))
    case "translateAliases": return .value(.document(model.translateAliases(object)))
    default: return .query(try model.call(op, values))
    }
  }

  // MARK: - Making documents

  /// A document that is not stored yet.
  static func make(_ model: MongoModel, _ arguments: [Thing]) throws -> MongoDocument {
    let options = arguments.count > 2 ? arguments[2].plain.asDocument : nil
    let given = arguments.first.map(given) ?? .value(.document(Document()))
    return try model(
      given: given, defaults: options?["defaults"] != false,
      strict: options?["strict"].map { DocumentCalls.strictMode($0) })
  }

  static func given(_ thing: Thing) -> Given {
    switch thing {
    case .document(let document): .document(document)
    case .list(let things): .list(things.map(given))
    case .object(let members): .object(members.map { Given.Member($0.key, given($0.thing)) })
    default: .value(thing.plain)
    }
  }

  private static func create(_ model: MongoModel, _ arguments: [Thing]) async throws -> Thing {
    guard let first = arguments.first else { return .null }
    guard let items = elements(first) else {
      if arguments.count == 1 { return .document(try await model.create(given: given(first))) }
      return .list(try await model.create(given: arguments.map(given)).map { .document($0) })
    }
    let (plain, session) = (arguments.count > 1 ? arguments[1] : .undefined).options
    var options = saveOptions(arguments.count > 1 ? arguments[1] : .undefined)
    options.session = session
    if plain["aggregateErrors"] == true {
      let settled = await model.createSettled(
        items.map { $0.plain.asDocument ?? Document() }, options: options)
      return .list(
        settled.map { result in
          switch result {
          case .success(let document): .document(document)
          case .failure(let error): .failure(error)
          }
        })
    }
    let documents = try await model.create(
      given: items.map(given), ordered: plain["ordered"] == true, options: options)
    return .list(documents.map { .document($0) })
  }

  private static func elements(_ thing: Thing) -> [Thing]? {
    switch thing {
    case .list(let things): things
    case .value(.array(let values)): values.map { .value($0) }
    default: nil
    }
  }

  private static func insertOne(
    _ model: MongoModel, _ first: Thing, _ options: Thing
  ) async throws -> Thing {
    .document(try await model.create(given: given(first), options: saveOptions(options)))
  }

  static func saveOptions(_ thing: Thing) -> SaveOptions { DocumentCalls.saveOptions(thing) }

  private static func insertMany(
    _ model: MongoModel, _ first: Thing, _ second: Thing
  ) async throws -> Thing {
    let (plain, session) = second.options
    let values =
      elements(first)?.map { $0.plain.asDocument ?? Document() }
      ?? [first.plain.asDocument ?? Document()]
    var options = InsertManyOptions()
    options.ordered = plain["ordered"] != false
    options.lean = plain["lean"] == true
    options.throwOnValidationError = plain["throwOnValidationError"] == true
    options.session = session
    options.timestamps = plain["timestamps"].map { DocumentCalls.timestamps($0) }
    options.hooks = plain["middleware"].map { DocumentCalls.hooks($0) } ?? .all
    if let populate = plain["populate"] { options.populate = PopulateRequest.parse(populate) }
    let answer = try await model.insertManyRaw(values, options: options)
    if plain["rawResult"] == true { return Rendering.raw(answer) }
    if options.lean { return .value(.array(answer.plain.map { .document($0) })) }
    return .list(answer.documents.map { .document($0) })
  }

  // MARK: - Others

  private static func populate(
    _ model: MongoModel, _ first: Thing, _ rest: [Value]
  ) async throws -> Thing {
    let requests = PopulateRequest.parse(QueryChain.population(rest))
    if case .document(let document) = first {
      return Thing(try await model.populate([document], requests).first)
    }
    if let documents = first.documents {
      return .list(try await model.populate(documents, requests).map { .document($0) })
    }
    if case .document(let document) = first.plain {
      return Thing(plain: try await model.populate(plain: [document], requests).first)
    }
    let plain = QueryChain.documents(first.plain)
    return .value(
      .array(try await model.populate(plain: plain, requests).map { .document($0) }))
  }

  private static func validate(_ model: MongoModel, _ values: [Value]) async throws -> Thing {
    let options = DocumentCalls.validateOptions(Array(values.dropFirst()))
    return .value(
      .document(
        try await model.validate(
          values.first?.asDocument ?? Document(), paths: options.paths,
          pathsToSkip: options.pathsToSkip)))
  }
}

import MongoStyle
import PrivataCore
import ReplayKit

// Bulk writes: `{"updateOne": {"filter": …, "update": …, "upsert": true}}`.

extension ModelCalls {
  static func bulkWrite(
    _ model: MongoModel, _ first: Thing, _ second: Thing
  ) async throws -> Thing {
    let (plain, session) = second.options
    var options = BulkWriteOptions()
    options.ordered = plain["ordered"] != false
    options.skipsValidation = plain["skipValidation"] == true
    options.throwOnValidationError = plain["throwOnValidationError"] == true
    options.strict = plain["strict"].map { DocumentCalls.strictMode($0) }
    options.timestamps = plain["timestamps"].map { DocumentCalls.timestamps($0) }
    options.hooks = plain["middleware"].map { DocumentCalls.hooks($0) } ?? .all
    options.session = session
    let operations = try QueryChain.documents(first.plain).map { try operation($0) }
    let result = try await model.bulkWrite(operations, options: options)
    guard operations.isEmpty, case .object(var members) = Rendering.bulk(result) else {
      return .bulk(result)
    }
    members += ["validationErrors", "results"].map { .init(key: $0, thing: .list([])) }
    return .object(members)
  }

  private static func operation(_ document: Document) throws -> BulkOperation {
    guard let name = document.keys.first, let parts = document[name]?.asDocument else {
      throw ReplayFailure("an operation of a bulk write without a name")
    }
    let filter = parts["filter"]?.asDocument ?? Document()
    let options = options(parts)
    switch name {
    case "insertOne":
      return .insertOne(parts["document"]?.asDocument ?? Document(), options)
    case "updateOne": return .updateOne(filter, update(parts["update"]), options)
    case "updateMany": return .updateMany(filter, update(parts["update"]), options)
    case "replaceOne":
      return .replaceOne(filter, parts["replacement"]?.asDocument ?? Document(), options)
    case "deleteOne": return .deleteOne(filter, options)
    case "deleteMany": return .deleteMany(filter, options)
    default: throw ReplayFailure("no operation '\(name)' of a bulk write")
    }
  }

  private static func update(_ value: Value?) -> UpdateForm {
    if case .array(let stages)? = value { return .pipeline(stages.compactMap(\.asDocument)) }
    return .document(value?.asDocument ?? Document())
  }

  private static func options(_ parts: Document) -> BulkOperation.Options {
    BulkOperation.Options { options in
      options.upsert = parts["upsert"] == true
      options.arrayFilters = QueryChain.documents(parts["arrayFilters"])
      options.timestamps = parts["timestamps"].map { DocumentCalls.timestamps($0) }
      options.setDefaultsOnInsert = parts["setDefaultsOnInsert"]?.asBool
      options.skipsValidation = parts["skipValidation"] == true
      options.overwriteDiscriminatorKey = parts["overwriteDiscriminatorKey"] == true
      options.overwriteImmutable = parts["overwriteImmutable"] == true
    }
  }
}

extension Rendering {
  /// A bulk write's answer by operation index.
  static func bulk(_ result: BulkWriteResult) -> Thing {
    var members: [Thing.Member] = [
      .init(key: "insertedCount", thing: .value(.int(result.insertedCount))),
      .init(key: "matchedCount", thing: .value(.int(result.matchedCount))),
      .init(key: "modifiedCount", thing: .value(.int(result.modifiedCount))),
      .init(key: "deletedCount", thing: .value(.int(result.deletedCount))),
      .init(key: "upsertedCount", thing: .value(.int(result.upsertedCount))),
      .init(key: "insertedIds", thing: ids(result.insertedIDs)),
      .init(key: "upsertedIds", thing: ids(result.upsertedIDs)),
    ]
    if !result.validationErrors.isEmpty {
      let errors = result.validationErrors.map { Thing.failure($0) }
      members.append(.init(key: "validationErrors", thing: .list(errors)))
      let results = result.results.map { $0.map { Thing.failure($0) } ?? .null }
      members.append(.init(key: "results", thing: .list(results)))
    }
    return .object(members)
  }

  /// The driver's own answer to `insertMany`.
  static func raw(_ answer: InsertManyAnswer) -> Thing {
    var members: [Thing.Member] = [
      .init(key: "acknowledged", thing: .value(true)),
      .init(key: "insertedCount", thing: .value(.int(answer.result.insertedCount))),
      .init(key: "insertedIds", thing: ids(answer.result.insertedIDs)),
    ]
    if !answer.validationErrors.isEmpty {
      let errors = answer.validationErrors.map { Thing.failure($0) }
      members.append(.init(key: "validationErrors", thing: .list(errors)))
    }
    return .object(members)
  }

  private static func ids(_ ids: [Int: Value]) -> Thing {
    .value(
      .document(
        Document(ids.keys.sorted().map { .init(key: "\($0)", value: ids[$0] ?? .null) })))
  }
}

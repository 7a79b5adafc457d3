import MongoStyle
import PrivataCore
import ReplayKit

/// Builds schemas from the neutral description of recorded cases.
struct SchemaBuilder {
  /// Where hooks leave their trace.
  let trace: HookTrace

  func schema(_ json: JSON) throws -> Schema {
    var schema = Schema(
      try PathBuilder(schemas: self).entries(json["paths"]), options: try options(json))
    for member in json["virtuals"]?.members ?? [] { try addVirtual(member, to: &schema) }
    for member in json["methods"]?.members ?? [] { addMethod(member, to: &schema) }
    for member in json["statics"]?.members ?? [] { addStatic(member, to: &schema) }
    for member in json["query"]?.members ?? [] { addQueryMethod(member, to: &schema) }
    schema.discriminators = try discriminators(json["discriminators"])
    for index in json["indexes"]?.elements ?? [] { try addIndex(index, to: &schema) }
    for hook in json["hooks"]?.elements ?? [] {
      try HookBuilder(trace: trace, json: hook).add(to: &schema)
    }
    return schema
  }

  /// Sub-models: of a model, or of a subdocument's path.
  func discriminators(_ json: JSON?) throws -> [EmbeddedDiscriminator] {
    try (json?.members ?? []).map { member in
      EmbeddedDiscriminator(
        member.key, value: try member.value["value"].map { try ArgumentReader().value($0) },
        schema: try schema(member.value))
    }
  }

  // MARK: - Options

  private func options(_ json: JSON) throws -> SchemaOptions {
    var options = SchemaOptions()
    options.collection = json["collection"]?.string
    for member in json["options"]?.members ?? [] { try apply(member, to: &options) }
    return options
  }

  private func apply(_ member: JSON.Member, to options: inout SchemaOptions) throws {
    let json = member.value
    switch member.key {
    case "strict": options.strict = strict(json)
    case "strictQuery": options.strictQuery = strict(json)
    case "versionKey": options.versionKey = json.string ?? (json.isTrue ? "__v" : nil)
    case "timestamps": options.timestamps = timestamps(json)
    case "minimize": options.minimize = json.bool ?? true
    case "id": options.hasIDVirtual = json.bool ?? true
    case "_id": options.hasID = json.bool ?? true
    case "toObject":
      options.toObject = try ObjectFormReader.form(try ArgumentReader().document(json))
    case "toJSON":
      options.toJSON = try ObjectFormReader.form(try ArgumentReader().document(json))
      if options.toJSON.flattenMaps == nil { options.toJSON.flattenMaps = true }
    case "discriminatorKey": options.discriminatorKey = json.string ?? "__t"
    case "optimisticConcurrency": options.optimisticConcurrency = concurrency(json)
    case "skipVersioning":
      options.skipVersioning = Set(
        (json.members ?? []).filter { $0.value.isTrue }.map(\.key) + json.strings)
    case "validateBeforeSave": options.validateBeforeSave = json.bool ?? true
    default: throw ReplayFailure("no schema option '\(member.key)'")
    }
  }

  private func strict(_ json: JSON) -> StrictMode {
    json.string == "throw" ? .throw : json.bool == false ? .keep : .drop
  }

  private func timestamps(_ json: JSON) -> Timestamps? {
    guard json.members != nil else { return json.isTrue ? Timestamps() : nil }
    func name(_ key: String) -> String? {
      guard let choice = json[key] else { return key }
      return choice.string ?? (choice.bool == false ? nil : key)
    }
    return Timestamps(createdAt: name("createdAt"), updatedAt: name("updatedAt"))
  }

  private func concurrency(_ json: JSON) -> OptimisticConcurrency {
    if json.elements != nil { return .only(json.strings) }
    if let excluded = json["exclude"] { return .except(excluded.strings) }
    return json.isTrue ? .on : .off
  }

  // MARK: - What belongs to the schema

  private func addVirtual(_ member: JSON.Member, to schema: inout Schema) throws {
    let json = member.value
    if json["localField"] != nil {
      schema.virtual(member.key, try VirtualReader.population(json))
      return
    }
    var getter: (@Sendable (MongoDocument) throws -> Value)?
    if let get = json["get"] {
      getter = { document in try RecordedExpression(json: get).value(document) }
    }
    schema.virtual(member.key, get: getter, set: json["set"].flatMap(VirtualReader.setter))
  }

  private func addMethod(_ member: JSON.Member, to schema: inout Schema) {
    let json = member.value
    schema.method(member.key) { document, arguments in
      if let result = json["return"] {
        let expression = RecordedExpression(json: result, arguments: arguments)
        return .value(try expression.value(document))
      }
      let reader = ArgumentReader(arguments: arguments)
      for assignment in json["set"]?.members ?? [] {
        try document.set(assignment.key, try reader.value(assignment.value))
      }
      return .document(document)
    }
  }

  private func addStatic(_ member: JSON.Member, to schema: inout Schema) {
    let json = member.value
    schema.static(member.key) { model, arguments in
      let reader = ArgumentReader(arguments: arguments)
      return try ModelCalls.require(
        model, json["op"]?.string ?? "", try reader.things(json["args"]))
    }
  }

  private func addQueryMethod(_ member: JSON.Member, to schema: inout Schema) {
    let json = member.value
    schema.query(member.key) { plan, arguments in
      plan.merge(try ArgumentReader(arguments: arguments).document(json["where"]))
    }
  }

  private func addIndex(_ json: JSON, to schema: inout Schema) throws {
    guard let fields = json.elements?.first else { throw ReplayFailure("an index without fields") }
    let options = json.elements.flatMap { $0.count > 1 ? $0[1] : nil }
    schema.index(
      try ArgumentReader().document(fields), unique: options?["unique"]?.isTrue ?? false,
      sparse: options?["sparse"]?.isTrue ?? false, name: options?["name"]?.string,
      expireAfterSeconds: options?["expireAfterSeconds"]?.int ?? options?["expires"]?.int,
      where: try options?["partialFilterExpression"].map { try ArgumentReader().document($0) },
      collation: try options?["collation"].map { try ArgumentReader().document($0) })
  }
}

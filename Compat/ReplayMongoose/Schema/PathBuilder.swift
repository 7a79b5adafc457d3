import MongoStyle
import PrivataCore
import ReplayKit

/// Builds one path of a schema from its neutral description.
struct PathBuilder {
  let schemas: SchemaBuilder

  func path(_ json: JSON) throws -> SchemaPath {
    if let name = json.string { return SchemaPath(try kind(name, json)) }
    guard let name = json["type"]?.string else { throw ReplayFailure("a path without a type") }
    var options = PathOptions()
    for member in json.members ?? [] { try apply(member, to: &options) }
    return SchemaPath(try kind(name, json), options)
  }

  func entries(_ json: JSON?) throws -> [SchemaPath.Entry] {
    try (json?.members ?? []).map { SchemaPath.Entry($0.key, try path($0.value)) }
  }

  private func kind(_ name: String, _ json: JSON) throws -> SchemaPath.Kind {
    switch name {
    case "String": return .string
    case "Number": return .number
    case "Boolean": return .boolean
    case "Date": return .date
    case "ObjectId": return .objectID
    case "Buffer": return .buffer
    case "Mixed": return .mixed
    case "Decimal128": return .decimal128
    case "BigInt": return .bigInt
    case "Int32": return .int32
    case "Double": return .double
    case "UUID": return .uuid
    case "Nested": return .nested(try entries(json["paths"]))
    case "Subdocument":
      return .subdocument(try schemas.schema(json["schema"] ?? json))
    case "Array": return .array(try json["of"].map { try path($0) } ?? .mixed)
    case "Map": return .map(try json["of"].map { try path($0) } ?? .mixed)
    default: throw ReplayFailure("no type '\(name)'")
    }
  }

  // MARK: - Options

  private func apply(_ member: JSON.Member, to options: inout PathOptions) throws {
    let json = member.value
    switch member.key {
    case "required": options.required = try required(json)
    case "default": options.defaultValue = try defaultRule(json)
    case "immutable": options.immutable = try immutable(json)
    case "select": options.select = json.bool
    case "ref": options.ref = json.string.map { .named($0) }
    case "refPath": options.refPath = json.string.map { .path($0) }
    case "alias": options.aliases = json.names
    case "transform": options.transform = try json.string.map { try NamedFunctions.getter($0) }
    case "get": options.getters += try json.names.map { try NamedFunctions.getter($0) }
    case "set": options.setters += try json.names.map { try NamedFunctions.setter($0) }
    case "discriminators":
      options.discriminators = try schemas.discriminators(json)
    case "cast": cast(json, &options)
    case "_id": options.hasID = json.bool
    default:
      try applyRule(member, to: &options)
      try applyIndex(member, to: &options)
    }
  }

  private func applyRule(_ member: JSON.Member, to options: inout PathOptions) throws {
    let json = member.value
    switch member.key {
    case "enum": options.allowed = try allowed(json)
    case "min": options.min = try bound(json)
    case "max": options.max = try bound(json)
    case "minlength", "minLength": options.minLength = length(json)
    case "maxlength", "maxLength": options.maxLength = length(json)
    case "match":
      let (value, message) = json.withMessage
      guard case .regex(let pattern) = try TypedJSON.value(value) else { return }
      options.matches.append(Bound(pattern, message: message))
    case "validate": options.validators += try validators(json)
    case "lowercase" where json.isTrue: options.setters += PathOptions([.lowercase]).setters
    case "uppercase" where json.isTrue: options.setters += PathOptions([.uppercase]).setters
    case "trim" where json.isTrue: options.setters += PathOptions([.trim]).setters
    default: break
    }
  }

  private func applyIndex(_ member: JSON.Member, to options: inout PathOptions) throws {
    var index = options.index ?? PathIndex()
    switch member.key {
    case "index":
      if let members = member.value.members {
        for inner in members { try applyIndex(inner, to: &options) }
        return
      }
      guard member.value.bool != false else { return }
    case "unique":
      let (value, message) = member.value.withMessage
      guard value.bool != false else { return }
      index.isUnique = true
      index.uniqueMessage = message
    case "sparse":
      guard member.value.isTrue else { return }
      index.isSparse = true
    case "expires": index.expiresAfterSeconds = member.value.int
    default: return
    }
    options.index = index
  }

  private func required(_ json: JSON) throws -> RequiredRule? {
    if let path = json["whenPath"]?.string {
      let wanted = try json["is"].map { try TypedJSON.value($0) } ?? .undefined
      return RequiredRule(message: json["message"]?.string) { context in
        Value.equals(context.value(path), wanted)
      }
    }
    let (value, message) = json.withMessage
    if let text = value.string { return RequiredRule(message: text) }
    return value.bool == false ? nil : RequiredRule(message: message)
  }

  private func defaultRule(_ json: JSON) throws -> DefaultRule {
    if let name = json.function { return try NamedFunctions.default(name) }
    let value = try ArgumentReader().value(json)
    return value == .undefined ? .none : .value(value)
  }

  private func immutable(_ json: JSON) throws -> ImmutableRule? {
    if let path = json["whenPath"]?.string {
      let wanted = try json["is"].map { try TypedJSON.value($0) } ?? .undefined
      return .when { context in Value.equals(context.value(path), wanted) }
    }
    return json.isTrue ? .always : nil
  }

  private func allowed(_ json: JSON) throws -> Bound<[Value]> {
    let values = json["values"] ?? json
    return Bound(
      try (values.elements ?? []).map { try ArgumentReader().value($0) },
      message: json["message"]?.string)
  }

  private func bound(_ json: JSON) throws -> Bound<Value> {
    let (value, message) = json.withMessage
    return Bound(try ArgumentReader().value(value), message: message)
  }

  private func length(_ json: JSON) -> Bound<Int>? {
    let (value, message) = json.withMessage
    return value.int.map { Bound($0, message: message) }
  }

  private func validators(_ json: JSON) throws -> [PathValidator] {
    try (json.elements ?? [json]).map { one in
      try NamedFunctions.validator(
        one["fn"]?.string ?? one.string ?? "", message: one["message"]?.string,
        kind: one["kind"]?.string)
    }
  }

  private func cast(_ json: JSON, _ options: inout PathOptions) {
    switch json.kind {
    case .bool(let isOn): options.isCast = isOn
    case .string(let message): options.castMessage = message
    case .array(let elements):
      options.castMessage = elements.lazy.compactMap(\.string).first
      if elements.first?.bool == false { options.isCast = false }
    default: break
    }
  }
}

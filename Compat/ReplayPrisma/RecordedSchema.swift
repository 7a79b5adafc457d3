import PrismaStyle
import PrivataCore
import ReplayKit

/// Builds a client's schema from the neutral description in a file of recorded cases.
struct RecordedSchema {
  let models: [PrismaModel]

  init(_ schema: JSON, driver: String) throws(ReplayFailure) {
    let enums = schema["enums"]?.members ?? []
    var made: [PrismaModel] = []
    for member in schema["models"]?.members ?? [] {
      made.append(try Self.model(member.key, member.value, enums, driver))
    }
    models = made
  }

  private static func model(
    _ name: String, _ json: JSON, _ enums: [JSON.Member], _ driver: String
  ) throws(ReplayFailure) -> PrismaModel {
    var fields: [FieldSchema] = []
    var defaults: [String: PrismaDefault] = [:]
    for field in json["fields"]?.elements ?? [] {
      if let only = field["onlyDrivers"]?.elements, !only.contains(where: { $0.string == driver }) {
        continue
      }
      let schema = try self.field(field, enums)
      fields.append(schema)
      if let value = field["default"] { defaults[schema.name] = try Self.default(value) }
    }
    let key = (json["fields"]?.elements ?? []).first { $0["id"]?.isTrue == true }?["name"]?.string
    return PrismaModel(
      ModelSchema(
        name: name, collection: name, fields: fields, primaryKey: key.map { [$0] } ?? []),
      relations: (json["relations"]?.elements ?? []).compactMap(relation), defaults: defaults,
      uniques: (json["uniques"]?.elements ?? []).map { unique in
        PrismaUnique(
          unique["fields"]?.elements?.compactMap(\.string) ?? [], name: unique["name"]?.string)
      })
  }

  private static func field(
    _ json: JSON, _ enums: [JSON.Member]
  ) throws(ReplayFailure) -> FieldSchema {
    guard let name = json["name"]?.string, let type = json["type"]?.string else {
      throw ReplayFailure("a field without name or type")
    }
    let names = enums.first { $0.key == type }?.value.elements?.compactMap(\.string) ?? []
    var kind = try names.isEmpty ? fieldType(type, json) : .string
    if json["list"]?.isTrue == true { kind = .array(kind) }
    return FieldSchema(
      name, kind, isOptional: json["optional"]?.isTrue == true,
      isUnique: json["unique"]?.isTrue == true,
      privacy: json["pii"]?.isTrue == true ? .pii : json["phi"]?.isTrue == true ? .phi : .open,
      allowed: names)
  }

  private static func fieldType(_ name: String, _ json: JSON) throws(ReplayFailure) -> FieldType {
    switch name {
    case "String": return .string
    case "Int": return .int32
    case "BigInt": return .int64
    case "Float": return .double
    case "Boolean": return .bool
    case "DateTime": return .date
    case "Json": return .json
    case "Bytes": return .binary
    case "Decimal":
      guard case .integer(let scale)? = json["scale"]?.kind else { return .decimal() }
      return .decimal(precision: 65, scale: Int(scale))
    default: throw ReplayFailure("unknown type '\(name)'")
    }
  }

  private static func `default`(_ json: JSON) throws(ReplayFailure) -> PrismaDefault {
    switch json.string {
    case "cuid()": .cuid
    case "uuid()": .uuid
    case "now()": .now
    default: .value(try TypedJSON.value(json))
    }
  }

  private static func relation(_ json: JSON) -> PrismaRelation? {
    guard let name = json["name"]?.string, let model = json["model"]?.string else { return nil }
    let label = json["relation"]?.string
    if json["kind"]?.string == "many" { return .many(name, model, label: label) }
    guard let field = json["fields"]?.elements?.first?.string,
      let references = json["references"]?.elements?.first?.string
    else { return .one(name, model, label: label) }
    let actions: [String: Reference.Action] = [
      "Cascade": .cascade, "SetNull": .setNull, "Restrict": .restrict, "NoAction": .noAction,
    ]
    return .one(
      name, model, fields: field, references: references, label: label,
      onDelete: json["onDelete"]?.string.flatMap { actions[$0] } ?? .restrict)
  }
}

extension JSON {
  /// True for the literal `true`.
  var isTrue: Bool { if case .bool(true) = kind { true } else { false } }
}

public import PrivataCore

extension Schema {
  /// The schema as JSON Schema, or as MongoDB's `$jsonSchema` with `bsonType`: types, required
  /// paths, enums and nullability. Other rules stay with the program.
  ///
  /// ```swift
  /// try await User.createCollection(["validator": ["$jsonSchema": .document(schema.jsonSchema(bson: true))]])
  /// ```
  public func jsonSchema(bson: Bool = false) -> Document {
    JSONSchemaWriter(isBSON: bson).object(entries, hasID: options.hasID)
  }
}

/// Writes schemas in one of the two dialects.
private struct JSONSchemaWriter {
  let isBSON: Bool

  private var typeKey: String { isBSON ? "bsonType" : "type" }

  func object(_ entries: [SchemaPath.Entry], hasID: Bool) -> Document {
    var properties = Document()
    var required: [Value] = []
    for entry in entries {
      properties.append(entry.name, .document(schema(entry.path)))
      if entry.path.isAlwaysRequired { required.append(.string(entry.name)) }
    }
    if hasID, !properties.contains("_id") {
      properties.append("_id", .document(schema(SchemaPath(.objectID, with: [.required]))))
      required.append("_id")
    }
    var result: Document = [typeKey: "object"]
    if !required.isEmpty { result["required"] = .array(required) }
    result["properties"] = .document(properties)
    return result
  }

  private func schema(_ path: SchemaPath) -> Document {
    var result = type(path)
    let isNullable = !path.isAlwaysRequired && path.options.allowsNull
    if isNullable, case .string(let name)? = result[typeKey] {
      result[typeKey] = .array([.string(name), "null"])
    }
    if var values = path.options.allowed?.limit {
      if isNullable { values.append(.null) }
      result["enum"] = .array(values)
    }
    return result
  }

  private func type(_ path: SchemaPath) -> Document {
    switch path.kind {
    case .string: return [typeKey: "string"]
    case .number: return [typeKey: "number"]
    case .boolean: return [typeKey: isBSON ? "bool" : "boolean"]
    case .date: return isBSON ? ["bsonType": "date"] : ["type": "string", "format": "date-time"]
    case .objectID:
      return isBSON ? ["bsonType": "objectId"] : ["type": "string", "pattern": "^[A-Fa-f0-9]{24}$"]
    case .buffer, .uuid: return [typeKey: isBSON ? "binData" : "string"]
    case .decimal128: return [typeKey: isBSON ? "decimal" : "string"]
    case .bigInt: return [typeKey: isBSON ? "long" : "string"]
    case .int32: return [typeKey: isBSON ? "int" : "number"]
    case .double: return [typeKey: isBSON ? "double" : "number"]
    case .mixed: return Document()
    case .nested(let entries): return object(entries, hasID: false)
    case .subdocument(let schema):
      return object(schema.entries, hasID: path.options.hasID ?? schema.options.hasID)
    case .array(let element): return [typeKey: "array", "items": .document(schema(element))]
    case .map(let value):
      return [typeKey: "object", "additionalProperties": .document(schema(value))]
    }
  }
}

extension SchemaPath {
  fileprivate var isAlwaysRequired: Bool {
    options.required.map { $0.condition == nil } ?? false
  }
}

internal import PrivataCore

extension ModelSchema {
  /// The model as the catalog keeps it.
  var catalogDocument: Document {
    var document: Document = ["name": .string(name), "collection": .string(collection)]
    document["namespace"] = namespace.map { .string($0) }
    document["isOpen"] = isOpen ? true : Value?.none
    document["key"] = .array(primaryKey.map { .string(fields[$0].name) })
    document["fields"] = .array(fields.map { .document($0.catalogDocument) })
    return document
  }

  /// The model of a catalog's document; `nil` where it is none.
  convenience init?(catalog document: Document) {
    guard let name = document["name"]?.asString,
      let collection = document["collection"]?.asString,
      let fields = document["fields"]?.asArray, let key = document["key"]?.asArray
    else { return nil }
    let made = fields.compactMap { $0.asDocument.flatMap(FieldSchema.init(catalog:)) }
    guard made.count == fields.count, !made.isEmpty else { return nil }
    self.init(
      name: name, collection: collection, namespace: document["namespace"]?.asString,
      fields: made, primaryKey: key.compactMap(\.asString),
      isOpen: document["isOpen"]?.asBool ?? false)
  }
}

extension FieldSchema {
  fileprivate var catalogDocument: Document {
    var document: Document = ["name": .string(name), "type": .string(type.catalogText)]
    document["column"] = column == name ? Value?.none : .string(column)
    document["required"] = isOptional ? Value?.none : true
    document["unique"] = isUnique ? true : Value?.none
    document["class"] = privacy == .open ? Value?.none : .string(privacy.rawValue)
    document["placement"] = placement.map { .string($0.rawValue) }
    document["reference"] = reference.map { .document($0.catalogDocument) }
    document["encryption"] = encryption.map { .document($0.catalogDocument) }
    return document
  }

  fileprivate init?(catalog document: Document) {
    guard let name = document["name"]?.asString,
      let type = document["type"]?.asString.flatMap({ FieldType(catalog: $0) })
    else { return nil }
    self.init(
      name, type, column: document["column"]?.asString,
      isOptional: document["required"]?.asBool != true,
      isUnique: document["unique"]?.asBool == true)
    if let text = document["class"]?.asString {
      guard let known = Privacy(rawValue: text) else { return nil }
      privacy = known
    }
    placement = document["placement"]?.asString.flatMap(Placement.init)
    reference = document["reference"]?.asDocument.flatMap(Reference.init(catalog:))
    encryption = document["encryption"]?.asDocument.map(FieldEncryption.init(catalog:))
  }
}

extension Reference {
  fileprivate var catalogDocument: Document {
    var document: Document = ["model": .string(model)]
    document["field"] = field.map { .string($0) }
    document["onDelete"] = .string(onDelete.rawValue)
    document["onUpdate"] = .string(onUpdate.rawValue)
    document["enforced"] = .bool(isEnforced)
    return document
  }

  fileprivate init?(catalog document: Document) {
    guard let model = document["model"]?.asString else { return nil }
    self.init(
      model, field: document["field"]?.asString,
      onDelete: document["onDelete"]?.asString.flatMap(Action.init) ?? .noAction,
      onUpdate: document["onUpdate"]?.asString.flatMap(Action.init) ?? .noAction,
      isEnforced: document["enforced"]?.asBool ?? false)
  }
}

extension FieldEncryption {
  fileprivate var catalogDocument: Document {
    var document: Document = ["padding": .int64(Int64(padding))]
    document["indexBits"] = index.map { .int64(Int64($0.bits)) }
    document["normalisation"] = .array(normalisation.map { .string($0.rawValue) })
    document["stableID"] = stableID.map { .string($0) }
    return document
  }

  fileprivate init(catalog document: Document) {
    self.init(
      index: document["indexBits"]?.asInt.map { .equality(bits: $0) },
      normalisation: (document["normalisation"]?.asArray ?? []).compactMap {
        $0.asString.flatMap(Normalisation.init)
      },
      padding: document["padding"]?.asInt ?? 16, stableID: document["stableID"]?.asString)
  }
}

extension FieldType {
  private static let plain: [String: FieldType] = [
    "bool": .bool, "int32": .int32, "int64": .int64, "double": .double, "number": .number,
    "string": .string, "date": .date, "objectID": .objectID, "uuid": .uuid, "binary": .binary,
    "document": .document, "json": .json, "any": .any, "decimal": .decimal(),
  ]

  /// The type as the catalog names it: `string`, `varchar(20)`, `decimal(10,2)`, `array(string)`.
  var catalogText: String {
    switch self {
    case .varchar(let length): return "varchar(\(length))"
    case .array(let element): return "array(\(element.catalogText))"
    case .decimal(let precision?, let scale): return "decimal(\(precision),\(scale ?? 0))"
    case .decimal: return "decimal"
    default: return Self.plain.first { $0.value == self }?.key ?? "any"
    }
  }

  /// The type of a name; `nil` for another text.
  init?(catalog text: String) {
    if let known = Self.plain[text] {
      self = known
      return
    }
    guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else { return nil }
    let content = String(text[text.index(after: open)...].dropLast())
    switch text[..<open] {
    case "varchar":
      guard let length = Int(content) else { return nil }
      self = .varchar(length)
    case "decimal":
      let numbers = content.split(separator: ",").compactMap { Int($0) }
      guard numbers.count == 2 else { return nil }
      self = .decimal(precision: numbers[0], scale: numbers[1])
    case "array":
      guard let element = FieldType(catalog: content) else { return nil }
      self = .array(element)
    default: return nil
    }
  }
}

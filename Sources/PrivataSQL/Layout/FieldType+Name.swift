package import PrivataCore

extension FieldType {
  /// The type as the meta table spells it: `int32`, `decimal(10,2)`, `array(string)`.
  package var name: String {
    switch self {
    case .bool: "bool"
    case .int32: "int32"
    case .int64: "int64"
    case .double: "double"
    case .number: "number"
    case .decimal(let precision?, let scale): "decimal(\(precision),\(scale ?? 0))"
    case .decimal: "decimal"
    case .string: "string"
    case .varchar(let length): "varchar(\(length))"
    case .date: "date"
    case .objectID: "objectID"
    case .uuid: "uuid"
    case .binary: "binary"
    case .document: "document"
    case .json: "json"
    case .array(let element): "array(\(element.name))"
    case .any: "any"
    }
  }

  /// The type of that spelling; `nil` for an unknown one.
  package init?(name: String) {
    if let plain = Self.plainNames[name] {
      self = plain
      return
    }
    guard let open = name.firstIndex(of: "("), name.last == ")" else { return nil }
    let inner = name[name.index(after: open)...].dropLast()
    switch name[..<open] {
    case "array":
      guard let element = FieldType(name: String(inner)) else { return nil }
      self = .array(element)
    case "varchar":
      guard let length = Int(inner) else { return nil }
      self = .varchar(length)
    case "decimal":
      let sizes = inner.split(separator: ",").compactMap { Int($0) }
      guard sizes.count == 2 else { return nil }
      self = .decimal(precision: sizes[0], scale: sizes[1])
    default: return nil
    }
  }

  private static let plainNames: [String: FieldType] = {
    let plain: [FieldType] = [
      .bool, .int32, .int64, .double, .number, .decimal(), .string, .date, .objectID, .uuid,
      .binary, .document, .json, .any,
    ]
    return Dictionary(uniqueKeysWithValues: plain.map { ($0.name, $0) })
  }()
}

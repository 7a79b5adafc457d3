public import PrivataCore

/// How a model's records become resources of FHIR R4.
///
/// ```swift
/// options.fhir = [
///   FHIRMapping("User", as: "Patient", ["name": "name[0].text", "email": "telecom[0].value", "born": "birthDate"],
///     constants: ["telecom[0].system": "email"]),
///   FHIRMapping("Reading", as: "Observation", ["pulse": "valueQuantity.value", "at": "effectiveDateTime"],
///     constants: ["status": "final", "code.text": "Heart rate"], subject: "subject"),
/// ]
/// ```
///
/// A field that no mapping names is no part of the bundle; the other formats have it.
///
/// Source: HL7 FHIR R4 (4.0.1).
public struct FHIRMapping: Sendable, Hashable {
  /// The model, and the type of its resources.
  public var model: String
  public var resource: String
  /// The place of each field, as a path of FHIR: `name[0].text`.
  public var fields: [String: String]
  /// Values that every resource has, by path.
  public var constants: [String: Value]
  /// The element that refers to the patient; `nil` for the patient.
  public var subject: String?

  /// A mapping.
  public init(
    _ model: String, as resource: String, _ fields: [String: String],
    constants: [String: Value] = [:], subject: String? = nil
  ) {
    self.model = model
    self.resource = resource
    self.fields = fields
    self.constants = constants
    self.subject = subject
  }
}

extension FHIRMapping {
  /// A record as an entry of a bundle.
  func entry(_ record: Document, key: String, patient: String) -> Document {
    var resource: Document = ["resourceType": .string(self.resource)]
    let id = Self.id(record[key] ?? .null)
    resource["id"] = .string(id)
    for (path, value) in constants.sorted(by: { $0.key < $1.key }) {
      resource.put(value, at: FHIRPath(path))
    }
    for (name, path) in fields.sorted(by: { $0.value < $1.value }) {
      guard let value = record[name], !value.isNull else { continue }
      resource.put(Self.value(value, at: path), at: FHIRPath(path))
    }
    if let subject { resource.put(["reference": .string(patient)], at: FHIRPath(subject)) }
    return [
      "fullUrl": .string(Self.url(self.resource, id)), "resource": .document(resource),
    ]
  }

  /// How other resources of the bundle name one.
  static func url(_ resource: String, _ id: String) -> String { "urn:privata:\(resource)/\(id)" }

  /// An id as FHIR allows it: letters, digits, dashes and dots, at most 64.
  static func id(_ key: Value) -> String {
    let text = CSVText.plain(key)
    let allowed = text.map { character -> Character in
      character.isASCII && (character.isLetter || character.isNumber || "-.".contains(character))
        ? character : "-"
    }
    return String(allowed.prefix(64))
  }

  /// Dates of births and of days have no time; numbers stay numbers.
  private static func value(_ value: Value, at path: String) -> Value {
    switch value {
    case .date(let date):
      let isDay =
        path.hasSuffix("birthDate") || path.hasSuffix("Date") && !path.hasSuffix("DateTime")
      return .string(isDay ? String(date.iso8601.prefix(10)) : date.iso8601)
    case .int32, .int64, .double, .bool, .string: return value
    case .array(let items): return .array(items.map { self.value($0, at: path) })
    case .document: return value
    default: return .string(CSVText.plain(value))
    }
  }
}

extension [FHIRMapping] {
  /// The records that a mapping names as a Bundle of type `collection`, about the person of a key.
  func bundle(
    _ sections: [(model: String, key: String, records: [Document])], of person: Value,
    _ model: String, at moment: DateTime
  ) -> Document {
    let patient = first { $0.model == model }
    let id = patient.map { FHIRMapping.url($0.resource, FHIRMapping.id(person)) } ?? ""
    var entries: [Value] = []
    for section in sections {
      guard let mapping = first(where: { $0.model == section.model }) else { continue }
      entries += section.records.map { record in
        .document(mapping.entry(record, key: section.key, patient: id))
      }
    }
    return [
      "resourceType": "Bundle", "type": "collection", "timestamp": .string(moment.iso8601),
      "entry": .array(entries),
    ]
  }
}

/// A path into a resource: names, each with an index where it is a list.
struct FHIRPath {
  var steps: [(name: String, index: Int?)]

  init(_ text: String) {
    steps = text.split(separator: ".").map { part in
      guard let open = part.firstIndex(of: "["), part.hasSuffix("]"),
        let index = Int(part[part.index(after: open)...].dropLast()), (0..<64).contains(index)
      else { return (String(part), nil) }
      return (String(part[..<open]), index)
    }
  }

  fileprivate var rest: FHIRPath {
    var rest = self
    rest.steps.removeFirst()
    return rest
  }
}

extension Document {
  /// Puts a value at a path; what is on the way is made.
  fileprivate mutating func put(_ value: Value, at path: FHIRPath) {
    guard let step = path.steps.first else { return }
    let isLast = path.steps.count == 1
    guard let index = step.index else {
      self[step.name] = isLast ? value : (self[step.name]?.asDocument ?? [:]).putting(value, path)
      return
    }
    var items = self[step.name]?.asArray ?? []
    while items.count <= index { items.append(.document([:])) }
    items[index] = isLast ? value : (items[index].asDocument ?? [:]).putting(value, path)
    self[step.name] = .array(items)
  }

  private func putting(_ value: Value, _ path: FHIRPath) -> Value {
    var inner = self
    inner.put(value, at: path.rest)
    return .document(inner)
  }
}

internal import PrivataCore

/// A part of what is kept about a person: the records of a model, whole or some of their fields.
///
/// ```swift
/// DataScope("Invoice")                       // the person's invoices
/// DataScope("User", ["phone", "address"])    // two fields of their own record
/// ```
public struct DataScope: Sendable, Hashable {
  /// The model's name.
  public var model: String
  /// The fields; whole records where `nil`.
  public var fields: [String]?

  /// Records of a model, or fields of them.
  public init(_ model: String, _ fields: [String]? = nil) {
    self.model = model
    self.fields = fields
  }
}

extension DataScope {
  /// True where a field is part of it.
  func covers(_ model: String, _ field: String) -> Bool {
    self.model == model && (fields?.contains(field) ?? true)
  }

  /// The scope as ledgers and certificates hold it.
  var document: Document {
    var document: Document = ["model": .string(model)]
    document["fields"] = fields.map { .array($0.map { .string($0) }) }
    return document
  }

  init?(_ document: Document?) {
    guard let document, let model = document["model"]?.asString else { return nil }
    self.init(model, document["fields"]?.asArray?.compactMap(\.asString))
  }

  /// Reads a list of scopes.
  static func list(_ value: Value?) -> [DataScope]? {
    value?.asArray?.compactMap { DataScope($0.asDocument) }
  }

  /// - Throws: `unknownModel`, `unknownField`; `badArgument` for the key, which names the record.
  func check(_ registry: SeparationRegistry) throws(PrivataError) {
    guard let model = registry.model(model) else {
      throw PrivataError(.unknownModel, "the vault knows no model \(model)", model: model)
    }
    for field in fields ?? [] {
      guard model.field(field) != nil else {
        throw PrivataError(
          .unknownField, "\(model.name) has no field \(field)", fields: [field], model: model.name)
      }
      guard field != model.key.name else {
        throw PrivataError(
          .badArgument, "\(model.name).\(field) is the key of the record: name other fields",
          fields: [field], model: model.name)
      }
    }
  }
}

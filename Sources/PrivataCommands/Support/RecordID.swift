internal import Foundation
internal import PrivataCompliance
internal import PrivataCore

extension ModelSchema {
  /// The id of a record, from the text of an option.
  ///
  /// - Throws: `badID` where the text is no id of the model.
  func id(_ text: String, option: String) throws(PrivataError) -> Value {
    let value: Value? =
      switch key.type {
      case .objectID: ObjectID(text).map { .objectID($0) }
      case .uuid: UUID(uuidString: text).map { .uuid($0) }
      case .int32: Int32(text).map { .int32($0) }
      case .int64: Int64(text).map { .int64($0) }
      case .number, .double: Double(text).map { .double($0) }
      case .any: ObjectID(text).map { .objectID($0) } ?? .string(text)
      default: .string(text)
      }
    if let value { return value }
    throw PrivataError(
      .badID, "\(option): this is no id of \(name), which are \(key.type)", fields: [option],
      model: name)
  }
}

extension Vault {
  /// The model of a name, among those of the application or those that were recorded.
  func model(_ name: String, option: String) async throws(PrivataError) -> ModelSchema {
    var models = CommandEnvironment.current.models
    if models.isEmpty { models = try await recordedModels() }
    if let model = models.first(where: { $0.name == name }) { return model }
    let names = models.map(\.name).sorted().joined(separator: ", ")
    throw PrivataError(
      .unknownModel, "\(option): the vault has no model \(name); it has \(names)",
      fields: [option], model: name)
  }
}

extension DateTime {
  /// The moment that an option names.
  init(_ text: String, option: String) throws(PrivataError) {
    guard let moment = DateTime(iso8601: text) else {
      throw .option(option, "say a day or a moment as 2026-05-01 or 2026-05-01T12:00:00Z")
    }
    self = moment
  }
}

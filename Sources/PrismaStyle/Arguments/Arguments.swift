internal import PrivataCore

/// The argument object of one call, read strictly: an unknown name is refused before anything is
/// sent. `Value.undefined` counts as absent, as in Prisma.
struct Arguments: Sendable {
  let model: PrismaModel
  private let document: Document

  init(_ document: Document, of model: PrismaModel, allowed: Set<String>) throws(PrivataError) {
    self.model = model
    self.document = Document(document.elements.filter { $0.value != .undefined })
    if let unknown = self.document.elements.first(where: { !allowed.contains($0.key) }) {
      throw .refused(
        "unknown argument '\(unknown.key)'; this call takes \(allowed.sorted().joined(separator: ", "))",
        model: model.name, fields: [unknown.key])
    }
  }

  /// The argument of that name, `nil` where it is absent.
  subscript(_ name: String) -> Value? { document[name] }

  /// An argument that has to be a document; empty where absent.
  func document(_ name: String) throws(PrivataError) -> Document {
    switch document[name] {
    case nil: return [:]
    case .document(let value)?: return value
    default: throw wrong(name, "an object")
    }
  }

  /// An argument that a call cannot do without.
  func required(_ name: String) throws(PrivataError) -> Document {
    guard document[name] != nil else {
      throw .refused("argument '\(name)' is missing", model: model.name, fields: [name])
    }
    return try document(name)
  }

  /// An integer argument.
  func integer(_ name: String) throws(PrivataError) -> Int? {
    guard let value = document[name] else { return nil }
    guard let number = value.asInt else { throw wrong(name, "an integer") }
    return number
  }

  /// An argument that is one document or a list of them.
  func list(_ name: String) throws(PrivataError) -> [Document] {
    try Self.list(document[name] ?? .array([]), name, model.name)
  }

  /// One document, or each of a list of documents.
  static func list(
    _ value: Value, _ name: String, _ model: String
  ) throws(PrivataError) -> [Document] {
    switch value {
    case .document(let one): return [one]
    case .array(let many):
      var documents: [Document] = []
      for element in many {
        guard case .document(let document) = element else {
          throw .refused("'\(name)' takes objects", model: model, fields: [name])
        }
        documents.append(document)
      }
      return documents
    default: throw .refused("'\(name)' takes an object or a list", model: model, fields: [name])
    }
  }

  private func wrong(_ name: String, _ wanted: String) -> PrivataError {
    .refused("argument '\(name)' has to be \(wanted)", model: model.name, fields: [name])
  }
}

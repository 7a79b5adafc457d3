import PrivataCore

/// How a model's fields are called in MongoDB's documents: by their names, but the single primary
/// key of a typed model is `_id`, whatever the model calls it, because MongoDB has that index anyway.
struct FieldNaming: Sendable {
  /// What the model calls the field that documents call `_id`; `nil` where that is `_id` too.
  let key: String?

  init(_ model: ModelSchema) {
    let isRenamed = !model.isOpen && model.primaryKey.count == 1 && model.key.name != "_id"
    key = isRenamed ? model.key.name : nil
  }

  /// Names that are the same on both sides.
  static let identity = FieldNaming()

  private init() { key = nil }

  /// True where documents and model agree on all names.
  @inline(__always)
  var isIdentity: Bool { key == nil }

  /// The path in documents of a path of the model.
  func path(_ path: String) -> String {
    guard let key, path.hasPrefix(key) else { return path }
    if path.utf8.count == key.utf8.count { return "_id" }
    guard path.utf8.dropFirst(key.utf8.count).first == UInt8(ascii: ".") else { return path }
    return "_id" + path.dropFirst(key.count)
  }

  /// The model's name of a document's field.
  func field(of path: String) -> String {
    guard let key, path == "_id" else { return path }
    return key
  }

  /// A filter in the model's names as one in the documents' names.
  func filter(_ filter: Document) -> Document {
    guard !isIdentity else { return filter }
    return Document(
      filter.elements.map { element in
        guard ["$and", "$or", "$nor"].contains(element.key) else { return renamed(element) }
        let parts = (element.value.asArray ?? []).map { part in
          part.asDocument.map { .document(self.filter($0)) } ?? part
        }
        return Document.Element(key: element.key, value: .array(parts))
      })
  }

  /// A document whose keys are paths of the model: a record, a projection, a sort.
  func document(_ document: Document) -> Document {
    isIdentity ? document : Document(document.elements.map(renamed))
  }

  /// Update operators with their paths in the documents' names.
  func operators(_ operators: Document) -> Document {
    guard !isIdentity else { return operators }
    return Document(
      operators.elements.map { element in
        guard let paths = element.value.asDocument else { return element }
        return Document.Element(key: element.key, value: .document(document(paths)))
      })
  }

  /// A document of the server in the model's names.
  func record(_ document: Document) -> Document {
    guard let key else { return document }
    return Document(
      document.elements.map { element in
        element.key == "_id" ? Document.Element(key: key, value: element.value) : element
      })
  }

  private func renamed(_ element: Document.Element) -> Document.Element {
    Document.Element(key: path(element.key), value: element.value)
  }
}

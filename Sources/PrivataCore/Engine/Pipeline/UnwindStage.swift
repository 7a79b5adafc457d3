/// `$unwind`: one document per element of an array.
struct UnwindStage: Sendable {
  private let path: DottedPath
  private var index: String?
  private var keepsEmpty = false

  /// Compiles the stage.
  init(_ value: Value) throws(PrivataError) {
    var text: String?
    switch value {
    case .string(let path): text = path
    case .document(let document):
      for element in document.elements {
        if element.key == "path" {
          text = try Self.path(element.value)
        } else {
          try Self.option(element, &keepsEmpty, &index)
        }
      }
    default:
      throw .rejected(
        15981, "expected either a string or an object as specification for $unwind stage")
    }
    guard let text, !text.isEmpty else {
      throw .rejected(28812, "no path specified to $unwind stage")
    }
    guard text.hasPrefix("$") else {
      throw .rejected(28818, "path option to $unwind stage should be prefixed with a '$'")
    }
    path = try ExpressionCompiler.checked(String(text.dropFirst()))
  }

  private static func path(_ value: Value) throws(PrivataError) -> String {
    guard case .string(let path) = value else {
      throw .rejected(28808, "expected a string as the path for $unwind stage")
    }
    return path
  }

  private static func option(
    _ element: Document.Element, _ keepsEmpty: inout Bool, _ index: inout String?
  ) throws(PrivataError) {
    let name = "\(element.key) option to $unwind stage"
    switch (element.key, element.value) {
    case ("preserveNullAndEmptyArrays", .bool(let flag)): keepsEmpty = flag
    case ("preserveNullAndEmptyArrays", _):
      throw .rejected(28809, "expected a boolean for the \(name)")
    case ("includeArrayIndex", .string(let field)) where field.hasPrefix("$"):
      throw .rejected(28822, "\(name) should not be prefixed with a '$'")
    case ("includeArrayIndex", .string(let field)) where !field.isEmpty: index = field
    case ("includeArrayIndex", _):
      throw .rejected(28810, "expected a non-empty string for the \(name)")
    default: throw .rejected(28811, "unrecognized option to $unwind stage: \(element.key)")
    }
  }

  /// The documents with the array taken apart.
  func run(_ documents: [Document]) -> [Document] {
    documents.flatMap { document -> [Document] in
      switch path.value(in: document) {
      case .array(let items)? where items.isEmpty:
        keepsEmpty ? [with(document, nil, .null)] : []
      case .array(let items)?:
        items.enumerated().map { with(document, $0.element, .int64(Int64($0.offset))) }
      case nil, .null?, .undefined?:
        keepsEmpty ? [with(document, path.value(in: document), .null)] : []
      case let value?: [with(document, value, .null)]
      }
    }
  }

  private func with(_ document: Document, _ value: Value?, _ position: Value) -> Document {
    var result = document
    result.set(path.parts[...], value)
    if let index { result.set(DottedPath(index).parts[...], position) }
    return result
  }
}

extension Document {
  /// Sets or removes the value at a path of documents.
  mutating func set(_ parts: ArraySlice<String>, _ value: Value?) {
    guard let first = parts.first else { return }
    guard parts.count > 1 else {
      self[first] = value
      return
    }
    var inner = self[first]?.asDocument ?? Document()
    inner.set(parts.dropFirst(), value)
    self[first] = .document(inner)
  }
}

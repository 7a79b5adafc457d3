/// A dotted path, split once: `allergies.0.name`.
package struct DottedPath: Sendable, Hashable {
  /// The path as it was written.
  package let text: String
  /// Its components in order; at least one.
  package let parts: [String]
  /// For each component, the array index that it names where it is one.
  package let indexes: [Int?]

  /// The path of this text.
  package init(_ text: String) {
    self.text = text
    parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    indexes = parts.map(Self.index)
  }

  /// True for a path without dots.
  package var isSimple: Bool { parts.count == 1 }

  /// The index that a component names: digits without a leading zero.
  package static func index(_ part: String) -> Int? {
    let bytes = part.utf8
    guard let first = bytes.first, bytes.count <= 10, bytes.allSatisfy({ $0 >= 48 && $0 <= 57 })
    else { return nil }
    return first == 48 && bytes.count > 1 ? nil : Int(part)
  }
}

extension DottedPath {
  /// Hands each value that the path reaches to `body`, `nil` for a missing one, with the position in
  /// the outermost array that led to it; stops and answers true once `body` does.
  ///
  /// With `leafArrays` an array at the path's end gives its elements first and then itself. This is
  /// how MongoDB's predicates see a path: an array in the middle of the path gives the values of its
  /// documents, and of the element that a numeric component names.
  @discardableResult
  package func visit(
    _ document: Document, leafArrays: Bool,
    _ body: (Value?, Int?) throws(PrivataError) -> Bool
  ) throws(PrivataError) -> Bool {
    try visit(document, from: 0, offset: nil, leafArrays, body)
  }

  private func visit(
    _ document: Document, from start: Int, offset: Int?, _ leafArrays: Bool,
    _ body: (Value?, Int?) throws(PrivataError) -> Bool
  ) throws(PrivataError) -> Bool {
    var current = document
    var position = start
    while true {
      let isLast = position == parts.count - 1
      switch current[parts[position]] {
      case .array(let items)?:
        return try visit(items, next: position + 1, offset: offset, leafArrays, body)
      case .document(let inner)? where !isLast:
        current = inner
        position += 1
      case let value:
        return try body(isLast ? value : nil, offset)
      }
    }
  }

  private func visit(
    _ items: [Value], next: Int, offset: Int?, _ leafArrays: Bool,
    _ body: (Value?, Int?) throws(PrivataError) -> Bool
  ) throws(PrivataError) -> Bool {
    if next == parts.count {
      if leafArrays {
        for (index, item) in items.enumerated() where try body(item, offset ?? index) {
          return true
        }
      }
      return try body(.array(items), offset)
    }
    for (index, item) in items.enumerated() {
      if try visit(item, at: index, next: next, offset: offset, leafArrays, body) {
        return true
      }
    }
    return false
  }

  /// One element of an array in the middle of the path: its fields, and the element itself where the
  /// next component names its position.
  private func visit(
    _ item: Value, at index: Int, next: Int, offset: Int?, _ leafArrays: Bool,
    _ body: (Value?, Int?) throws(PrivataError) -> Bool
  ) throws(PrivataError) -> Bool {
    if case .document(let inner) = item,
      try visit(inner, from: next, offset: offset ?? index, leafArrays, body)
    {
      return true
    }
    // A position that the path names itself is none for the positional operator.
    guard indexes[next] == index else { return false }
    if next == parts.count - 1 { return try body(item, offset) }
    switch item {
    case .document(let inner):
      return try visit(inner, from: next + 1, offset: offset, leafArrays, body)
    case .array(let inner):
      return try visit(inner, next: next + 1, offset: offset, leafArrays, body)
    default: return false
    }
  }

  /// The value at the path through documents only, `nil` where there is none; arrays end the walk.
  package func value(in document: Document) -> Value? {
    var current = document
    for part in parts.dropLast() {
      guard case .document(let inner)? = current[part] else { return nil }
      current = inner
    }
    return current[parts[parts.count - 1]]
  }
}

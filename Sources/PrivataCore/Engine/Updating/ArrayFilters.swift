/// The documents that say which elements `$[name]` means.
struct ArrayFilters: Sendable {
  private var matchers: [String: DocumentMatcher] = [:]

  /// Compiles the filters; the name is the first part of their paths.
  init(_ documents: [Document], collation: Document?) throws(PrivataError) {
    for document in documents {
      let names = Set(Self.names(in: document))
      guard let name = names.first, names.count == 1 else {
        throw .rejected(
          9, "an array filter must name exactly one identifier in its top-level fields")
      }
      guard let first = name.unicodeScalars.first, PatternSet.isLower(first.value),
        name.unicodeScalars.allSatisfy({
          PatternSet.isAlpha($0.value) || PatternSet.isDigit($0.value)
        })
      else {
        throw .rejected(
          2,
          "The top-level field name of an array filter must be an alphanumeric string "
            + "beginning with a lowercase letter")
      }
      guard matchers[name] == nil else {
        throw .rejected(
          9, "Found multiple array filters with the same top-level field name \(name)")
      }
      matchers[name] = try DocumentMatcher(document, collation: collation)
    }
  }

  private static func names(in document: Document) -> [String] {
    document.elements.flatMap { element -> [String] in
      guard element.key.hasPrefix("$") else {
        return [String(element.key.prefix { $0 != "." })]
      }
      return (element.value.asArray ?? []).flatMap { $0.asDocument.map(names) ?? [] }
    }
  }

  /// Refuses a filter that no path uses, and a path without its filter.
  func check(usedBy names: Set<String>) throws(PrivataError) {
    for name in names.sorted() where matchers[name] == nil {
      throw .rejected(2, "No array filter found for identifier '\(name)'")
    }
    for name in matchers.keys.sorted() where !names.contains(name) {
      throw .rejected(9, "The array filter for identifier '\(name)' was not used in the update")
    }
  }

  /// True where the element is meant; the empty name means all.
  func matches(_ name: String, _ item: Value, _ path: String) throws(PrivataError) -> Bool {
    if name.isEmpty { return true }
    guard let matcher = matchers[name] else { return false }
    return try matcher.matches(Document([.init(key: name, value: item)]))
  }
}

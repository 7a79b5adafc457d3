internal import PrivataCore

/// A filter that Swift checks on a joined record.
struct RecordFilter {
  private let document: DocumentMatcher?
  private let typed: [FilterMatcher]

  init(_ filter: Filter, model: ModelSchema, options: QueryOptions?) throws(PrivataError) {
    var document: DocumentMatcher?
    var typed: [FilterMatcher] = []
    for part in filter.topLevel {
      if case .document(let conditions) = part {
        document = try DocumentMatcher(conditions, collation: options?.collation)
      } else {
        typed.append(try FilterMatcher(part, model: model))
      }
    }
    self.document = document
    self.typed = typed
  }

  func matches(_ record: Document) throws(PrivataError) -> Bool {
    if let document, try !document.matches(record) { return false }
    for matcher in typed where try !matcher.matches(record) { return false }
    return true
  }
}

extension Filter {
  fileprivate var topLevel: [Filter] {
    switch self {
    case .all: []
    case .and(let parts): parts
    default: [self]
    }
  }
}

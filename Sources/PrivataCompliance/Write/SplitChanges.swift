internal import PrivataCore

/// A change divided by half: each part changes only fields of its half.
struct SplitChanges: Sendable {
  var identity: Changes?
  var clinical: Changes?
  var identityFilters: [Document] = []
  var clinicalFilters: [Document] = []

  /// Divides a change; `nil` where it computes a field of one half from the other, or moves one.
  init?(_ changes: Changes, arrayFilters: [Document], in separation: Separation) {
    switch changes {
    case .assign(let assignments): divide(assignments, separation)
    case .operators(let document):
      guard divide(document, separation) else { return nil }
      divide(arrayFilters, by: document, separation)
    // A replacement removes what it does not name, in both halves.
    case .replacement, .pipeline: return nil
    }
  }

  private mutating func divide(_ assignments: [Assignment], _ separation: Separation) {
    let left = assignments.filter { separation.holds($0.field, in: .identity) }
    let right = assignments.filter { separation.holds($0.field, in: .clinical) }
    identity = left.isEmpty ? nil : .assign(left)
    clinical = right.isEmpty ? nil : .assign(right)
  }

  private mutating func divide(_ operators: Document, _ separation: Separation) -> Bool {
    var left = Document()
    var right = Document()
    for element in operators.elements {
      guard case .document(let changes) = element.value, element.key != "$rename" else {
        return false
      }
      let identity = changes.elements.filter {
        separation.holds(Separation.root(of: $0.key), in: .identity)
      }
      let clinical = changes.elements.filter {
        separation.holds(Separation.root(of: $0.key), in: .clinical)
      }
      if !identity.isEmpty { left.append(element.key, .document(Document(identity))) }
      if !clinical.isEmpty { right.append(element.key, .document(Document(clinical))) }
    }
    identity = left.isEmpty ? nil : .operators(left)
    clinical = right.isEmpty ? nil : .operators(right)
    return true
  }

  /// A store refuses a filter for array elements that no path uses, so each half gets its own.
  private mutating func divide(
    _ filters: [Document], by operators: Document, _ separation: Separation
  ) {
    let paths = operators.elements.flatMap { $0.value.asDocument?.keys ?? [] }
    for filter in filters {
      guard let name = filter.keys.first.map({ Separation.root(of: $0) }) else { continue }
      for path in paths where path.contains("$[\(name)]") {
        let root = Separation.root(of: path)
        if separation.holds(root, in: .identity), !identityFilters.contains(filter) {
          identityFilters.append(filter)
        }
        if separation.holds(root, in: .clinical), !clinicalFilters.contains(filter) {
          clinicalFilters.append(filter)
        }
      }
    }
  }
}

internal import PrivataCore

extension Separation {
  /// True where a filter of the identity half can match one record at most: it fixes the key or a
  /// unique field.
  func namesOneRecord(_ filter: Filter) -> Bool {
    filter.conjuncts.contains { conjunct in
      switch conjunct {
      case .compare(let path, .equal, _): isUnique(path)
      case .document(let document):
        document.elements.contains { element in
          guard isUnique(element.key) else { return false }
          return switch element.value {
          case .document(let operators): !operators.isCondition || operators["$eq"] != nil
          case .regex, .array: false
          default: true
          }
        }
      default: false
      }
    }
  }

  /// True where no two records share a value of the field.
  func isUnique(_ path: String) -> Bool {
    guard let field = model.field(path) else { return false }
    return field.isUnique || (model.primaryKey.count == 1 && model.key.name == path)
  }
}

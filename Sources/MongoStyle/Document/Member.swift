public import PrivataCore

extension MongoDocument {
  /// What a path holds.
  public enum Member: Sendable {
    /// A subdocument, or a loaded document in place of its id.
    case document(MongoDocument)
    case array(TrackedArray)
    case map(TrackedMap)
    /// Anything else; `.undefined` where there is nothing.
    case value(Value)
  }

  /// What a path holds, for code that does not know its type.
  ///
  /// ```swift
  /// if case .array(let tags) = user.member("tags") { try tags.push("vip") }
  /// ```
  public func member(_ path: String) -> Member {
    locked {
      switch virtualSlot(path) ?? storedSlot(aliased(path)) {
      case .subdocument(let document)?, .populated(let document)?: .document(document)
      case .list?: .array(array(path))
      case .map?: .map(map(path))
      default: .value(value(path))
      }
    }
  }

  /// Changes a value in place without tracking it, as code that changes a path of anything does; say
  /// ``markModified(_:)`` for `save()` to see it.
  ///
  /// ```swift
  /// user.mutate("meta") { $0 = ["k": 2] }
  /// user.markModified("meta")
  /// ```
  public func mutate(_ path: String, _ change: (inout Value) -> Void) {
    locked {
      var value = storedSlot(path).plainOrUndefined
      change(&value)
      storeSlot(path, .value(value))
    }
  }
}

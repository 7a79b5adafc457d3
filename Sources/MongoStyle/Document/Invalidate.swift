public import PrivataCore

extension MongoDocument {
  /// Adds an error of a path by hand; the first one of a path stays.
  ///
  /// ```swift
  /// user.invalidate("size", "too big", value: 14)
  /// ```
  public func invalidate(
    _ path: String, _ message: String, value: Value = .undefined, kind: String = "user defined"
  ) {
    let error = ValidatorError(kind: kind, path: path, value: value, message: message)
    // Only a cast error of a subdocument without a parent is thrown.
    try? locked { try invalidate(path, error) }
  }

  /// Keeps an error for `validate()`, here and in the documents above.
  ///
  /// - Throws: the error itself in a subdocument that has no parent to keep it.
  func invalidate(_ path: String, _ error: any MongoStyleError) throws {
    keep(error, at: path)
    guard isPart || core == nil else { return }
    if let parent = state.parent, let name = pathInParent(path) {
      try parent.invalidate(name, error)
    } else if error is CastError || (error as? ValidatorError)?.kind == "cast" {
      throw error
    }
  }

  private func keep(_ error: any MongoStyleError, at path: String) {
    if state.invalid == nil { state.invalid = ValidationError(model: core?.name) }
    state.invalid?.add(error, at: path)
  }

  /// Takes back the error of a path.
  public func markValid(_ path: String) {
    locked {
      state.invalid?.remove { $0 == path }
      if state.invalid?.errors.isEmpty ?? false { state.invalid = nil }
      guard isPart, let parent = state.parent, let name = pathInParent(path) else { return }
      parent.markValid(name)
    }
  }

  func markValid(below path: String) {
    state.invalid?.remove { $0.hasPrefix(path + ".") }
    if state.invalid?.errors.isEmpty ?? false { state.invalid = nil }
  }

  /// True where no error of the path is kept; without a path, where none is.
  public func isValid(_ path: String? = nil) -> Bool {
    locked {
      if isPart, let parent = state.parent, let name = pathInParent(path) {
        return parent.isValid(name)
      }
      guard let invalid = state.invalid else { return true }
      guard let path else { return invalid.errors.isEmpty }
      return path.split(separator: " ").contains { invalid[String($0)] == nil }
    }
  }

  /// What the last validation, or an assignment since, found wrong.
  public var errors: ValidationError? { locked { state.invalid } }
}

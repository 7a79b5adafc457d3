internal import PrivataCore

extension MongoDocument {
  /// Fills in the defaults of paths without a value: literal ones early, computed ones after the
  /// values are set.
  func applyDefaults(early: Bool, skipsParent: Bool = false) throws {
    for path in schema.all where path.defaultRule != nil && path.hasEarlyDefault == early {
      if path.path == "_id", state.skipsID { continue }
      guard wantsDefault(path), canHoldDefault(path) else { continue }
      do {
        guard let slot = try path.defaultSlot(in: self) else { continue }
        storeSlot(path.path, slot)
        state.paths.change(path.path, to: .fallback)
        if !skipsParent { markParentDefault(path.path) }
      } catch {
        try invalidate(path.path, ValidatorError.from(error, path: path.path))
      }
    }
  }

  private func markParentDefault(_ path: String) {
    guard case .single = state.place, let parent = state.parent,
      let name = pathInParent(path)
    else { return }
    parent.state.paths.change(name, to: .fallback)
  }

  /// True where the path has no value and the objects above it exist.
  private func canHoldDefault(_ path: CompiledPath) -> Bool {
    if let slot = storedSlot(path.path), !slot.isUndefined { return false }
    guard path.steps.count > 1 else { return true }
    let parent = path.steps.dropLast().joined(separator: ".")
    if case .nested? = storedSlot(parent) { return true }
    return false
  }

  /// Paths that a projection leaves out get no default.
  private func wantsDefault(_ path: CompiledPath) -> Bool {
    guard let selection = state.selection, let isExclusive = selection.isExclusive else {
      return true
    }
    let parents = path.path.parentPaths
    if isExclusive { return !parents.contains { selection.fields.contains($0) } }
    let included = Projections.includedParents(selection.fields)
    let holdsSubdocuments = path.isSubdocument || path.isDocumentArray
    for parent in parents {
      if let value = selection.fields[parent], value.asDocument?.hasOperators ?? true {
        return true
      }
      guard included.contains(parent) else { return false }
      if parent == path.path, holdsSubdocuments { return true }
    }
    return false
  }
}

extension CompiledPath {
  /// The default of a document, cast; `nil` where there is none.
  func defaultSlot(in document: MongoDocument) throws -> Slot? {
    let value: Value
    switch defaultRule {
    case nil, DefaultRule.none?: return nil
    case .value(let literal)?: value = literal
    case .function(let make)?: value = try make(document)
    }
    if value.isUndefined { return nil }
    if value.isNull { return .value(.null) }
    if !document.state.isNew, try isImmutable(in: document) { return nil }
    return try castSlot(.value(value), in: document, prior: nil, fullPath: path)
  }

  /// A stored document keeps an immutable path as it is, also without a value.
  private func isImmutable(in document: MongoDocument) throws -> Bool {
    switch options.immutable {
    case nil: false
    case .always?: true
    case .when(let condition)?:
      try condition(RuleContext(document: document, query: nil, path: path))
    }
  }

  /// The default for an upsert, as a plain value.
  func defaultValue() throws -> Value {
    switch defaultRule {
    case nil, DefaultRule.none?: return .undefined
    case .value(let literal)?: return try literal.isNull ? .null : castUpdateValue(literal)
    case .function(let make)?:
      let value = try make(nil)
      return value.isNullish ? value : try castUpdateValue(value)
    }
  }
}

extension ValidatorError {
  /// An error of the program as one of a path.
  static func from(_ error: any Error, path: String) -> any MongoStyleError {
    if let own = error as? any MongoStyleError { return own }
    return ValidatorError(
      kind: "user defined", path: path, value: .undefined, message: "\(error)", reason: error)
  }
}

internal import PrivataCore

extension MongoDocument {
  /// Marks a path as changed, for values that were changed in place.
  ///
  /// ```swift
  /// user.markModified("meta")
  /// ```
  public func markModified(_ path: String) {
    lock.withLock {
      if raw != nil { materialize() }
      saveInitialState(path)
      state.paths.change(path, to: .modify)
      guard let parent = state.parent, let own = ownPath, let name = pathInParent(path) else {
        return
      }
      if parent.isDirectModified(own) || state.isNew { return }
      parent.markModified(name)
    }
  }

  /// Forgets that a path was changed.
  public func unmarkModified(_ path: String) {
    locked { state.paths.change(path, to: .initial) }
  }

  /// Leaves a path out of saving and validating.
  public func ignore(_ path: String) {
    locked { state.paths.change(path, to: .ignore) }
  }

  func saveInitialState(_ path: String) {
    guard state.savedState != nil else { return }
    let top = path.firstStep
    guard state.savedState?[top] == nil else { return }
    let value = storedSlot(top).plainOrUndefined
    state.savedState?[top] = value
  }

  // MARK: - Where a subdocument stands

  /// The path of this subdocument within its parent.
  var ownPath: String? {
    switch state.place {
    case .root: nil
    case .single(let path): path
    case .element(let path, let index): index.map { "\(path).\($0)" }
    }
  }

  /// A path of this subdocument as its parent sees it.
  func pathInParent(_ path: String?) -> String? {
    guard let own = ownPath else { return nil }
    guard let path else { return own }
    return "\(own).\(path)"
  }

  /// True for a subdocument.
  public var isSubdocument: Bool { locked { if case .root = state.place { false } else { true } } }

  /// The document that holds this subdocument; `nil` for a document of its own.
  public var parent: MongoDocument? { locked { state.parent } }

  /// The outermost document that holds this subdocument; the document itself where it is its own.
  public var ownerDocument: MongoDocument {
    locked {
      guard isPart, let parent = state.parent else { return self }
      return parent.ownerDocument
    }
  }

  var isPart: Bool { if case .root = state.place { false } else { true } }

  /// The full path of a path of this subdocument, positions included.
  func fullPath(_ path: String) -> String {
    guard isPart, let parent = state.parent, let name = pathInParent(path) else { return path }
    return parent.fullPath(name)
  }

  // MARK: - What changed

  /// True where anything changed.
  public var isModified: Bool {
    locked {
      guard let parent = state.parent, isPart else { return state.paths.has(.modify) }
      guard let own = ownPath else { return state.paths.has(.modify) }
      return parent.isModified(own)
    }
  }

  /// True where the path, one below or one above it changed; several paths are separated by spaces.
  public func isModified(_ path: String) -> Bool {
    isModified(path.split(separator: " ").map(String.init))
  }

  /// True where one of the paths, one below or one above it changed.
  public func isModified(_ paths: [String]) -> Bool {
    locked {
      if isPart, let parent = state.parent {
        let names = paths.compactMap { pathInParent($0) }
        return parent.isModified(names)
      }
      let changed = state.paths.paths(.modify)
      if changed.isEmpty { return false }
      return paths.contains { path in
        changed.contains { other in
          other == path || other.hasPrefix(path + ".") || path.hasPrefix(other + ".")
        }
      }
    }
  }

  /// True where one of the paths itself was assigned, not one above or below it.
  public func isDirectModified(_ path: String) -> Bool {
    locked {
      path.split(separator: " ").contains { isDirectlyModified(String($0)) }
    }
  }

  private func isDirectlyModified(_ path: String) -> Bool {
    if state.paths[path] == .modify { return true }
    guard path.utf8.contains(0x2E) else { return false }
    let steps = path.steps
    for count in 1..<steps.count {
      let inner = storedSlot(steps[..<count].joined(separator: "."))
      guard let document = inner?.document else { continue }
      if document.isDirectModified(steps[count...].joined(separator: ".")) { return true }
    }
    return false
  }

  /// The paths that were assigned.
  public var directModifiedPaths: [String] { locked { state.paths.paths(.modify) } }

  /// The changed paths with all paths above them; with `includeChildren` also those below.
  public func modifiedPaths(includeChildren: Bool = false) -> [String] {
    locked {
      var found: [String] = []
      var seen: Set<String> = []
      func add(_ path: String) { if seen.insert(path).inserted { found.append(path) } }
      for path in state.paths.paths(.modify) {
        path.parentPaths.forEach(add)
        if includeChildren { children(of: path).forEach(add) }
      }
      return found
    }
  }

  private func children(of path: String) -> [String] {
    switch storedSlot(path) {
    case .list(let list)?:
      var found: [String] = []
      for (index, element) in list.elements.enumerated() {
        found.append("\(path).\(index)")
        for inner in element.document?.modifiedPaths() ?? [] {
          found.append("\(path).\(index).\(inner)")
        }
      }
      return found
    case .nested(let fields)?, .map(let fields)?: return fields.keys.map { "\(path).\($0)" }
    case .subdocument(let document)?, .populated(let document)?:
      return document.locked { document.state.fields.keys.map { "\(path).\($0)" } }
    case .value(.document(let document))?: return document.keys.map { "\(path).\($0)" }
    default: return []
    }
  }

  /// True where a path was filled in by its default; without a path, where any was.
  public func isDefault(_ path: String? = nil) -> Bool {
    locked { inState(.fallback, path) }
  }

  /// True where a path came from the store; without a path, where any did.
  public func isInit(_ path: String? = nil) -> Bool {
    locked { inState(.initial, path) }
  }

  private func inState(_ wanted: PathStates.State, _ path: String?) -> Bool {
    guard let path else { return state.paths.has(wanted) }
    return path.split(separator: " ").contains { state.paths[String($0)] == wanted }
  }

  /// Forgets the changes below a path; answers how many there were.
  @discardableResult
  func cleanModified(below path: String) -> Int {
    let below = state.paths.paths(.modify).filter { $0.hasPrefix(path + ".") }
    for name in below {
      state.paths.clear(name)
      cleanParents(name)
    }
    return below.count
  }

  private func cleanParents(_ path: String) {
    guard isPart, let parent = state.parent, let name = pathInParent(path) else { return }
    parent.state.paths.clear(name)
    parent.cleanParents(name)
  }

  // MARK: - What was loaded

  /// True where the path was loaded, or assigned since a projection left it out.
  public func isSelected(_ path: String) -> Bool {
    locked { path.split(separator: " ").contains { isSelectedPath(String($0)) } }
  }

  private func isSelectedPath(_ path: String) -> Bool {
    guard let selection = state.selection else { return true }
    let fields = selection.fields
    if path == "_id" { return fields["_id"].map { $0.asInt != 0 && $0 != false } ?? true }
    let keys = fields.keys
    if keys == ["_id"] { return !(fields["_id"]?.isTruthy ?? false) }
    guard let inclusive = MongoDocument.inclusive(fields) else { return true }
    if fields.contains(path) { return inclusive }
    for key in keys where key != "_id" {
      if key.hasPrefix(path + ".") { return true }
      if path.hasPrefix(key + ".") { return inclusive }
    }
    return !inclusive
  }

  /// True where the projection names the path itself.
  public func isDirectSelected(_ path: String) -> Bool {
    locked {
      path.split(separator: " ").contains { name in
        guard let fields = state.selection?.fields else { return true }
        if name == "_id" { return isSelectedPath("_id") }
        if fields.keys == ["_id"] { return !(fields["_id"]?.isTruthy ?? false) }
        guard let inclusive = MongoDocument.inclusive(fields) else { return true }
        return fields.contains(String(name)) ? inclusive : !inclusive
      }
    }
  }

  private static func inclusive(_ fields: Document) -> Bool? {
    for element in fields.elements where element.key != "_id" {
      if Projections.isDefining(element.value) { return element.value.isTruthy }
    }
    return nil
  }
}

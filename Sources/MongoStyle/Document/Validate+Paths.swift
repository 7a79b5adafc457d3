internal import PrivataCore

extension MongoDocument {
  /// The paths that a validation checks: required ones, and those with rules that changed, were
  /// filled in or loaded; below arrays and maps each element.
  func validationItems(_ options: ValidateOptions) throws -> [ValidationItem] {
    var paths = OrderedPaths()
    if options.allPaths {
      for path in schema.all { paths.add(path.path) }
      addElements(&paths)
      return items(paths, [:])
    }
    try addRequired(&paths)
    addActive(&paths)
    var onlySubdocument: [String: Bool] = [:]
    if !options.isNested { narrowSubdocuments(&paths, &onlySubdocument) }
    dropBelowDocumentArrays(&paths)
    if let wanted = options.paths { paths.keep(Self.matching(wanted)) }
    paths.remove { options.pathsToSkip.contains($0) }
    addElements(&paths)
    addBelowNested(&paths)
    addMapKeys(&paths)
    if options.modifiedOnly ?? schema.options.validateModifiedOnly {
      paths.keep { isModified($0) }
    }
    return items(paths, onlySubdocument)
  }

  private func items(_ paths: OrderedPaths, _ only: [String: Bool]) -> [ValidationItem] {
    paths.all.compactMap { path in
      guard let type = schema.path(path) else { return nil }
      return ValidationItem(path: path, type: type, onlySubdocument: only[path] ?? false)
    }
  }

  private static func matching(_ wanted: [String]) -> (String) -> Bool {
    { path in wanted.contains { $0 == path || $0.hasPrefix(path + ".") } }
  }

  private func addRequired(_ paths: inout OrderedPaths) throws {
    for path in state.paths.paths(.require) {
      guard let rule = schema.path(path)?.options.required else { continue }
      if let condition = rule.condition {
        do {
          let isRequired = try condition(RuleContext(document: self, query: nil, path: path))
          state.requiredByCondition[path] = isRequired
          if !isRequired { continue }
        } catch { try invalidate(path, ValidatorError.from(error, path: path)) }
      }
      if !isSelected(path), !isModified(path) { continue }
      paths.add(path)
    }
  }

  private func addActive(_ paths: inout OrderedPaths) {
    for wanted in [PathStates.State.initial, .fallback, .modify] {
      for path in state.paths.paths(wanted) {
        if let type = schema.path(path), !type.hasRules, !path.hasIndexStep { continue }
        paths.add(path)
      }
    }
  }

  /// Changes below a subdocument are checked by the subdocument.
  private func narrowSubdocuments(_ paths: inout OrderedPaths, _ only: inout [String: Bool]) {
    for path in modifiedPaths() {
      if let type = schema.path(path), type.isDocumentArray, !type.rules.isEmpty { paths.add(path) }
    }
    for document in directSubdocuments() {
      guard let own = document.ownPath else { continue }
      for changed in document.modifiedPaths() { paths.remove { $0 == "\(own).\(changed)" } }
      guard isModified(own), state.paths[own] != .modify, !isDefault(own) else { continue }
      paths.add(own)
      only[own] = true
    }
  }

  private func directSubdocuments() -> [MongoDocument] {
    schema.all.flatMap { path -> [MongoDocument] in
      switch storedSlot(path.path) {
      case .subdocument(let document)? where path.isSubdocument: [document]
      case .list(let list)? where path.isDocumentArray: list.elements.compactMap(\.document)
      default: []
      }
    }
  }

  private func dropBelowDocumentArrays(_ paths: inout OrderedPaths) {
    for path in paths.all where schema.path(path)?.isDocumentArray ?? false {
      paths.remove { $0.hasPrefix(path + ".") }
    }
  }

  /// The elements of arrays whose elements have rules.
  private func addElements(_ paths: inout OrderedPaths) {
    for path in paths.all {
      guard let type = schema.path(path), type.isArray else { continue }
      if type.isDocumentArray { continue }
      guard type.element?.hasRules ?? false else { continue }
      addElements(of: storedSlot(path), path, &paths)
    }
  }

  private func addElements(of slot: Slot?, _ path: String, _ paths: inout OrderedPaths) {
    guard case .list(let list)? = slot else { return }
    for (index, element) in list.elements.enumerated() {
      if case .list = element {
        addElements(of: element, "\(path).\(index)", &paths)
      } else {
        paths.add("\(path).\(index)")
      }
    }
  }

  private func addBelowNested(_ paths: inout OrderedPaths) {
    for path in paths.all where schema.nested.contains(path) {
      for type in schema.all where type.path.hasPrefix(path + ".") && type.hasRules {
        if let slot = storedSlot(type.path), !slot.isUndefined { paths.add(type.path) }
      }
    }
  }

  private func addMapKeys(_ paths: inout OrderedPaths) {
    for path in paths.all {
      guard let type = schema.path(path), type.isMap else {
        addDocumentArray(above: path, &paths)
        continue
      }
      guard case .map(let fields)? = storedSlot(path) else { continue }
      for key in fields.keys { paths.add("\(path).\(key)") }
    }
  }

  /// A changed member of an array's subdocument has its array checked.
  private func addDocumentArray(above path: String, _ paths: inout OrderedPaths) {
    guard path.hasIndexStep else { return }
    for parent in path.parentPaths.dropLast() {
      guard let type = schema.paths[parent], type.isDocumentArray else { continue }
      if !path.dropFirst(parent.count + 1).contains(".") { return }
      paths.add(parent)
      return
    }
  }
}

/// Paths without repetition, in the order in which they came.
struct OrderedPaths {
  private(set) var all: [String] = []
  private var known: Set<String> = []

  mutating func add(_ path: String) {
    if known.insert(path).inserted { all.append(path) }
  }

  mutating func remove(where matches: (String) -> Bool) {
    all.removeAll(where: matches)
    known = Set(all)
  }

  mutating func keep(_ matches: (String) -> Bool) { remove { !matches($0) } }
}

extension CompiledPath {
  /// True where there is anything to check at the path or below it.
  var hasRules: Bool {
    if !rules.isEmpty || schema != nil { return true }
    return element?.hasRules ?? mapValue.map { _ in true } ?? false
  }
}

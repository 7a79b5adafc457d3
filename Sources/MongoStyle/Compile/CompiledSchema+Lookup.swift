internal import PrivataCore

extension CompiledSchema {
  /// The path of that name, through nested paths, subdocuments, arrays (with or without positions)
  /// and maps; below a path of anything, that path.
  func path(_ name: String) -> CompiledPath? {
    if let path = paths[name] { return path }
    guard name.utf8.contains(0x2E) else { return nil }
    let clean = CompiledSchema.positional(name)
    if case .path(let path)? = subpaths[clean] ?? singleNested[clean] { return path }
    if let path = mapPath(name) { return path }
    if let path = mixedParent(clean) { return path }
    guard name.hasIndexStep else { return nil }
    if case .path(let path)? = positionalTarget(name) { return path }
    return nil
  }

  /// What kind of path a name is.
  func pathType(_ name: String) -> PathType {
    if paths[name] != nil { return .real }
    if virtualIndex[name] != nil { return .virtual }
    if nested.contains(name) { return .nested }
    guard name.utf8.contains(0x2E) else { return .unknown }
    let clean = CompiledSchema.positional(name)
    if subpaths[clean] != nil || subpaths[name] != nil { return .real }
    if singleNested[clean] != nil || singleNested[name] != nil { return .real }
    if mapPath(name) != nil { return .real }
    guard name.hasIndexStep else { return .unknown }
    switch positionalTarget(name) {
    case .path?: return .real
    case .nested?: return .nested
    case nil: return .unknown
    }
  }

  /// `a.0.b` as `a.$.b`.
  static func positional(_ name: String) -> String {
    guard name.hasIndexStep else { return name }
    var steps = name.steps
    for index in steps.indices.dropFirst() where steps[index].isIndex { steps[index] = "$" }
    return steps.joined(separator: ".")
  }

  /// The path with positions and positional operators taken out.
  static func withoutPositions(_ name: String) -> String {
    guard name.utf8.contains(0x2E) else { return name }
    let steps = name.steps
    let kept = steps.enumerated().filter { index, step in
      index == 0 || !(step == "$" || step.hasPrefix("$["))
    }
    return kept.map(\.element).joined(separator: ".")
  }

  private func mapPath(_ name: String) -> CompiledPath? {
    for map in mapPaths {
      guard let value = map.mapValue, name.hasPrefix(map.path + ".") else { continue }
      let rest = String(name.dropFirst(map.path.count + 1))
      guard let dot = rest.firstIndex(of: ".") else { return value }
      let below = String(rest[rest.index(after: dot)...])
      if let schema = value.schema { return schema.path(below) }
      if let inner = value.mapValue {
        guard let next = below.firstIndex(of: ".") else { return inner }
        return inner.schema?.path(String(below[below.index(after: next)...]))
      }
      if value.isMixed { return value }
    }
    return nil
  }

  private func mixedParent(_ name: String) -> CompiledPath? {
    for parent in name.parentPaths {
      if let path = paths[parent], path.isMixed { return path }
    }
    return nil
  }

  private func positionalTarget(_ name: String) -> Target? {
    let pieces = CompiledSchema.splitAtPositions(name)
    guard pieces.count > 1 else { return nil }
    var current = path(pieces[0])
    var isNested = false
    for (index, piece) in pieces.enumerated().dropFirst() {
      isNested = false
      let isLast = index == pieces.count - 1
      if piece.isIndex {
        if isLast { return current?.elementPath.map { .path($0) } }
        if case .array(let element)? = current?.kind { current = element }
        continue
      }
      guard let schema = current?.schema else { return nil }
      isNested = schema.pathType(piece) == .nested
      current = schema.path(piece)
    }
    return current.map { .path($0) } ?? (isNested ? .nested : nil)
  }

  private static func splitAtPositions(_ name: String) -> [String] {
    var pieces: [String] = []
    for (index, step) in name.steps.enumerated() {
      if index == 0 || step.isIndex || pieces.last?.isIndex ?? true {
        pieces.append(step)
      } else {
        pieces[pieces.count - 1] += "." + step
      }
    }
    return pieces
  }
}

extension CompiledPath {
  /// The path of one element, for arrays of any kind.
  var elementPath: CompiledPath? {
    switch kind {
    case .array(let element): element
    case .documentArray: documentElement
    default: nil
    }
  }
}

// MARK: - Lookup for updates

extension CompiledSchema {
  /// The path that an update's key means: `a.$.b`, `a.$[x].b` and `a.0.b` lead into arrays.
  func updatePath(_ name: String) -> CompiledPath? {
    if let path = path(name) { return path }
    let steps = name.steps.map { $0.isIndex || $0 == "$" || $0.hasPrefix("$[") ? "$" : $0 }
    return updatePath(steps[...])
  }

  private func updatePath(_ steps: ArraySlice<String>) -> CompiledPath? {
    for end in stride(from: steps.endIndex, to: steps.startIndex, by: -1) {
      guard let found = path(steps[..<end].joined(separator: ".")) else { continue }
      let rest = steps[end...]
      return descend(found, rest)
    }
    return nil
  }

  private func descend(_ found: CompiledPath, _ rest: ArraySlice<String>) -> CompiledPath? {
    if let element = found.element, element.isMixed { return element }
    guard let next = rest.first else { return found }
    if let value = found.mapValue {
      guard rest.count > 1 else { return value }
      if value.isMixed { return value }
      return value.schema?.updatePath(rest.dropFirst())
    }
    if next == "$", rest.count == 1, let element = found.elementPath { return element }
    if let element = found.element, next == "$" { return descend(element, rest.dropFirst()) }
    guard let schema = found.schema else { return found }
    return schema.updatePath(next == "$" ? rest.dropFirst() : rest)
  }

  /// Whether an update's key is a path of the schema, and whose strict mode counts below it.
  func updatePathType(_ name: String) -> (isKnown: Bool, schema: CompiledSchema?) {
    if path(name) != nil { return (true, nil) }
    return updatePathType(name.steps[...])
  }

  private func updatePathType(
    _ steps: ArraySlice<String>
  ) -> (isKnown: Bool, schema: CompiledSchema?) {
    for end in stride(from: steps.endIndex, to: steps.startIndex, by: -1) {
      let name = steps[..<end].joined(separator: ".")
      if let found = path(name) {
        guard found.isArray || found.isSubdocument else { return (true, found.schema) }
        if found.element?.isMixed ?? false { return (true, nil) }
        guard end < steps.endIndex, let schema = found.schema else { return (true, found.schema) }
        let isPosition = steps[end] == "$" || steps[end].hasPrefix("$[")
        if isPosition, end == steps.endIndex - 1 { return (true, schema) }
        return schema.updatePathType(isPosition ? steps[(end + 1)...] : steps[end...])
      }
      if end == steps.endIndex, nested.contains(name) { return (true, self) }
    }
    return (false, self)
  }
}

internal import PrivataCore

extension MongoDocument {
  /// Assigns one path.
  func setPath(_ given: String, _ slot: Slot, _ options: SetOptions) throws {
    let type = schema.pathType(given)
    if type == .virtual { return try setVirtual(given, slot) }
    let path = aliased(given)
    if type == .nested {
      if MongoDocument.isObject(slot) { return try setNested(path, slot, options) }
      if !slot.isNullish {
        return try invalidate(path, CastError(kind: "Object", path: path, value: slot.plain))
      }
    }
    let found = schema.path(path) ?? (type == .unknown ? discriminatorPath(path) : nil)
    if found == nil, type == .unknown {
      guard try allowsUnknown(path, options) else { return }
    }
    try makeParents(of: path, options)
    guard let found else { return try setUncast(path, slot, options, isNested: type == .nested) }
    try setCast(path, slot, found, options)
  }

  private func setVirtual(_ path: String, _ slot: Slot) throws {
    guard let virtual = schema.virtual(path) else { return }
    if virtual.population != nil {
      state.populatedVirtuals[path] = slot
      return
    }
    try virtual.setter?(slot.plain, self)
  }

  private func allowsUnknown(_ path: String, _ options: SetOptions) throws -> Bool {
    let steps = path.steps
    var strict = options.strict ?? state.strict
    if options.strict == nil {
      for parent in path.parentPaths.dropLast() {
        if let inner = schema.path(parent)?.schema { strict = inner.options.strict }
      }
    }
    guard strict != .keep else { return true }
    for count in 1...steps.count {
      let parent = steps[..<count].joined(separator: ".")
      guard let found = schema.path(parent) else { continue }
      if found.isMixed { return true }
      if found.mapValue?.isMixed ?? false, count < steps.count { return true }
    }
    if strict == .throw { throw StrictModeError(path) }
    return false
  }

  /// The objects above a path that do not exist yet.
  private func makeParents(of path: String, _ options: SetOptions) throws {
    for parent in path.parentPaths.dropLast() {
      let slot = storedSlot(parent)
      guard slot == nil || slot?.isNullish ?? false else { continue }
      try setPath(parent, .value(.document(Document())), SetOptions())
      if !isSelected(parent) { unmarkModified(parent) }
    }
  }

  private func prior(_ path: String, _ options: SetOptions) -> Slot? {
    if let prior = state.prior { return prior.locked { prior.storedSlot(path) } }
    return options.isConstructing ? nil : storedSlot(path)
  }

  // MARK: - Nested paths

  private func setNested(_ path: String, _ slot: Slot, _ options: SetOptions) throws {
    let before = prior(path, options)
    let wasModified = isModified(path)
    let initial = state.savedState?[path]
    if state.savedState != nil, !state.isNew, initial == nil {
      let value = rawValue(path)
      state.savedState?[path] = value
      for element in value.asDocument?.elements ?? [] {
        state.savedState?["\(path).\(element.key)"] = element.value
      }
    }
    if options.merges { return try setAll(slot, under: path, options) }
    storeSlot(path, .nested(Slots()))
    cleanModified(below: path)
    var inner = options
    inner.skipsMarking = true
    for member in MongoDocument.members(slot) {
      try setPath("\(path).\(member.key)", member.slot, inner)
    }
    if let before, !before.isNullish, !wasModified || initial != nil,
      (initial ?? before.plain).isDeepEqual(to: slot.plain)
    {
      unmarkModified(path)
    } else {
      markModified(path)
    }
  }

  // MARK: - Paths outside the schema

  private func setUncast(
    _ path: String, _ slot: Slot, _ options: SetOptions, isNested: Bool
  ) throws {
    let before = prior(path, options)
    if shouldMark(path, slot, before, options) { markModified(markPath(path)) }
    storeSlot(path, slot)
    if isNested { cleanModified(below: path) }
  }

  /// The highest path above this one that is null, which then is what changes.
  private func markPath(_ path: String) -> String {
    guard path.utf8.contains(0x2E) else { return path }
    return path.parentPaths.first { storedSlot($0)?.isNull ?? false } ?? path
  }

  // MARK: - Paths of the schema

  private func setCast(
    _ path: String, _ slot: Slot, _ found: CompiledPath, _ options: SetOptions
  ) throws {
    if found.isSubdocument || found.isArray { markValid(below: path) }
    if options.merges, found.isSubdocument, MongoDocument.isObject(slot) {
      for member in MongoDocument.members(slot) {
        try setPath("\(path).\(member.key)", member.slot, options)
      }
      return
    }
    let before = prior(path, options)
    let cast: Slot
    do {
      cast = try castAssigned(path, slot, found, before, options)
      markValid(path)
    } catch {
      return try keepFailure(error, path, slot, found)
    }
    try assign(path, cast, found, before, options)
    if found.isSubdocument && (isDirectModified(path) || cast.isNullish)
      || found.isMap && cast.isNullish
    {
      cleanModified(below: path)
    }
  }

  private func keepFailure(
    _ error: any Error, _ path: String, _ slot: Slot, _ found: CompiledPath
  ) throws {
    switch error {
    case let strict as StrictModeError where strict.isImmutableError:
      try invalidate(path, strict)
    case let cast as CastError:
      try invalidate(relativePath(of: cast, path, found), cast)
    default:
      try invalidate(
        path, CastError(kind: found.instance, path: path, value: slot.plain, reason: error))
    }
  }

  /// Cast errors name the path of the schema type; below subdocuments that is the inner one.
  private func relativePath(of error: CastError, _ path: String, _ found: CompiledPath) -> String {
    if error.path == found.path { return path }
    if error.path.hasPrefix(found.path + "."), !found.path.isEmpty {
      return path + error.path.dropFirst(found.path.count)
    }
    return error.path
  }

  private func castAssigned(
    _ path: String, _ slot: Slot, _ found: CompiledPath, _ before: Slot?, _ options: SetOptions
  ) throws -> Slot {
    if let populated = try populate(path, slot, found) { return populated }
    let context = deepestSubdocument(path)
    var cast = try found.castSlot(
      slot, in: context.document, prior: before, fullPath: context.path)
    if !options.overwritesImmutable, let rule = found.options.immutable, !state.isNew {
      cast = try keepImmutable(cast, rule, path)
    }
    if slot.document == nil { state.populated[path] = nil }
    if !options.isConstructing, case .subdocument(let made) = cast {
      try checkImmutable(made, before)
    }
    return cast
  }

  /// A subdocument on the way to a path gets the new value as its own.
  private func deepestSubdocument(_ path: String) -> (document: MongoDocument, path: String) {
    let steps = path.steps
    guard steps.count > 1 else { return (self, path) }
    for count in (1..<steps.count).reversed() {
      let parent = steps[..<count].joined(separator: ".")
      if case .subdocument(let document)? = storedSlot(parent) {
        return (document, steps[count...].joined(separator: "."))
      }
    }
    return (self, path)
  }

  private func keepImmutable(
    _ cast: Slot, _ rule: ImmutableRule, _ path: String
  ) throws -> Slot {
    if case .when(let condition) = rule {
      guard try condition(RuleContext(document: self, query: nil, path: path)) else { return cast }
    }
    let kept: Slot
    if let prior = state.prior {
      kept = prior.locked { prior.storedSlot(path) } ?? .undefined
    } else {
      kept = storedSlot(path) ?? .undefined
    }
    if state.strict == .throw, !kept.plain.isDeepEqual(to: cast.plain) {
      throw StrictModeError(path, isImmutable: true)
    }
    return kept
  }

  /// Immutable members of a subdocument that is replaced keep their values.
  private func checkImmutable(_ made: MongoDocument, _ before: Slot?) throws {
    guard let prior = before?.document else { return }
    for path in made.schema.all {
      guard let rule = path.options.immutable, !made.state.isNew else { continue }
      let slot = made.storedSlot(path.path) ?? .undefined
      made.state.prior = prior
      let kept = try made.keepImmutable(slot, rule, path.path)
      made.state.prior = nil
      made.storeSlot(path.path, kept)
    }
  }

  private func assign(
    _ path: String, _ cast: Slot, _ found: CompiledPath, _ before: Slot?, _ options: SetOptions
  ) throws {
    var cast = cast
    let owner = ownerDocument
    let full = fullPath(path)
    if !options.isConstructing { owner.saveInitialState(full) }
    if shouldMark(path, cast, before, options, found) {
      state.increments[path] = nil
      markModified(markPath(path))
      if case .list(var list) = cast {
        list.change = .set
        cleanModified(below: path)
        cast = .list(list)
      }
    } else if case .list(var list) = cast, let old = before?.list {
      list.change = old.change
      for element in list.elements { element.document?.state.isNew = false }
      cast = .list(list)
    }
    storeSlot(path, cast)
    markSubdocument(path)
    if !options.isConstructing, let saved = owner.state.savedState?[full],
      owner.state.session?.isInTransaction != true, cast.plain.isDeepEqual(to: saved)
    {
      unmarkModified(path)
    }
  }

  /// A change below a subdocument is one of the subdocument's own paths too.
  private func markSubdocument(_ path: String) {
    guard state.paths[path] == .modify else { return }
    let context = deepestSubdocument(path)
    if context.document !== self { context.document.markModified(context.path) }
  }

  private func shouldMark(
    _ path: String, _ slot: Slot, _ before: Slot?, _ options: SetOptions,
    _ found: CompiledPath? = nil
  ) -> Bool {
    if options.skipsMarking { return false }
    if state.isNew { return true }
    if state.paths[path] == .modify { return true }
    if slot.isUndefined {
      if !isSelected(path) { return true }
      if state.paths[path] == .fallback { return false }
    }
    if let document = slot.document, case .populated = slot {
      let id = document.rawValue("_id")
      if (before?.stored ?? .undefined).isDeepEqual(to: id) { return false }
    }
    let old = before ?? storedSlot(path) ?? .undefined
    if !slot.plain.isDeepEqual(to: old.plain) { return true }
    if !options.isConstructing, !slot.isNullish, state.paths[path] == .fallback, let found,
      let fallback = try? found.defaultSlot(in: self)
    {
      return slot.plain.isDeepEqual(to: fallback.plain)
    }
    return false
  }
}

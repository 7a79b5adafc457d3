public import PrivataCore

extension MongoDocument {
  /// The value at a path through getters and virtuals; `.undefined` where there is none.
  ///
  /// ```swift
  /// user.value("profile.city")
  /// user.value("fullName")        // a virtual
  /// ```
  public func value(_ path: String) -> Value {
    if let value = direct(path) { return value }
    return locked { (try? read(path)) ?? .undefined }
  }

  /// The value at a path; `getters: false` reads what is stored.
  ///
  /// - Throws: what a getter of the program throws.
  public func get(_ path: String, getters: Bool = true) throws -> Value {
    try locked { getters ? try read(path) : rawValue(path) }
  }

  /// Reads or assigns a path; `nil` where there is no value. Assigning `nil` removes the path.
  ///
  /// What cannot be cast is kept as an error for `validate()`.
  public subscript(path: String) -> Value? {
    get {
      let value = value(path)
      return value.isUndefined ? Value?.none : value
    }
    set { try? set(path, newValue ?? .undefined) }
  }

  /// The text at a path, `""` where there is none.
  public func text(_ path: String) -> String { JavaScript.text(value(path)) ?? "" }

  /// The id as text, `nil` without one.
  public var id: String? { JavaScript.text(value("_id")) }

  /// The `_id`; `.undefined` without one.
  public var _id: Value {
    if let value = direct("_id") { return value }
    return locked { rawValue("_id") }
  }

  /// The subdocument or loaded document at a path.
  public func document(_ path: String) -> MongoDocument? {
    locked { virtualSlot(path)?.document ?? storedSlot(aliased(path))?.document }
  }

  /// The subdocuments or loaded documents of an array, without the places that hold none.
  public func documents(_ path: String) -> [MongoDocument] {
    locked {
      let slot = virtualSlot(path) ?? storedSlot(aliased(path))
      return slot?.list?.elements.compactMap(\.document) ?? []
    }
  }

  /// The names of the fields that the document holds.
  public var keys: [String] { locked { state.fields.keys } }

  func virtualSlot(_ path: String) -> Slot? { state.populatedVirtuals[path] }

  /// The path with an alias in its first step resolved.
  func aliased(_ path: String) -> String {
    if let whole = schema.aliases[path] { return whole }
    let first = path.firstStep
    guard let target = schema.aliases[first], first != path else { return path }
    return target + path.dropFirst(first.count)
  }

  func read(_ path: String) throws -> Value {
    if let slot = virtualSlot(path) { return slot.plain }
    let found = schema.path(path)
    if found == nil || found?.isMixed ?? false, let virtual = schema.virtual(path) {
      return try virtual.getter?(self) ?? .undefined
    }
    if found == nil, let below = try readVirtualBelow(path) { return below }
    let slot = storedSlot(aliased(path))
    guard let found, !found.getters.isEmpty else { return slot.plainOrUndefined }
    if found.isArray, state.populated[path] != nil { return slot.plainOrUndefined }
    return try found.applyGetters(slot.plainOrUndefined, document: self)
  }

  /// A virtual of a subdocument on the way.
  private func readVirtualBelow(_ path: String) throws -> Value? {
    for parent in path.parentPaths.dropLast() {
      guard let document = storedSlot(parent)?.document ?? virtualSlot(parent)?.document else {
        continue
      }
      let rest = String(path.dropFirst(parent.count + 1))
      return try document.locked { try document.read(rest) }
    }
    return nil
  }
}

extension CompiledPath {
  func applyGetters(_ value: Value, document: MongoDocument?) throws -> Value {
    var value = value
    for getter in getters { value = try getter.apply(value, document) }
    return value
  }
}

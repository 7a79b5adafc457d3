public import PrivataCore

/// A map of a document: changes are tracked key by key.
///
/// ```swift
/// try user.map("labels").set("lang", "en")     // $set labels.lang
/// try user.map("labels").delete("old")         // $unset labels.old
/// ```
public struct TrackedMap: Sendable {
  /// The document that holds the map.
  public let document: MongoDocument
  /// The path within that document.
  public let path: String

  init(_ document: MongoDocument, _ path: String) {
    self.document = document
    self.path = path
  }

  private var slots: Slots {
    if case .map(let slots)? = document.storedSlot(path) { slots } else { Slots() }
  }

  private var valuePath: CompiledPath? { document.schema.path(path)?.mapValue }

  /// The keys in order.
  public var keys: [String] { document.locked { slots.keys } }

  /// The number of keys.
  public var count: Int { document.locked { slots.entries.count } }

  /// The value of a key through getters; `.undefined` without one.
  public func get(_ key: String) throws -> Value {
    try document.outwardly {
      let value = slots[key].plainOrUndefined
      return try valuePath?.applyGetters(value, document: document) ?? value
    }
  }

  /// True where the map has the key.
  public func has(_ key: String) -> Bool { document.locked { slots[key] != nil } }

  /// The subdocument under a key.
  public func document(_ key: String) -> MongoDocument? {
    document.locked { slots[key]?.document }
  }

  /// The value of a key; assigning `nil` deletes it.
  public subscript(key: String) -> Value? {
    get {
      let value = (try? get(key)) ?? .undefined
      return value.isUndefined ? Value?.none : value
    }
    nonmutating set {
      if let newValue { try? set(key, newValue) } else { _ = try? delete(key) }
    }
  }

  /// Assigns a key, cast by the map's type.
  public func set(_ key: String, _ value: Value) throws {
    try document.outwardly {
      try CompiledPath.checkMapKey(key)
      try assign(key, .value(value))
    }
  }

  private func assign(_ key: String, _ slot: Slot) throws {
    let name = "\(path).\(key)"
    let before = slots[key]
    var cast = slot
    if !slot.isUndefined, let type = valuePath {
      do {
        cast =
          slot.isNullish
          ? slot : try type.castSlot(slot, in: document, prior: before, fullPath: name)
      } catch let error as any MongoStyleError { return try document.invalidate(name, error) }
    }
    var changed = slots
    changed[key] = cast
    document.storeSlot(path, .map(changed))
    guard !cast.plain.isDeepEqual(to: before.plainOrUndefined) else { return }
    document.markModified(name)
    if valuePath?.isDocumentArray ?? false || valuePath?.isSubdocument ?? false {
      document.cleanModified(below: name)
    }
  }

  /// Removes a key; answers whether the map had it.
  @discardableResult
  public func delete(_ key: String) throws -> Bool {
    try document.outwardly {
      guard slots[key] != nil else { return false }
      try assign(key, .undefined)
      var changed = slots
      changed[key] = nil
      document.storeSlot(path, .map(changed))
      return true
    }
  }

  /// Removes all keys.
  public func clear() {
    document.locked {
      document.storeSlot(path, .map(Slots()))
      document.markModified(path)
    }
  }
}

extension MongoDocument {
  /// The map at a path.
  public func map(_ path: String) -> TrackedMap {
    locked {
      let steps = path.steps
      for count in (1..<max(1, steps.count)).reversed() {
        let parent = steps[..<count].joined(separator: ".")
        if case .subdocument(let document)? = storedSlot(parent) {
          return TrackedMap(document, steps[count...].joined(separator: "."))
        }
      }
      return TrackedMap(self, aliased(path))
    }
  }
}

public import PrivataCore

extension MongoDocument {
  /// The document as a plain one: by the schema's `toObject` options, then the given ones. Without
  /// any, getters and virtuals are left out and empty objects too.
  ///
  /// ```swift
  /// user.toObject(ObjectForm(virtuals: .all))
  /// ```
  ///
  /// - Throws: what getters, virtuals and transforms of the program throw.
  public func toObject(_ form: ObjectForm = ObjectForm()) throws -> Document {
    try outwardly { try Renderer(call: form, isJSON: false).render(self) ?? Document() }
  }

  /// The document as a plain one for JSON: by the schema's `toJSON` options, then the given ones.
  public func toJSON(_ form: ObjectForm = ObjectForm()) throws -> Document {
    try outwardly { try Renderer(call: form, isJSON: true).render(self) ?? Document() }
  }

  /// The document as an insert sends it.
  func insertForm() -> Document {
    // Nothing of the program runs for the stored form.
    (try? Renderer(call: ObjectForm(), isJSON: false, isStored: true).render(self)) ?? Document()
  }

  /// True where the path, or the whole document, holds nothing but empty objects.
  public func isEmpty(_ path: String? = nil) -> Bool {
    locked {
      guard let path else { return insertForm().isEmpty }
      switch storedSlot(path) {
      case nil: return true
      case .subdocument(let document)?, .populated(let document)?:
        return document.locked { document.insertForm().isEmpty }
      case .nested(let fields)?, .map(let fields)?: return Self.isHollow(.document(fields.plain))
      case .value(let value)?: return value.isNullish || Self.isHollowObject(value)
      case .list?: return false
      }
    }
  }

  private static func isHollowObject(_ value: Value) -> Bool {
    if case .document = value { isHollow(value) } else { false }
  }

  private static func isHollow(_ value: Value) -> Bool {
    if value.isNullish { return true }
    guard case .document(let document) = value else { return false }
    return document.elements.allSatisfy { isHollow($0.value) }
  }

  /// True where both have the same `_id`; without ids, where all fields are equal.
  public func isSame(as other: MongoDocument) -> Bool {
    let own = _id
    let theirs = other._id
    if own.isNullish, theirs.isNullish {
      let left = locked { Slot.subdocument(self).plain }
      return left.isDeepEqual(to: other.locked { Slot.subdocument(other).plain })
    }
    return own.isDeepEqual(to: theirs)
  }
}

extension ObjectForm {
  /// A key that stands for a map among the answers of `toObject`, where `marksMaps` asks for it.
  static let mapMark = "$map"
}

/// Turns documents into plain ones. Options given at the call win over the schema's; what a parent
/// settled its children inherit where they say nothing.
struct Renderer {
  var call: ObjectForm
  var isJSON: Bool
  /// The form that is stored: ids for loaded documents, nothing of the program runs.
  var isStored = false
  /// What the parents settled.
  var getters: Bool?
  var hidesVersion: Bool?
  var flattenMaps: Bool?
  var flattenObjectIDs: Bool?
  var flattenUUIDs: Bool?
  var useProjection: Bool?
  var minimizes = true

  func render(_ document: MongoDocument) throws -> Document? {
    let schema = document.schema
    let own = isJSON ? schema.options.toJSON : schema.options.toObject
    let base = isStored ? ObjectForm() : own
    var next = self
    next.settle(base, document)
    var result = Document()
    try next.append(document.state.fields, to: &result)
    guard !isStored else { return result }
    if next.getters ?? false { try next.applyGetters(document, &result) }
    try next.applyVirtuals(document, base, &result)
    if next.hidesVersion ?? false, let key = schema.options.versionKey { result[key] = nil }
    if call.transforms ?? true { try next.applyPathTransforms(document, &result) }
    if next.useProjection ?? false { omitDeselected(document, &result) }
    let transform = call.transform ?? (call.transforms ?? true ? own.transform : nil)
    try transform?(document, &result)
    return result
  }

  private mutating func settle(_ base: ObjectForm, _ document: MongoDocument) {
    let inherited =
      document.isPart
      ? document.state.parent.flatMap { parent in
        document.ownPath.flatMap { parent.schema.path($0)?.options.minimize }
      } : nil
    minimizes =
      call.minimize ?? inherited ?? base.minimize ?? document.schema.options.minimize
    getters = call.getters ?? getters ?? base.getters
    hidesVersion = (call.versionKey ?? base.versionKey).map { !$0 } ?? hidesVersion
    flattenMaps = call.flattenMaps ?? flattenMaps ?? base.flattenMaps
    flattenObjectIDs = call.flattenObjectIDs ?? flattenObjectIDs ?? base.flattenObjectIDs
    flattenUUIDs = call.flattenUUIDs ?? flattenUUIDs ?? base.flattenUUIDs
    useProjection = call.useProjection ?? useProjection ?? base.useProjection
  }

  // MARK: - Fields

  private func append(_ fields: Slots, to result: inout Document) throws {
    for entry in fields.entries {
      if let value = try value(entry.slot, isElement: false) { result.append(entry.key, value) }
    }
  }

  /// A slot's plain value; `nil` leaves it out.
  private func value(_ slot: Slot, isElement: Bool) throws -> Value? {
    switch slot {
    case .value(let value): return plain(value, isElement: isElement)
    case .nested(let fields):
      var result = Document()
      try append(fields, to: &result)
      return result.isEmpty && minimizes && !isElement ? nil : .document(result)
    case .map(let fields):
      var result = Document()
      for entry in fields.entries where !entry.slot.isUndefined {
        result.append(entry.key, try value(entry.slot, isElement: true) ?? .document(Document()))
      }
      if call.marksMaps, !(flattenMaps ?? false) {
        return [ObjectForm.mapMark: .document(result)]
      }
      return .document(result)
    case .list(let list):
      return .array(
        try list.elements.map { element in
          if element.isUndefined { return .null }
          return try value(element, isElement: true) ?? .null
        })
    case .subdocument(let document): return try subdocument(document, isElement: isElement)
    case .populated(let document): return try populated(document)
    }
  }

  private func subdocument(_ document: MongoDocument, isElement: Bool) throws -> Value? {
    let rendered = try document.locked { try render(document) }
    guard let rendered else { return nil }
    if rendered.isEmpty, !isElement, hidesEmpty(document) { return nil }
    return .document(rendered)
  }

  /// Empty subdocuments are left out where empty objects are, unless they are required.
  private func hidesEmpty(_ document: MongoDocument) -> Bool {
    guard case .single = document.state.place else { return false }
    let path = document.ownPath.flatMap { document.state.parent?.schema.path($0) }
    if path?.options.required != nil { return false }
    return call.minimize ?? path?.options.minimize ?? minimizes
  }

  private func populated(_ document: MongoDocument) throws -> Value? {
    let id = document.locked { document.state.populatedID ?? document.rawValue("_id") }
    if isStored { return id }
    if call.depopulate ?? false { return plain(id, isElement: true) }
    let own = document.locked {
      isJSON ? document.schema.options.toJSON : document.schema.options.toObject
    }
    if own.depopulate ?? false { return plain(id, isElement: true) }
    return try document.locked { try render(document) }.map { .document($0) }
  }

  private func plain(_ value: Value, isElement: Bool) -> Value? {
    switch value {
    case .undefined: return nil
    case .document(let document):
      var result = Document()
      for element in document.elements {
        if let inner = plain(element.value, isElement: false) {
          result.append(element.key, inner)
        }
      }
      return result.isEmpty && minimizes && !isElement ? nil : .document(result)
    case .array(let items): return .array(items.map { plain($0, isElement: true) ?? .null })
    case .objectID(let id) where flattenObjectIDs ?? false: return .string("\(id)")
    case .binary(let binary) where binary.subtype == 4 && flattenUUIDs ?? false:
      return JavaScript.uuidText(binary.bytes).map { .string($0) } ?? value
    default: return value
    }
  }
}

public import PrivataCore

/// An array of a document: changes are recorded as the operators that `save()` sends.
///
/// ```swift
/// user.array("tags").push("vip")                 // $push
/// user.array("allergies").pull(id)               // $pull by id
/// user.array("scores")[0] = 9                     // $set scores.0, with a version check
/// ```
///
/// A view by path: it stays valid while the document lives, whatever is assigned to the path.
public struct TrackedArray: Sendable {
  /// The document that holds the array.
  public let document: MongoDocument
  /// The path within that document.
  public let path: String

  init(_ document: MongoDocument, _ path: String) {
    self.document = document
    self.path = path
  }

  var found: CompiledPath? { document.schema.path(path) }

  var list: List { document.storedSlot(path)?.list ?? List([]) }

  func store(_ list: List) { document.storeSlot(path, .list(list)) }

  /// The number of elements.
  public var count: Int { document.locked { list.elements.count } }

  /// The elements as plain values.
  public var values: [Value] { document.locked { list.elements.map(\.plain) } }

  /// The subdocuments or loaded documents among the elements.
  public var documents: [MongoDocument] {
    document.locked { list.elements.compactMap(\.document) }
  }

  /// An element; assigning casts and tracks it.
  public subscript(index: Int) -> Value {
    get {
      document.locked {
        list.elements.indices.contains(index) ? list.elements[index].plain : .undefined
      }
    }
    nonmutating set { try? set(index, newValue) }
  }

  /// The subdocument with that `_id`, `nil` without one.
  public func id(_ id: Value) -> MongoDocument? {
    document.locked {
      if id.isNullish { return MongoDocument?.none }
      let type = found?.schema?.path("_id")
      let wanted = (try? type?.rawCast(id)) ?? id
      return list.elements.compactMap(\.document).first { inner in
        inner._id.isDeepEqual(to: wanted)
      }
    }
  }

  /// A subdocument of the array's schema that is not in the array yet.
  public func create(_ values: Document) throws -> MongoDocument {
    try document.outwardly {
      guard let schema = found?.schema else {
        throw UsageError("Path \"\(path)\" is no array of subdocuments")
      }
      var options = ConstructOptions()
      options.place = .element(path: path, index: nil)
      options.parent = document
      return try MongoDocument.construct(
        core: document.core, schema: schema.resolved(for: .document(values)),
        values: .value(.document(values)), options: options)
    }
  }

  // MARK: - Tracking

  func cast(_ slot: Slot, at index: Int) throws -> Slot {
    guard let found else { return slot }
    if let populated = document.state.populated[path], let model = populated.model {
      return try castPopulated(slot, model)
    }
    if case .documentArray(let schema) = found.kind {
      if case .subdocument(let document) = slot, document.schema === schema {
        document.state.place = .element(path: path, index: index)
        document.state.parent = self.document
        return slot
      }
      if slot.isNullish { return .value(.null) }
      var plain = slot.plain
      if case .document = plain {} else { plain = ["_id": plain] }
      return try found.castElement(.value(plain), schema, document, path, index: index)
    }
    guard let element = found.element else { return slot }
    if slot.isNullish, !element.isArray { return slot }
    return try element.castSlot(slot, in: document, prior: nil, fullPath: "\(path).\(index)")
  }

  /// An element of an array of loaded documents: what is no document becomes one that has but its
  /// id.
  private func castPopulated(_ slot: Slot, _ model: ModelCore) throws -> Slot {
    var values = slot
    if !MongoDocument.isObject(slot) { values = .value(["_id": slot.plain]) }
    let made = try MongoDocument.construct(core: model, schema: model.schema, values: values)
    made.locked {
      made.state.populatedID = made.rawValue("_id")
      if case .populated(let other) = slot { made.state.isNew = other.isNew }
    }
    return .populated(made)
  }

  func mark() { document.markModified(path) }

  /// Records an operator; a second kind on one array turns into `$set` of the whole.
  func register(_ change: List.Change, in list: inout List) {
    if case .set = change {
      list.change = .set
      document.cleanModified(below: path)
      mark()
      return
    }
    switch (list.change, change) {
    case (.none, _): list.change = change
    case (.push(var old), .push(let new)):
      if new.hasModifiers { old = new } else { old.each += new.each }
      list.change = .push(old)
    case (.addToSet(let old), .addToSet(let new)): list.change = .addToSet(old + new)
    case (.pullAll(let old), .pullAll(let new)): list.change = .pullAll(old + new)
    case (.pop, .pop): list.change = change
    default: list.change = .set
    }
  }

  func reindex(_ list: List) {
    for (index, element) in list.elements.enumerated() {
      guard case .subdocument(let document) = element else { continue }
      document.state.place = .element(path: path, index: index)
    }
  }
}

extension MongoDocument {
  /// The array at a path.
  public func array(_ path: String) -> TrackedArray {
    locked {
      let steps = path.steps
      for count in (1..<max(1, steps.count)).reversed() {
        let parent = steps[..<count].joined(separator: ".")
        if case .subdocument(let document)? = storedSlot(parent) {
          return TrackedArray(document, steps[count...].joined(separator: "."))
        }
      }
      return TrackedArray(self, aliased(path))
    }
  }
}

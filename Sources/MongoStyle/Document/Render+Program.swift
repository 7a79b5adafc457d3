internal import PrivataCore

// The parts of rendering that run the program's own getters, virtuals and transforms.

extension Renderer {
  func applyGetters(_ document: MongoDocument, _ result: inout Document) throws {
    guard document.schema.hasGetters else { return }
    for path in document.schema.all.reversed() {
      let hasElementGetters = !(path.element?.getters.isEmpty ?? true)
      guard !path.getters.isEmpty || hasElementGetters, document.isSelected(path.path) else {
        continue
      }
      let stored = result.value(at: path.path) ?? .undefined
      if stored.isUndefined, path.steps.count > 1,
        result.value(at: path.steps.dropLast().joined(separator: ".")) == nil
      {
        continue
      }
      var shown = try path.applyGetters(stored, document: document)
      if hasElementGetters, case .array(let items) = shown, let element = path.element {
        shown = .array(try items.map { try element.applyGetters($0, document: document) })
      }
      result.put(shown, at: path.path)
    }
  }

  func applyVirtuals(
    _ document: MongoDocument, _ base: ObjectForm, _ result: inout Document
  ) throws {
    let wanted = call.virtuals ?? base.virtuals
    let implied = (getters ?? false) && wanted == nil
    guard implied || (wanted != nil && wanted != ObjectForm.Virtuals.none) else {
      return
    }
    for virtual in document.schema.virtuals {
      let name = virtual.name
      guard isWanted(name, wanted ?? .all) else { continue }
      if call.aliases == false, document.schema.aliases[name] != nil { continue }
      guard let value = try virtualValue(virtual, document), !value.isUndefined else { continue }
      result.put(value, at: name)
    }
  }

  private func isWanted(_ name: String, _ wanted: ObjectForm.Virtuals) -> Bool {
    switch wanted {
    case .none: false
    case .all: true
    case .only(let names): names.contains(name)
    case .except(let names): !names.contains(name)
    }
  }

  private func virtualValue(_ virtual: VirtualPath, _ document: MongoDocument) throws -> Value? {
    if let slot = document.virtualSlot(virtual.name) { return try populatedValue(slot) }
    return try virtual.getter?(document)
  }

  /// What `populate` put under a virtual.
  private func populatedValue(_ slot: Slot) throws -> Value {
    switch slot {
    case .populated(let document), .subdocument(let document):
      return .document(try document.locked { try render(document) } ?? Document())
    case .list(let list): return .array(try list.elements.map(populatedValue))
    default: return slot.plain
    }
  }

  func applyPathTransforms(_ document: MongoDocument, _ result: inout Document) throws {
    guard document.schema.hasTransforms else { return }
    for path in document.schema.all {
      if let transform = path.options.transform {
        let value = try document.read(path.path)
        if value.isUndefined { continue }
        result.put(try transform.apply(value, document), at: path.path)
      } else if let transform = path.element?.options.transform {
        let value = try document.read(path.path)
        if value.isUndefined { continue }
        let items = value.asArray ?? [value]
        result.put(.array(try items.map { try transform.apply($0, document) }), at: path.path)
      }
    }
  }

  func omitDeselected(_ document: MongoDocument, _ result: inout Document) {
    var selected = document.state.selection?.fields ?? Document()
    if document.state.selection == nil {
      SelectedPaths.apply(to: &selected, document.schema)
    }
    for path in document.schema.all {
      if let value = selected[path.path], !value.isNullish, !value.isTruthy {
        result[path.path] = nil
      }
    }
  }
}

extension Document {
  /// Puts a value at a dotted path, making the documents above it; `.undefined` removes it.
  mutating func put(_ value: Value, at path: String) {
    let kept = value.isUndefined ? Value?.none : value
    guard path.utf8.contains(0x2E) else {
      self[path] = kept
      return
    }
    let whole = Value.document(self).setting(kept, at: path.steps[...])
    self = whole.asDocument ?? self
  }
}

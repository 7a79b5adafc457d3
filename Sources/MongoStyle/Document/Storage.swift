internal import PrivataCore

// Reading and writing the slots of dotted paths, without casting, getters or tracking.

extension MongoDocument {
  /// What is stored at a path; `nil` where a step is missing. A step through an array of
  /// subdocuments without a position answers the list of what they hold.
  func storedSlot(_ path: String) -> Slot? {
    guard path.utf8.contains(0x2E) else { return state.fields[path] }
    if let direct = state.fields[path] { return direct }
    return slot(at: path.steps[...], in: state.fields)
  }

  private func slot(at steps: ArraySlice<String>, in fields: Slots) -> Slot? {
    guard let first = steps.first, let slot = fields[first] else { return nil }
    return descend(slot, steps.dropFirst())
  }

  private func descend(_ slot: Slot, _ steps: ArraySlice<String>) -> Slot? {
    guard let next = steps.first else { return slot }
    switch slot {
    case .nested(let fields), .map(let fields): return self.slot(at: steps, in: fields)
    case .subdocument(let document), .populated(let document):
      return document.locked { document.storedSlot(steps.joined(separator: ".")) }
    case .list(let list):
      if next.isIndex {
        guard let index = Int(next), list.elements.indices.contains(index) else { return nil }
        return descend(list.elements[index], steps.dropFirst())
      }
      return .list(List(list.elements.map { descend($0, steps) ?? .undefined }))
    case .value(.document(let document)):
      return document.value(at: steps.joined(separator: ".")).map { .value($0) }
    case .value(.array(let items)):
      guard let index = Int(next), items.indices.contains(index) else { return nil }
      return descend(.value(items[index]), steps.dropFirst())
    case .value: return nil
    }
  }

  /// Puts a slot at a path, making the objects above it.
  func storeSlot(_ path: String, _ slot: Slot) {
    guard path.utf8.contains(0x2E) else {
      state.fields[path] = slot
      return
    }
    MongoDocument.store(slot, at: path.steps[...], in: &state.fields)
  }

  func removeSlot(_ path: String) {
    guard path.utf8.contains(0x2E) else {
      state.fields[path] = nil
      return
    }
    MongoDocument.store(nil, at: path.steps[...], in: &state.fields)
  }

  private static func store(
    _ slot: Slot?, at steps: ArraySlice<String>, in fields: inout Slots
  ) {
    guard let first = steps.first else { return }
    let rest = steps.dropFirst()
    if rest.isEmpty {
      fields[first] = slot
      return
    }
    var inner = fields[first] ?? .nested(Slots())
    if inner.isNullish { inner = .nested(Slots()) }
    store(slot, at: rest, below: &inner)
    fields[first] = inner
  }

  private static func store(_ slot: Slot?, at steps: ArraySlice<String>, below outer: inout Slot) {
    switch outer {
    case .nested(var fields):
      store(slot, at: steps, in: &fields)
      outer = .nested(fields)
    case .map(var fields):
      store(slot, at: steps, in: &fields)
      outer = .map(fields)
    case .subdocument(let document), .populated(let document):
      let path = steps.joined(separator: ".")
      document.locked {
        if let slot { document.storeSlot(path, slot) } else { document.removeSlot(path) }
      }
    case .list(var list):
      guard let first = steps.first, let index = Int(first), index >= 0 else { return }
      while list.elements.count <= index { list.elements.append(.undefined) }
      if steps.count == 1 {
        list.elements[index] = slot ?? .undefined
      } else {
        store(slot, at: steps.dropFirst(), below: &list.elements[index])
      }
      outer = .list(list)
    case .value(let value):
      outer = .value(value.setting(slot?.plain, at: steps))
    }
  }
}

extension Value {
  /// The value with another one at a path through documents and arrays.
  func setting(_ value: Value?, at steps: ArraySlice<String>) -> Value {
    guard let first = steps.first else { return value ?? .null }
    if case .array(var items) = self, let index = Int(first), index >= 0 {
      while items.count <= index { items.append(.null) }
      items[index] = items[index].setting(value, at: steps.dropFirst())
      return .array(items)
    }
    var document = asDocument ?? Document()
    if steps.count == 1 {
      document[first] = value
    } else {
      document[first] = (document[first] ?? .document(Document()))
        .setting(value, at: steps.dropFirst())
    }
    return .document(document)
  }
}

// MARK: - Plain forms

extension Slot {
  /// The slot as a plain value: nothing left out, getters not run, loaded documents as objects.
  var plain: Value {
    switch self {
    case .value(let value): value
    case .nested(let fields), .map(let fields): .document(fields.plain)
    case .subdocument(let document), .populated(let document):
      .document(document.locked { document.state.fields.plain })
    case .list(let list): .array(list.elements.map(\.plain))
    }
  }

  /// The slot as it is stored: ids in place of loaded documents.
  var stored: Value {
    switch self {
    case .value(let value): value
    case .nested(let fields), .map(let fields): .document(fields.stored)
    case .subdocument(let document): .document(document.locked { document.storedForm() })
    case .populated(let document):
      document.locked { document.state.populatedID ?? document.rawValue("_id") }
    case .list(let list): .array(list.elements.map(\.stored))
    }
  }
}

extension Slots {
  var plain: Document {
    Document(
      entries.filter { !$0.slot.isUndefined }.map {
        Document.Element(key: $0.key, value: $0.slot.plain)
      })
  }

  var stored: Document {
    Document(
      entries.filter { !$0.slot.isUndefined }.map {
        Document.Element(key: $0.key, value: $0.slot.stored)
      })
  }
}

extension Slot? {
  var plainOrUndefined: Value { self?.plain ?? .undefined }
}

extension MongoDocument {
  /// The whole document as it would be stored, nothing left out.
  func storedForm() -> Document { state.fields.stored }

  /// What stands for the document where an id is expected.
  var identifyingValue: Value {
    let id = rawValue("_id")
    return id.isNullish ? .document(state.fields.plain) : id
  }

  /// The stored value at a path, without getters.
  func rawValue(_ path: String) -> Value { storedSlot(path).plainOrUndefined }
}

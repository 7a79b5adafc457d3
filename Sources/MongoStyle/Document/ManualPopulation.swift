internal import PrivataCore

extension MongoDocument {
  /// A loaded document, or an array of them, assigned to a path that refers to its model: the path
  /// counts as populated. `nil` where the value is anything else.
  func populate(_ path: String, _ slot: Slot, _ found: CompiledPath) throws -> Slot? {
    switch slot {
    case .populated(let document) where !found.isArray:
      guard let model = document.core, try refers(found, path, to: model) else { return nil }
      let id = document.locked { document.rawValue("_id") }
      document.locked {
        document.state.populatedID = id
        document.state.parent = self
      }
      setPopulated(path, PopulatedPath(ids: id, model: model))
      return slot
    case .list(var list) where found.element != nil && !list.elements.isEmpty:
      let documents = list.elements.compactMap(\.document)
      guard documents.count == list.elements.count, let element = found.element else { return nil }
      guard
        try documents.allSatisfy({ document in
          try document.core.map { try refers(element, path, to: $0) } ?? false
        })
      else { return nil }
      let ids = documents.map { document in
        document.locked {
          let id = document.rawValue("_id")
          document.state.populatedID = id
          return id
        }
      }
      setPopulated(path, PopulatedPath(ids: .array(ids), model: documents[0].core))
      list.change = .none
      return .list(list)
    default: return nil
    }
  }

  /// True where a path refers to a model, by name or by its base's name.
  func refers(_ found: CompiledPath, _ path: String, to model: ModelCore) throws -> Bool {
    let name: String?
    switch found.options.ref {
    case .named(let named)?: name = named
    case .function(let choose)?: name = try choose(self)
    case nil: name = try refPathName(found, path)
    }
    guard let name else { return false }
    return name == model.name || name == model.baseName
  }

  private func refPathName(_ found: CompiledPath, _ path: String) throws -> String? {
    switch found.options.refPath {
    case nil: return nil
    case .path(let other)?: return ownerDocument.value(other).asString
    case .function(let choose)?:
      return ownerDocument.value(try choose(self, fullPath(path))).asString
    }
  }

  /// Remembers which ids stand behind loaded documents, here and in the subdocument on the way.
  func setPopulated(_ path: String, _ populated: PopulatedPath) {
    state.populated[path] = populated
    let steps = path.steps
    guard steps.count > 1 else { return }
    for count in 1..<steps.count {
      guard case .subdocument(let document)? = storedSlot(steps[..<count].joined(separator: "."))
      else { continue }
      let rest = steps[count...].joined(separator: ".")
      document.locked { document.setPopulated(rest, populated) }
      return
    }
  }
}

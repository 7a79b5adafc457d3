internal import PrivataCore

extension VaultSession {
  /// A change of the clinical half with pseudonyms in place of ids.
  ///
  /// - Throws: `foreignKey` for an id of nobody.
  func translated(
    _ changes: Changes, _ separation: Separation
  ) async throws(PrivataError) -> Changes {
    try await checkForeignKeys(changes, separation)
    guard !separation.references.isEmpty else { return changes }
    var all = ReferencedIDs()
    var stored = ReferencedIDs()
    changes.collect(&all, stored: &stored, separation)
    let pseudonyms = try await pseudonyms(of: all)
    if let reference = pseudonyms.unknown(in: stored) {
      throw separation.danglingReference(to: reference)
    }
    return changes.translated(pseudonyms, separation)
  }
}

extension Changes {
  /// Operators whose operand is a value of the field, or an array of its elements.
  private static let valued: Set<String> = [
    "$set", "$setOnInsert", "$push", "$addToSet", "$pull", "$pullAll", "$min", "$max",
  ]

  /// Collects all ids that the change names, and those that it would store.
  fileprivate func collect(
    _ ids: inout ReferencedIDs, stored: inout ReferencedIDs, _ separation: Separation
  ) {
    _ = rewritten(separation) { value, reference, isStored in
      ids.insert(value, reference)
      if isStored { stored.insert(value, reference) }
      return value
    }
  }

  fileprivate func translated(
    _ pseudonyms: PseudonymLookup, _ separation: Separation
  ) -> Changes {
    rewritten(separation) { value, reference, _ in pseudonyms.translate(value, reference) }
  }

  private func rewritten(
    _ separation: Separation, _ change: (Value, PersonReference, Bool) -> Value
  ) -> Changes {
    switch self {
    case .assign(let assignments):
      .assign(
        assignments.map { assignment in
          guard let reference = separation.references[assignment.field] else { return assignment }
          return Assignment(
            assignment.field, change(assignment.value, reference, true), assignment.operation)
        })
    case .replacement(let document):
      .replacement(
        Document(
          document.elements.map { element in
            guard let reference = separation.references[element.key] else { return element }
            return .init(key: element.key, value: change(element.value, reference, true))
          }))
    case .operators(let operators):
      .operators(
        Document(
          operators.elements.map { element in
            guard Self.valued.contains(element.key), let fields = element.value.asDocument else {
              return element
            }
            let isStored = !element.key.hasPrefix("$pull")
            let inner = Document(
              fields.elements.map { field in
                Self.rewritten(field, separation) { change($0, $1, isStored) }
              })
            return .init(key: element.key, value: .document(inner))
          }))
    case .pipeline: self
    }
  }

  private static func rewritten(
    _ element: Document.Element, _ separation: Separation,
    _ change: (Value, PersonReference) -> Value
  ) -> Document.Element {
    guard let reference = separation.reference(at: element.key) else { return element }
    guard case .document(let operators) = element.value, operators.isCondition else {
      return .init(key: element.key, value: change(element.value, reference))
    }
    // `$each`, and the conditions of `$pull`.
    let inner = operators.elements.map { part in
      ["$each", "$in", "$nin", "$eq", "$ne"].contains(part.key)
        ? Document.Element(key: part.key, value: change(part.value, reference)) : part
    }
    return .init(key: element.key, value: .document(Document(inner)))
  }
}

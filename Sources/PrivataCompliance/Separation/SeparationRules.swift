internal import PrivataCore

/// Decides where the fields of a model live, from its own classes and from the models it refers to.
struct SeparationRules {
  /// The models by name.
  let models: [String: ModelSchema]
  let names: PhysicalNames

  /// The division of a model.
  ///
  /// - Throws: `badArgument` where a field's class and placement contradict each other, or a unique
  ///   index spans both stores; `unknownModel` where the model refers to one that is not registered.
  func separation(of model: ModelSchema) throws(PrivataError) -> Separation {
    for field in model.fields { try check(field, of: model) }
    let shape = try shape(of: model, visiting: [])
    var placements: [Placement] = []
    var references: [String: PersonReference] = [:]
    var foreign: Set<String> = []
    for field in model.fields {
      let placement = try placement(of: field, in: model, shape)
      placements.append(placement)
      guard placement != .identity else { continue }
      if let reference = try person(field, of: model) { references[field.name] = reference }
      if try isForeign(field, of: model) { foreign.insert(field.name) }
    }
    try checkIndexes(of: model, placements)
    return Separation(
      model: model, shape: shape, placements: placements, references: references,
      foreign: foreign, names: names)
  }

  // MARK: - Shape

  private func shape(
    of model: ModelSchema, visiting: Set<String>
  ) throws(PrivataError) -> Separation.Shape {
    var identity = false
    var clinical = false
    for field in model.fields {
      if field.privacy == .pii || field.placement == .identity { identity = true }
      if field.privacy == .phi || field.placement == .clinical { clinical = true }
      if try refersToClinical(field, of: model, visiting: visiting) { clinical = true }
    }
    switch (identity, clinical) {
    case (true, true): return .split
    case (false, true): return .clinicalOnly
    default: return .identityOnly
    }
  }

  private func placement(
    of field: FieldSchema, in model: ModelSchema, _ shape: Separation.Shape
  ) throws(PrivataError) -> Placement {
    switch shape {
    case .identityOnly: return .identity
    case .clinicalOnly: return .clinical
    case .split: break
    }
    switch field.privacy {
    case .pii: return .identity
    case .phi: return .clinical
    case .open: break
    }
    if try refersToClinical(field, of: model, visiting: []) { return .clinical }
    return model.primaryKey.contains { model.fields[$0].name == field.name }
      ? .identity : field.placement ?? .identity
  }

  // MARK: - References

  private func target(
    of field: FieldSchema, of model: ModelSchema
  ) throws(PrivataError) -> ModelSchema? {
    guard let reference = field.reference else { return nil }
    if reference.model == model.name { return model }
    if let target = models[reference.model] { return target }
    throw PrivataError(
      .unknownModel,
      """
      \(model.name).\(field.name) refers to \(reference.model), which is not registered with the \
      vault: define that model first, so that it is known whether to keep an id or a pseudonym
      """, fields: [field.name], model: model.name)
  }

  private func refersToClinical(
    _ field: FieldSchema, of model: ModelSchema, visiting: Set<String>
  ) throws(PrivataError) -> Bool {
    guard field.privacy == .open, let target = try target(of: field, of: model),
      target !== model, !visiting.contains(target.name)
    else { return false }
    return try shape(of: target, visiting: visiting.union([model.name])) == .clinicalOnly
  }

  /// True where a field of a clinical half has a foreign key into the identity store.
  private func isForeign(
    _ field: FieldSchema, of model: ModelSchema
  ) throws(PrivataError) -> Bool {
    guard field.reference?.isEnforced == true, let target = try target(of: field, of: model) else {
      return false
    }
    return try shape(of: target, visiting: []) != .clinicalOnly
  }

  /// The person that a field of a clinical half refers to.
  private func person(
    _ field: FieldSchema, of model: ModelSchema
  ) throws(PrivataError) -> PersonReference? {
    guard let target = try target(of: field, of: model) else { return nil }
    let isSplit = try shape(of: target, visiting: []) == .split
    guard isSplit || target.fields.contains(where: { $0.privacy == .pii }) else { return nil }
    var isArray = false
    if case .array = field.type { isArray = true }
    return PersonReference(
      target: target.name, field: field.reference?.field ?? target.key.name, isArray: isArray)
  }

  // MARK: - Checks

  private func check(_ field: FieldSchema, of model: ModelSchema) throws(PrivataError) {
    let allowed: Placement? =
      switch field.privacy {
      case .pii: .identity
      case .phi: .clinical
      case .open: nil
      }
    guard let allowed, let placement = field.placement, placement != allowed else { return }
    throw PrivataError(
      .badArgument,
      """
      \(model.name).\(field.name) is \(field.privacy.rawValue) and cannot be placed in \
      '\(placement.rawValue)': it belongs to the \(allowed.rawValue) store
      """, fields: [field.name], model: model.name)
  }

  private func checkIndexes(
    of model: ModelSchema, _ placements: [Placement]
  ) throws(PrivataError) {
    for index in model.indexes where index.isUnique {
      var halves: Halves = []
      for part in index.parts {
        guard let position = model.position(of: Separation.root(of: part.field)) else { continue }
        switch placements[position] {
        case .identity: halves.insert(.identity)
        case .clinical: halves.insert(.clinical)
        case .both: break
        }
      }
      guard halves == .both else { continue }
      let fields = index.parts.map(\.field)
      throw PrivataError(
        .badArgument,
        """
        the unique index of \(model.name) over \(fields.joined(separator: ", ")) spans both \
        stores, so no store can enforce it: place its open fields in one half
        """, fields: fields, model: model.name)
    }
  }
}

internal import PrivataCore

/// Fields of clinical halves with a foreign key into the identity store: no database can enforce it,
/// so the vault does.
struct Dependent: Sendable {
  let separation: Separation
  let field: FieldSchema
  let onDelete: Reference.Action

  /// True where the field holds pseudonyms instead of keys.
  var isPseudonym: Bool { separation.references[field.name] != nil }

  /// The field of the target's model by which the rows refer to it.
  func target(in model: ModelSchema) -> String {
    isPseudonym ? "" : field.reference?.field ?? model.key.name
  }
}

extension SeparationRegistry {
  /// The fields of clinical halves whose foreign key leads to a model.
  func dependents(of model: ModelSchema) -> [Dependent] {
    if let known = knownDependents(of: model.name) { return known }
    let found = findDependents(of: model)
    remember(found, of: model.name)
    return found
  }

  private func findDependents(of model: ModelSchema) -> [Dependent] {
    var found: [Dependent] = []
    for other in models {
      for field in other.fields {
        guard let reference = field.reference, reference.isEnforced, reference.model == model.name,
          // A model that cannot be divided yet has no rows.
          let separation = try? separation(of: other), separation.foreign.contains(field.name)
        else { continue }
        found.append(
          Dependent(separation: separation, field: field, onDelete: reference.onDelete))
      }
    }
    return found
  }
}

/// Does to dependent rows what their foreign keys ask for, before what they refer to is deleted.
struct DependentRows {
  let session: VaultSession
  let model: ModelSchema
  /// By field of the model that is deleted the values that go; under the empty name pseudonyms.
  let values: [String: [Value]]

  /// - Throws: `foreignKey` where a row stands in the way.
  func settle(_ dependents: [Dependent]) async throws(PrivataError) {
    for dependent in dependents where dependent.onDelete.refuses {
      guard try await !matches(dependent) else { throw refusal(dependent) }
    }
    for dependent in dependents where !dependent.onDelete.refuses {
      try await act(dependent)
    }
  }

  private func filters(_ dependent: Dependent) -> [Filter] {
    let all = values[dependent.target(in: model)] ?? []
    let size = session.core.options.joinBatch
    return stride(from: 0, to: all.count, by: size).map { start in
      .oneOf(dependent.field.name, Array(all[start..<min(start + size, all.count)]))
    }
  }

  private func matches(_ dependent: Dependent) async throws(PrivataError) -> Bool {
    guard let physical = dependent.separation.clinical else { return false }
    for filter in filters(dependent) {
      let query = Query(physical, where: filter, answer: .exists, layout: .cells)
      let found = try await session.clinical.rows(for: query)
      if found.value(row: 0, column: 0)?.asBool == true { return true }
    }
    return false
  }

  private func act(_ dependent: Dependent) async throws(PrivataError) {
    guard let physical = dependent.separation.clinical else { return }
    for filter in filters(dependent) {
      switch dependent.onDelete {
      case .cascade where dependent.separation.shape == .split:
        try await deleteWhole(dependent.separation, physical, filter)
      case .cascade:
        _ = try await session.clinical.write(
          .delete(Delete(physical, where: filter, layout: .cells)))
      default:
        let value = dependent.onDelete == .setDefault ? dependent.field.storeDefault : nil
        _ = try await session.clinical.write(
          .update(
            Update(
              physical, where: filter, .assign([Assignment(dependent.field.name, value ?? .null)]),
              isMany: true, layout: .cells)))
      }
    }
  }

  /// A record of both halves goes with its identity row, and with what depends on it in turn.
  private func deleteWhole(
    _ separation: Separation, _ physical: ModelSchema, _ filter: Filter
  ) async throws(PrivataError) {
    let query = Query(
      physical, where: filter, projection: .fields([separation.clinicalKey]), layout: .cells)
    let rows = try await session.clinical.rows(for: query)
    let links = (0..<rows.count).compactMap { rows.value(row: $0, column: 0) }
    guard !links.isEmpty else { return }
    let delete = Delete(
      separation.model, where: .oneOf(separation.link ?? "", links), layout: .cells)
    _ = try await session.write(.delete(delete), separation)
  }

  private func refusal(_ dependent: Dependent) -> PrivataError {
    PrivataError(
      .foreignKey,
      """
      a \(dependent.separation.model.name) still refers to this \(model.name) in \
      \(dependent.field.name)
      """, fields: [dependent.field.name], model: dependent.separation.model.name)
  }
}

extension Reference.Action {
  fileprivate var refuses: Bool { self == .noAction || self == .restrict }
}

// MARK: - New references

extension VaultSession {
  /// Checks the foreign keys of clinical rows into the identity store.
  ///
  /// - Throws: `foreignKey` for a value that no record has.
  func checkForeignKeys(
    _ rows: Insert.Rows, _ separation: Separation
  ) async throws(PrivataError) {
    for name in separation.foreign where separation.references[name] == nil {
      try await checkForeignKey(name, rows.values(of: name), separation)
    }
  }

  /// Checks the foreign keys that a change would set.
  func checkForeignKeys(
    _ changes: Changes, _ separation: Separation
  ) async throws(PrivataError) {
    for name in separation.foreign where separation.references[name] == nil {
      try await checkForeignKey(name, changes.values(of: name), separation)
    }
  }

  private func checkForeignKey(
    _ name: String, _ values: [Value], _ separation: Separation
  ) async throws(PrivataError) {
    let values = Array(Set(values.filter { !$0.isNull }))
    guard !values.isEmpty, let reference = separation.model.field(name)?.reference else { return }
    let target = try core.registry.separation(named: reference.model)
    guard let model = target.identity else { return }
    let field = reference.field ?? target.model.key.name
    var found = 0
    for start in stride(from: 0, to: values.count, by: core.options.joinBatch) {
      let part = Array(values[start..<min(start + core.options.joinBatch, values.count)])
      let query = Query(model, where: .oneOf(field, part), answer: .count, layout: .cells)
      found += try await identity.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
    }
    guard found < values.count else { return }
    throw PrivataError(
      .foreignKey,
      "\(separation.model.name).\(name) refers to a \(reference.model) that does not exist",
      fields: [name], model: separation.model.name)
  }
}

extension Insert.Rows {
  fileprivate func values(of field: String) -> [Value] {
    switch self {
    case .documents(let documents): return documents.compactMap { $0[field] }
    case .cells(let fields, let batch):
      guard let column = fields.firstIndex(of: field) else { return [] }
      return (0..<batch.count).compactMap { batch.value(row: $0, column: column) }
    }
  }
}

extension Changes {
  fileprivate func values(of field: String) -> [Value] {
    switch self {
    case .assign(let assignments):
      assignments.filter { $0.field == field && $0.operation == .set }.map(\.value)
    case .operators(let operators):
      [operators["$set"], operators["$setOnInsert"]].compactMap { $0?.asDocument?[field] }
    case .replacement(let document): document[field].map { [$0] } ?? []
    case .pipeline: []
    }
  }
}

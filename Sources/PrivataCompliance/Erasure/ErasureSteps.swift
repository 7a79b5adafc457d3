internal import PrivataCore

/// The changes of an erasure in the stores; each finds what is left and deals with it, so that it
/// can be repeated.
struct ErasureSteps {
  let core: VaultCore
  let graph: SubjectGraph
  let plan: ErasurePlan

  typealias Counts = [(what: String, count: Int)]

  /// What happens to the rows that refer to the person.
  private enum Fate { case delete, detach }

  private var session: VaultSession { core.session }

  private func fate(_ edge: SubjectGraph.Edge) -> Fate {
    switch edge.field.reference?.onDelete {
    case .cascade?: return .delete
    case .setNull?: return .detach
    default: break
    }
    // A list names several people, and a record of the same model is somebody else.
    if edge.isArray || edge.separation.model === graph.root.model { return .detach }
    return edge.separation.isPersonal || !edge.field.isOptional ? .delete : .detach
  }

  // MARK: - The identity store

  /// Deletes the person's row and the rows about them; takes their id out of the others.
  func deleteIdentity() async throws(PrivataError) -> Counts {
    var counts: Counts = []
    for edge in graph.edges where !edge.isClinical {
      counts.append((edge.separation.model.name, try await settle(edge)))
    }
    let root = graph.root
    if let model = root.identity {
      let filter = Filter.compare(root.model.key.name, .equal, plan.subject.key)
      let delete = Delete(model, where: filter, layout: .cells)
      counts.append((root.model.name, try await session.identity.write(.delete(delete)).deleted))
    }
    return counts
  }

  private func settle(_ edge: SubjectGraph.Edge) async throws(PrivataError) -> Int {
    guard let value = plan.subject.value(edge), !value.isNull else { return 0 }
    switch fate(edge) {
    case .detach: return try await detach(edge, value)
    case .delete: return try await deleteRows(edge, value)
    }
  }

  /// Deletes rows about the person; a clinical half of theirs goes the way of the person's own.
  private func deleteRows(
    _ edge: SubjectGraph.Edge, _ value: Value
  ) async throws(PrivataError) -> Int {
    let separation = edge.separation
    let half: Half = separation.holds(edge.field.name, in: .identity) ? .identity : .clinical
    guard let model = half == .identity ? separation.identity : separation.clinical else {
      return 0
    }
    let filter = edge.filter(value)
    if separation.shape == .split, half == .identity, let link = separation.link {
      let query = Query(model, where: filter, projection: .fields([link]), layout: .cells)
      let rows = try await session.identity.rows(for: query)
      let links = (0..<rows.count).compactMap { rows.value(row: $0, column: 0)?.asString }
      for link in links { _ = try await settleHalf(separation, link, fresh: newLink) }
    }
    let delete = Delete(model, where: filter, layout: .cells)
    return try await session.store(half).write(.delete(delete)).deleted
  }

  private var newLink: String? {
    plan.fresh == nil ? nil : core.options.pseudonyms.next().text
  }

  // MARK: - The clinical store

  /// Moves clinical rows to the fresh pseudonym, or deletes them.
  func settleClinical() async throws(PrivataError) -> Counts {
    guard let link = plan.subject.link else { return [] }
    var counts: Counts = []
    for edge in graph.edges where edge.isClinical {
      counts.append((edge.separation.model.name, try await settleReferences(edge, link)))
    }
    if graph.root.shape == .split {
      let count = try await settleHalf(graph.root, link, fresh: plan.fresh)
      counts.append((graph.root.model.name, count))
    }
    return counts
  }

  /// Moves or deletes the clinical half of one record.
  private func settleHalf(
    _ separation: Separation, _ link: String, fresh: String?
  ) async throws(PrivataError) -> Int {
    guard let model = separation.clinical else { return 0 }
    let old = Filter.compare(separation.clinicalKey, .equal, .string(link))
    if let fresh {
      let query = Query(model, where: old, limit: 1)
      guard let row = try await session.clinical.rows(for: query).documents.first else { return 0 }
      // A key cannot be changed everywhere, so the row is written anew; repeated, it is there.
      var moved = row
      moved[separation.clinicalKey] = .string(fresh)
      moved[Separation.unlinked] = .bool(true)
      _ = try await session.clinical.write(
        .insert(
          Insert(model, .documents([moved]), onConflict: .ignore([separation.clinicalKey]))))
    }
    let delete = Delete(model, where: old, layout: .cells)
    return try await session.clinical.write(.delete(delete)).deleted
  }

  private func settleReferences(
    _ edge: SubjectGraph.Edge, _ link: String
  ) async throws(PrivataError) -> Int {
    guard let model = edge.separation.clinical else { return 0 }
    let old = Value.string(link)
    if let fresh = plan.fresh {
      return try await replace(old, with: .string(fresh), edge, model, session.clinical)
    }
    if edge.isArray || edge.separation.shape == .split {
      return try await replace(old, with: nil, edge, model, session.clinical)
    }
    let delete = Delete(model, where: edge.filter(old), layout: .cells)
    return try await session.clinical.write(.delete(delete)).deleted
  }

  // MARK: - References

  private func detach(_ edge: SubjectGraph.Edge, _ value: Value) async throws(PrivataError) -> Int {
    let half: Half = edge.separation.holds(edge.field.name, in: .identity) ? .identity : .clinical
    let model = half == .identity ? edge.separation.identity : edge.separation.clinical
    guard let model else { return 0 }
    return try await replace(value, with: nil, edge, model, session.store(half))
  }

  /// Puts another value in place of a reference, or none.
  private func replace(
    _ old: Value, with new: Value?, _ edge: SubjectGraph.Edge, _ model: ModelSchema,
    _ store: any Store
  ) async throws(PrivataError) -> Int {
    if edge.isArray { return try await replaceInLists(old, with: new, edge, model, store) }
    let update = Update(
      model, where: edge.filter(old), .assign([Assignment(edge.field.name, new ?? .null)]),
      isMany: true, layout: .cells)
    return try await store.write(.update(update)).matched
  }

  private func replaceInLists(
    _ old: Value, with new: Value?, _ edge: SubjectGraph.Edge, _ model: ModelSchema,
    _ store: any Store
  ) async throws(PrivataError) -> Int {
    let key = model.key.name
    var changed = 0
    while true {
      var query = Query(
        model, where: edge.filter(old), projection: .fields([key, edge.field.name]),
        layout: .cells)
      query.limit = core.options.joinBatch
      let rows = try await store.rows(for: query)
      if rows.count == 0 { return changed }
      for row in 0..<rows.count {
        guard let id = rows.value(row: row, column: 0),
          case .array(let items)? = rows.value(row: row, column: 1)
        else { continue }
        let kept = items.compactMap { $0 == old ? new : $0 }
        let update = Update(
          model, where: .compare(key, .equal, id),
          .assign([Assignment(edge.field.name, .array(kept))]), layout: .cells)
        changed += try await store.write(.update(update)).matched
      }
    }
  }

  // MARK: - Reading again

  /// The models in which something of the person is still found.
  func remaining() async throws(PrivataError) -> [String] {
    var found: [String] = []
    let root = graph.root
    let own = Filter.compare(root.model.key.name, .equal, plan.subject.key)
    if let model = root.identity, try await exists(model, own, .identity) {
      found.append(root.model.name)
    }
    if root.shape == .split, let model = root.clinical, let link = plan.subject.link,
      try await exists(model, .compare(root.clinicalKey, .equal, .string(link)), .clinical)
    {
      found.append(root.model.name)
    }
    for edge in graph.edges {
      guard let value = plan.subject.value(edge), !value.isNull else { continue }
      let half: Half = edge.separation.holds(edge.field.name, in: .identity) ? .identity : .clinical
      let model = half == .identity ? edge.separation.identity : edge.separation.clinical
      if let model, try await exists(model, edge.filter(value), half) {
        found.append(edge.separation.model.name)
      }
    }
    return found
  }

  private func exists(
    _ model: ModelSchema, _ filter: Filter, _ half: Half
  ) async throws(PrivataError) -> Bool {
    let query = Query(model, where: filter, answer: .exists, layout: .cells)
    return try await session.store(half).rows(for: query).value(row: 0, column: 0)?.asBool ?? false
  }
}

extension SubjectGraph.Edge {
  /// The rows that refer to a value.
  func filter(_ value: Value) -> Filter {
    guard isArray else { return .compare(field.name, .equal, value) }
    return separation.model.isOpen
      ? .document(Document([.init(key: field.name, value: value)]))
      : .list(field.name, .hasSome, [value])
  }
}

internal import PrivataCore

extension ErasureSteps {
  // MARK: - Rows about the person

  /// Deletes the rows that a filter means with what refers to them; a clinical half of theirs goes
  /// the way of the person's own.
  ///
  /// - Parameter path: the models on the way here, so that a circle of references ends.
  func delete(
    _ edge: SubjectGraph.Edge, where filter: Filter, path: [String]
  ) async throws(PrivataError) -> Int {
    guard let model = edge.physical else { return 0 }
    let separation = edge.separation
    let below = path.contains(separation.model.name) ? [] : graph.edges(to: separation)
    let isSplit = separation.shape == .split && edge.half == .identity
    guard isSplit || !below.isEmpty else {
      let delete = Delete(model, where: filter, layout: .cells)
      return try await session.store(edge.half).write(.delete(delete)).deleted
    }
    var deleted = 0
    while true {
      let rows = try await page(separation, edge.half, filter, below)
      guard !rows.keys.isEmpty else { return deleted }
      try await settle(below, rows, path: path + [separation.model.name])
      if isSplit {
        let fresh = Dictionary(
          rows.links.map { ($0, self.fresh(for: $0)) }, uniquingKeysWith: { first, _ in first })
        _ = try await settleHalves(separation, fresh)
        core.map.remove(pseudonyms: rows.links)
      }
      let own = Filter.oneOf(rows.keyName, rows.keys)
      let delete = Delete(model, where: own, layout: .cells)
      let count = try await session.store(edge.half).write(.delete(delete)).deleted
      guard count > 0 else { return deleted }
      deleted += count
    }
  }

  /// The pseudonyms of the rows that will go with the person: their values are sealed under keys of
  /// their own.
  func links() async throws(PrivataError) -> [String] {
    var links: [String] = []
    for edge in graph.edges where !edge.isClinical && graph.fate(edge) == .delete {
      guard let value = plan.subject.value(edge), !value.isNull else { continue }
      try await collect(edge, where: edge.filter(value), path: [], &links)
    }
    return links
  }

  private func collect(
    _ edge: SubjectGraph.Edge, where filter: Filter, path: [String], _ links: inout [String]
  ) async throws(PrivataError) {
    let separation = edge.separation
    guard !path.contains(separation.model.name), let model = edge.physical else { return }
    let below = graph.edges(to: separation).filter {
      !$0.isClinical && !$0.isArray && graph.fate($0) == .delete
    }
    let hasLink = separation.link != nil && edge.half == .identity
    guard hasLink || !below.isEmpty else { return }
    var last: Value?
    while true {
      let after = last.map { Filter.compare(model.key.name, .greater, $0) } ?? .all
      let rows = try await page(separation, edge.half, filter.and(after), below, isSorted: true)
      links += rows.links
      for edge in below {
        guard let values = rows.targets[edge.target], !values.isEmpty else { continue }
        try await collect(
          edge, where: .oneOf(edge.field.name, values), path: path + [separation.model.name],
          &links)
      }
      guard rows.keys.count == batch, let next = rows.keys.last else { return }
      last = next
    }
  }

  /// Rows that are about to go: their keys, their pseudonyms, and what others refer to them by.
  private struct Page {
    var keyName: String
    var keys: [Value] = []
    var links: [String] = []
    var targets: [String: [Value]] = [:]
  }

  private func page(
    _ separation: Separation, _ half: Half, _ filter: Filter, _ below: [SubjectGraph.Edge],
    isSorted: Bool = false
  ) async throws(PrivataError) -> Page {
    let physical = half == .identity ? separation.identity : separation.clinical
    guard let model = physical else { return Page(keyName: "") }
    var page = Page(keyName: model.key.name)
    let link = half == .identity ? separation.link : nil
    let targets = Set(below.filter { !$0.isClinical }.map(\.target))
      .filter { model.field($0) != nil && $0 != model.key.name }.sorted()
    let names = [model.key.name] + targets + (link.map { [$0] } ?? [])
    var query = Query(model, where: filter, projection: .fields(names), layout: .cells)
    query.limit = batch
    if isSorted { query.sort = [SortKey(model.key.name)] }
    let rows = try await session.store(half).rows(for: query)
    for row in 0..<rows.count {
      if let key = rows.value(row: row, column: 0) {
        page.keys.append(key)
        page.targets[model.key.name, default: []].append(key)
      }
      for (column, name) in targets.enumerated() {
        guard let value = rows.value(row: row, column: column + 1), !value.isNull else { continue }
        page.targets[name, default: []].append(value)
      }
      if link != nil, let text = rows.value(row: row, column: names.count - 1)?.asString {
        page.links.append(text)
      }
    }
    return page
  }

  /// Deals with what refers to rows that are about to go.
  private func settle(
    _ below: [SubjectGraph.Edge], _ rows: Page, path: [String]
  ) async throws(PrivataError) {
    for edge in below {
      let values =
        edge.isClinical ? rows.links.map { .string($0) } : rows.targets[edge.target] ?? []
      guard !values.isEmpty else { continue }
      if edge.isClinical, plan.fresh != nil {
        for link in rows.links {
          let fresh = fresh(for: link).map { Value.string($0) }
          _ = try await replace(.string(link), with: fresh, edge)
        }
      } else if graph.fate(edge) == .delete && !edge.isArray {
        _ = try await delete(edge, where: .oneOf(edge.field.name, values), path: path)
      } else {
        for value in values { _ = try await replace(value, with: nil, edge) }
      }
    }
  }

  // MARK: - References

  /// Puts another value in place of a reference, or none.
  func replace(
    _ old: Value, with new: Value?, _ edge: SubjectGraph.Edge
  ) async throws(PrivataError) -> Int {
    guard let model = edge.physical else { return 0 }
    let store = session.store(edge.half)
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
      query.limit = batch
      let rows = try await store.rows(for: query)
      if rows.count == 0 { return changed }
      let before = changed
      for row in 0..<rows.count {
        guard let id = rows.value(row: row, column: 0),
          case .array(let items)? = rows.value(row: row, column: 1)
        else { continue }
        // Numbers of all widths are one: what the filter finds has to go, or it is found for ever.
        let kept = items.compactMap { $0.lookupKey == old.lookupKey ? new : $0 }
        let update = Update(
          model, where: .compare(key, .equal, id),
          .assign([Assignment(edge.field.name, .array(kept))]), layout: .cells)
        changed += try await store.write(.update(update)).matched
      }
      guard changed > before else {
        throw PrivataError(
          .writeConflict, "references in \(model.name).\(edge.field.name) cannot be taken out",
          fields: [edge.field.name], model: model.name, isRetriable: true)
      }
    }
  }
}

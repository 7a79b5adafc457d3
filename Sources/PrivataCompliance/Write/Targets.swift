internal import PrivataCore

/// The records that a change means, by pseudonym.
struct Targets: Sendable {
  var links: [String] = []

  var isEmpty: Bool { links.isEmpty }
}

extension VaultSession {
  /// Finds the records that a change means: one by the order given, or all.
  func targets(
    _ filter: Filter, sort: [SortKey], isMany: Bool, _ separation: Separation,
    options: QueryOptions?
  ) async throws(PrivataError) -> Targets {
    var query = Query(
      separation.model, where: filter, projection: .fields([separation.link ?? ""]),
      layout: .cells, options: options)
    if !isMany {
      query.sort = sort
      query.limit = 1
    }
    let rows = try await rows(query, separation)
    var targets = Targets()
    for row in 0..<rows.count {
      if let link = rows.value(row: row, column: 0)?.asString { targets.links.append(link) }
    }
    return targets
  }

  /// Runs a step over pseudonyms in batches of bounded size.
  func inBatches(
    _ links: [String], _ body: ([Value]) async throws(PrivataError) -> Void
  ) async throws(PrivataError) {
    let size = core.options.joinBatch
    for start in stride(from: 0, to: links.count, by: size) {
      try await body(links[start..<min(start + size, links.count)].map { .string($0) })
    }
  }

  /// Deletes clinical rows by pseudonym.
  func deleteClinical(
    _ links: [String], _ separation: Separation
  ) async throws(PrivataError) {
    guard let model = separation.clinical else { return }
    try await inBatches(links) { batch async throws(PrivataError) in
      let filter = Filter.oneOf(separation.clinicalKey, batch)
      _ = try await clinical.write(.delete(Delete(model, where: filter, layout: .cells)))
    }
  }
}

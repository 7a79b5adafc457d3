internal import PrivataCore

/// A read that needs both halves.
///
/// The identity store gives the rows and their order, the clinical store the rest by pseudonym, in
/// batches of bounded size. Where clinical conditions are few enough to list, their pseudonyms go to
/// the identity store first, so that it can order, skip and limit by itself.
struct JoinRead {
  let session: VaultSession
  let separation: Separation
  let query: Query
  let needs: ReadNeeds
  let columns: JoinColumns
  /// The clinical part of the filter, ids translated.
  let clinicalFilter: Filter

  init(
    _ session: VaultSession, _ separation: Separation, _ query: Query, _ needs: ReadNeeds,
    _ columns: JoinColumns? = nil
  ) async throws(PrivataError) {
    self.session = session
    self.separation = separation
    self.query = query
    self.needs = needs
    self.columns = columns ?? JoinColumns(query, needs, separation)
    clinicalFilter =
      needs.filter.hasReferences
      ? try await session.translated(needs.filter.clinical, separation) : needs.filter.clinical
  }

  private var batchSize: Int { session.core.options.joinBatch }

  /// True where the identity store can put the rows in order.
  private var isOrderedByIdentity: Bool {
    needs.sort.halves(in: separation) != .clinical && needs.sort.halves(in: separation) != .both
      && !query.sort.contains { $0.isTextScore && needs.filter.identity == .all }
  }

  /// The joined rows that match, in order, within skip and limit; before the final projection.
  func joined() async throws(PrivataError) -> RowBatch {
    var source = IdentitySource(filter: needs.filter.identity)
    if clinicalFilter != .all { source = try await narrowed(source) }
    if source.isEmpty { return RowBatch(width: width) }
    let pages = source.isComplete && needs.filter.residual == .all && isOrderedByIdentity
    let enough = isOrderedByIdentity ? query.limit.map { $0 + query.skip } : nil
    var rows = JoinedRows(batch: RowBatch(width: width))
    let filter = try FilterMatcher(
      needs.filter.residual, model: separation.model, collation: query.options?.collation)
    let chunks = try await IdentityChunks(
      identityQuery(source, pages: pages), on: session.identity, size: batchSize)
    while let chunk = try await chunks.next() {
      let joined = try await join(chunk, source)
      try rows.append(joined, where: filter, isFiltered: needs.filter.residual != .all, self)
      if let enough, !pages, rows.batch.count >= enough { break }
    }
    await chunks.close()
    return pages ? rows.batch : try arranged(rows.batch)
  }

  var width: Int { query.layout == .documents ? 1 : max(columns.names.count, 1) }

  private func identityQuery(_ source: IdentitySource, pages: Bool) -> Query {
    var physical = Query(
      separation.identity ?? separation.model, where: source.filter,
      projection: columns.identity, layout: query.layout, options: query.options)
    if isOrderedByIdentity { physical.sort = query.sort }
    if pages {
      physical.skip = query.skip
      physical.limit = query.limit
    }
    return physical
  }

  // MARK: - The clinical half

  /// Lists the pseudonyms that the clinical conditions leave, where they are few.
  private func narrowed(_ source: IdentitySource) async throws(PrivataError) -> IdentitySource {
    if separation.namesOneRecord(needs.filter.identity) {
      var source = source
      source.isComplete = false
      return source
    }
    var probe = clinicalQuery(clinicalFilter)
    probe.limit = batchSize + 1
    let rows = ClinicalRows(
      try await session.clinical.rows(for: probe), query.layout, separation)
    guard rows.batch.count <= batchSize else {
      return IdentitySource(filter: source.filter, isComplete: false)
    }
    let links = rows.pseudonyms.sorted().map { Value.string($0) }
    return IdentitySource(
      filter: source.filter.and(.oneOf(separation.link ?? "", links)), clinical: rows,
      isEmpty: links.isEmpty)
  }

  private func clinicalQuery(_ filter: Filter) -> Query {
    Query(
      separation.clinical ?? separation.model, where: filter, projection: columns.clinical,
      layout: query.layout, options: query.options.clinical)
  }

  private func clinicalRows(_ links: [Value]) async throws(PrivataError) -> ClinicalRows {
    guard !links.isEmpty else {
      return ClinicalRows(RowBatch(width: 1), query.layout, separation)
    }
    let filter = Filter.oneOf(separation.clinicalKey, links).and(clinicalFilter)
    let batch = try await session.clinical.rows(for: clinicalQuery(filter))
    return ClinicalRows(batch, query.layout, separation)
  }

  // MARK: - Joining

  private func join(
    _ chunk: RowBatch, _ source: IdentitySource
  ) async throws(PrivataError) -> RowBatch {
    var links: [String?] = []
    for row in 0..<chunk.count {
      links.append(
        chunk.link(row: row, column: columns.linkColumn, .identity, query.layout, separation))
    }
    let values = links.compactMap { $0.map { Value.string($0) } }
    let clinical: ClinicalRows
    if let known = source.clinical {
      clinical = known
    } else {
      clinical = try await clinicalRows(values)
    }
    let persons = try await session.persons(
      behind: clinical.references(columns, query.layout, separation))
    var joiner = RowJoin(separation, columns, query.layout, persons)
    let isInner = clinicalFilter != .all
    if query.layout == .cells, columns.references.isEmpty {
      let matches = chunk.matches(column: columns.linkColumn, in: clinical.batch, column: 0)
      return chunk.joined(
        with: clinical.batch, matches: matches, places: columns.places, isInner: isInner)
    }
    for (row, link) in links.enumerated() {
      let match = link.flatMap { clinical[$0] }
      if match == nil && isInner { continue }
      joiner.append(chunk, row, clinical.batch, match)
    }
    return joiner.rows
  }

  // MARK: - Ordering in Swift

  /// Orders, skips and limits rows that no single store could.
  private func arranged(_ batch: RowBatch) throws(PrivataError) -> RowBatch {
    var order = Array(0..<batch.count)
    if !isOrderedByIdentity { order = try sorted(batch) }
    let start = min(query.skip, order.count)
    let end = query.limit.map { min(start + $0, order.count) } ?? order.count
    if start == 0, end == batch.count, isOrderedByIdentity { return batch }
    return batch.picking(Array(order[start..<end]), width: batch.width)
  }

  private func sorted(_ batch: RowBatch) throws(PrivataError) -> [Int] {
    let sorting = RowSorting(query, session.identity.traits.kind)
    return try sorting.order(batch.documents(naming: columns.names, layout: query.layout))
  }
}

/// What drives a joined read: which identity rows, and what is known of their clinical rows.
struct IdentitySource {
  var filter: Filter
  /// The clinical rows, where they were listed before.
  var clinical: ClinicalRows?
  /// True where every identity row that matches is in the answer.
  var isComplete = true
  var isEmpty = false
}

extension Optional<QueryOptions> {
  /// What of the options the clinical store should know.
  var clinical: QueryOptions? {
    guard var options = self else { return nil }
    // A hint names an index of the identity half.
    options.hint = nil
    return options
  }
}

internal import PrivataCore
internal import Synchronization

/// One query over all regions, answered as one store would.
struct RegionalRead {
  let access: RegionalAccess
  let query: Query

  init(_ access: RegionalAccess, _ query: Query) {
    self.access = access
    var query = query
    query.limit = query.limit == 0 ? nil : query.limit.map { abs($0) }
    self.query = query
  }

  /// The answer; asked again where somebody changed the region meanwhile, so that nobody is counted
  /// twice or missed.
  func rows() async throws(PrivataError) -> RowBatch {
    while true {
      let version = access.regions.version.load(ordering: .acquiring)
      let answer = try await attempt()
      if access.regions.version.load(ordering: .acquiring) == version { return answer }
    }
  }

  private func attempt() async throws(PrivataError) -> RowBatch {
    if query.filter.record(of: query.model) != nil {
      var member = try access.members()[0]
      if let holder = try await access.holder(of: query.filter, query.model) { member = holder }
      return try await rows(in: member, query)
    }
    let members = try await access.admitted(query.model)
    if members.count == 1 { return try await rows(in: members[0], query) }
    switch query.answer {
    case .rows: return try await merged(members)
    case .count: return try await count(members)
    case .exists: return try await exists(members)
    case .distinct(let path): return try await distinct(path, members)
    }
  }

  /// The answer of one region.
  private func rows(
    in member: VaultRegions.Member, _ query: Query
  ) async throws(PrivataError) -> RowBatch {
    var query = query
    query.filter = access.visible(query.filter, query.model, in: member.region)
    return try await access.store(member).rows(for: query)
  }

  // MARK: - Single values

  private func count(_ members: [VaultRegions.Member]) async throws(PrivataError) -> RowBatch {
    var whole = query
    (whole.skip, whole.limit, whole.sort) = (0, nil, [])
    var total = 0
    for member in members {
      total += try await rows(in: member, whole).value(row: 0, column: 0)?.asInt ?? 0
    }
    let left = max(0, total - query.skip)
    return RowBatch(single: .int64(Int64(query.limit.map { min($0, left) } ?? left)))
  }

  private func exists(_ members: [VaultRegions.Member]) async throws(PrivataError) -> RowBatch {
    for member in members {
      let found = try await rows(in: member, query)
      if found.value(row: 0, column: 0)?.asBool == true { return found }
    }
    return RowBatch(single: false)
  }

  private func distinct(
    _ path: String, _ members: [VaultRegions.Member]
  ) async throws(PrivataError) -> RowBatch {
    var values = try DistinctValues("value", collation: query.options?.collation)
    for member in members {
      let found = try await rows(in: member, query)
      for row in 0..<found.count {
        // In a list, so that a value that is one itself stays whole.
        guard let value = found.value(row: row, column: 0) else { continue }
        values.add(["value": [value]])
      }
    }
    return RowBatch(column: values.values)
  }

  // MARK: - Rows

  private func merged(_ members: [VaultRegions.Member]) async throws(PrivataError) -> RowBatch {
    let shape = try RegionalShape(query)
    var part = shape.query
    part.skip = 0
    part.limit = query.limit.map { $0 + query.skip }
    var all: RowBatch?
    for member in members {
      let found = try await rows(in: member, part)
      if all == nil { all = RowBatch(width: found.width) }
      for row in 0..<found.count { all?.append(row: row, of: found) }
      // Without an order the first regions may have enough.
      guard query.sort.isEmpty, let limit = part.limit else { continue }
      part.limit = max(0, limit - found.count)
      if part.limit == 0 { break }
    }
    guard let all else { return RowBatch(width: 1) }
    return try shape.answer(all, access.regions.home.core.identityStore.traits.kind)
  }
}

/// What is asked of each region so that the rows of all can be put in order, and how they become the
/// caller's.
struct RegionalShape {
  let query: Query
  private let original: Query
  /// The names of the cells.
  private let names: [String]
  private let width: Int

  init(_ query: Query) throws(PrivataError) {
    original = query
    var asked = query
    let roots = query.sort.map { Separation.root(of: $0.path) }
    if let key = query.sort.first(where: \.isTextScore) {
      throw PrivataError(
        .unsupported, "the regions cannot be put in one order by text score: ask one region",
        fields: [key.path], model: query.model.name)
    }
    switch query.layout {
    case .cells:
      var names = query.model.fields.map(\.name)
      if case .fields(let chosen) = query.projection { names = chosen }
      width = names.count
      for root in roots where !names.contains(root) { names.append(root) }
      self.names = names
      asked.projection = .fields(names)
    case .documents:
      names = []
      width = 1
      asked.projection = Self.widened(query.projection, roots)
    }
    self.query = asked
  }

  /// A projection with what the order needs.
  private static func widened(_ projection: Projection, _ roots: [String]) -> Projection {
    if roots.isEmpty { return projection }
    switch projection {
    case .all: return .all
    case .fields(let names): return .fields(names + roots.filter { !names.contains($0) })
    case .document: return .all
    }
  }

  /// The rows of all regions in the caller's order, page and form.
  func answer(_ all: RowBatch, _ kind: StoreTraits.Kind) throws(PrivataError) -> RowBatch {
    let sorting = RowSorting(original, kind)
    var order = Array(0..<all.count)
    if !original.sort.isEmpty {
      order = try sorting.order(all.documents(naming: names, layout: original.layout))
    }
    let page = all.picking(sorting.page(order), width: width)
    guard original.layout == .documents, query.projection != original.projection else {
      return page
    }
    return try page.projected(for: original)
  }
}

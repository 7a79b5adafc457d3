internal import PrivataCore

extension VaultSession {
  /// Answers a query from the half that can, or from both.
  func rows(
    _ query: Query, _ separation: Separation
  ) async throws(PrivataError) -> RowBatch {
    let shape = separation.shapes.shape(of: query, separation)
    var query = query
    // As in MongoDB, a limit of zero is none, and the sign of one says nothing about its size.
    if let limit = query.limit, limit <= 0 { query.limit = limit == 0 ? nil : abs(limit) }
    guard query.skip >= 0 else {
      throw .rejected(51024, "BSON field 'skip' value must be >= 0", as: .rejectedByStore)
    }
    if shape.isDirect, isBounded(query, separation) {
      return try await DirectJoin(self, separation, query, shape).rows()
    }
    let needs = shape.needs(of: query)
    if let half = shape.half {
      return try await HalfRead(self, separation, query, needs, half).rows()
    }
    if separation.shape == .clinicalOnly {
      return try await ClinicalScan(self, separation, query, needs).rows()
    }
    switch query.answer {
    case .rows:
      let read = try await JoinRead(self, separation, query, needs, shape.columns)
      return try read.projected(try await read.joined())
    case .count: return try await joinedCount(query, separation)
    case .exists: return try await joinedExists(query, separation)
    case .distinct(let path): return try await joinedDistinct(path, query, separation)
    }
  }

  /// True where the answer is small enough to be joined at once.
  private func isBounded(_ query: Query, _ separation: Separation) -> Bool {
    if let limit = query.limit { return limit <= core.options.joinBatch }
    if case .isIn(let field, let values) = query.filter, separation.isUnique(field) {
      return values.count <= core.options.joinBatch
    }
    return separation.namesOneRecord(query.filter)
  }

  private func joinedCount(
    _ query: Query, _ separation: Separation
  ) async throws(PrivataError) -> RowBatch {
    var unordered = query
    unordered.sort = []
    let joined = try await joined(unordered, separation)
    return RowBatch(single: .int64(Int64(joined.rows.count)))
  }

  private func joinedExists(
    _ query: Query, _ separation: Separation
  ) async throws(PrivataError) -> RowBatch {
    var first = query
    first.sort = []
    first.skip = 0
    first.limit = 1
    return RowBatch(single: .bool(try await !joined(first, separation).rows.isEmpty))
  }

  private func joinedDistinct(
    _ path: String, _ query: Query, _ separation: Separation
  ) async throws(PrivataError) -> RowBatch {
    // Distinct values are those of all matching records, as in MongoDB.
    var whole = query
    whole.sort = []
    whole.skip = 0
    whole.limit = nil
    let (joined, names) = try await joined(whole, separation)
    var values = try DistinctValues(path, collation: query.options?.collation)
    for document in joined.documents(naming: names, layout: query.layout) {
      values.add(document)
    }
    return RowBatch(column: values.values)
  }

  private func joined(
    _ query: Query, _ separation: Separation
  ) async throws(PrivataError) -> (rows: RowBatch, names: [String]) {
    let read = try await JoinRead(
      self, separation, query, ReadNeeds(query, in: separation))
    return (try await read.joined(), read.columns.names)
  }
}

extension JoinRead {
  /// The joined rows with the answer's fields only.
  func projected(_ rows: RowBatch) throws(PrivataError) -> RowBatch {
    switch query.layout {
    case .cells:
      guard columns.answered < columns.names.count else { return rows }
      return rows.picking(Array(0..<rows.count), width: columns.answered)
    case .documents:
      guard query.projection != .all else { return rows }
      return try rows.projected(for: query)
    }
  }
}

extension RowBatch {
  /// Documents with the fields that a query asks for.
  func projected(for query: Query) throws(PrivataError) -> RowBatch {
    var filter: Document?
    if case .document(let conditions) = query.filter { filter = conditions }
    let projector = try DocumentProjector(query.projection, filter: filter)
    var projected = RowBatch(width: 1)
    projected.reserve(rows: count)
    for document in documents {
      projected.append(.document, bytes: try projector.project(document).bson)
    }
    return projected
  }
}

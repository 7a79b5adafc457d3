internal import PrivataCore

extension SealedAccess {
  /// Answers a query in pieces, each opened as it comes.
  func stream(
    _ query: Query, on store: any StreamingStore, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    try checkOrder(query.sort)
    let filter = try await sealed(query.filter, collation: query.options?.collation)
    let beside = filter.isResidual ? FieldUse.of(query.filter).names : []
    let shape = try shape(query.projection, query.layout, beside: beside)
    var physical = query
    physical.model = plan.physical
    physical.filter = filter.physical
    physical.projection = shape.projection
    var residual: ResidualFilter?
    if filter.isResidual {
      residual = try ResidualFilter(query.filter, plan, shape.columns, query.layout)
      physical.skip = 0
      physical.limit = nil
    }
    let inner = try await store.stream(physical, batchSize: batchSize)
    return SealedStream(inner, self, shape, query, residual)
  }
}

/// A stream whose pieces are opened as they come.
private actor SealedStream: RowStream {
  private let inner: any RowStream
  private let access: SealedAccess
  private let shape: SealedShape
  private let query: Query
  private let residual: ResidualFilter?
  private var toSkip: Int
  private var left: Int

  init(
    _ inner: any RowStream, _ access: SealedAccess, _ shape: SealedShape, _ query: Query,
    _ residual: ResidualFilter?
  ) {
    self.inner = inner
    self.access = access
    self.shape = shape
    self.query = query
    self.residual = residual
    toSkip = query.skip
    left = query.limit ?? Int.max
  }

  func next() async throws(PrivataError) -> RowBatch? {
    while let batch = try await inner.next() {
      var rows = try await access.opened(batch, shape, query.layout)
      if let residual {
        if left == 0 {
          await inner.close()
          return nil
        }
        rows = try residual.matching(rows)
        let start = min(toSkip, rows.count)
        let end = min(rows.count, left > rows.count - start ? rows.count : start + left)
        toSkip -= start
        left -= end - start
        rows = rows.picking(Array(start..<end), width: rows.width)
        if rows.isEmpty { continue }
      }
      return try access.projected(rows, shape, query)
    }
    return nil
  }

  func close() async { await inner.close() }
}

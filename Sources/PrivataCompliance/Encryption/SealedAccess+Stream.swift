internal import PrivataCore

extension SealedAccess {
  /// Answers a query in pieces, each opened as it comes.
  func stream(
    _ query: Query, on store: any StreamingStore, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    try checkOrder(query.sort)
    let filter = try await sealed(query.filter, collation: query.options?.collation)
    let beside = filter.isResidual ? FieldUse.of(query.filter).names : []
    let shape = try SealedShape(query.projection, query.layout, plan, beside: beside)
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

  /// A pipeline that reads nothing encrypted: what comes first may find records by tags, and the
  /// rest does not see encrypted fields.
  ///
  /// - Throws: `unsupported` for a pipeline that computes with an encrypted field, or would answer
  ///   records without theirs.
  func sealed(_ stages: [Document]) async throws(PrivataError) -> [Document] {
    var sealed: [Document] = []
    var rest = stages[...]
    while let stage = rest.first, stage.keys == ["$match"] || stage.keys == ["$unset"] {
      rest = rest.dropFirst()
      guard let filter = stage["$match"]?.asDocument else {
        sealed.append(stage)
        continue
      }
      let match = try await self.sealed(.document(filter))
      guard !match.isResidual, case .document(let physical) = match.physical else {
        throw SealedFilter.refused(
          plan.fields[0].name, plan, "matched by a short tag in a pipeline", "use find")
      }
      sealed.append(["$match": .document(physical)])
    }
    for stage in rest {
      guard let field = plan.fields.first(where: { stage.names($0.name) }) else { continue }
      throw SealedFilter.refused(
        field.name, plan, "computed with in a pipeline", "read with find and compute in the program"
      )
    }
    let shapes: Set<String> = [
      "$group", "$count", "$sortByCount", "$bucket", "$bucketAuto", "$project", "$replaceRoot",
      "$replaceWith",
    ]
    guard rest.contains(where: { $0.keys.contains(where: shapes.contains) }) else {
      throw SealedFilter.refused(
        plan.fields[0].name, plan, "answered by a pipeline", "read the records with find")
    }
    let gone = (plan.fields.map(\.name) + plan.hidden.sorted()).map { Value.string($0) }
    return sealed + [["$unset": .array(gone)]] + rest
  }
}

extension Document {
  /// True where a key or a path in it names a field.
  fileprivate func names(_ field: String) -> Bool {
    elements.contains { element in
      Separation.root(of: element.key) == field || element.value.names(field)
    }
  }
}

extension Value {
  fileprivate func names(_ field: String) -> Bool {
    switch self {
    case .string(let text):
      text.utf8.first == 0x24
        && (Separation.root(of: String(text.dropFirst())) == field
          || text.hasPrefix("$$") && text.contains(".\(field)"))
    case .document(let document): document.names(field)
    case .array(let values): values.contains { $0.names(field) }
    default: false
    }
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

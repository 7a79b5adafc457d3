internal import PrivataCore

extension MemoryState {
  /// Answers a query from this state.
  func rows(for query: Query) throws(PrivataError) -> RowBatch {
    guard query.skip >= 0 else {
      throw .rejected(51024, "BSON field 'skip' value must be >= 0", as: .rejectedByStore)
    }
    let table = try table(query.model)
    let collation = query.options?.collation
    let matcher = try FilterMatcher(query.filter, model: query.model, collation: collation)
    let language = try FilterMatcher.documentMatcher(
      query.filter, model: query.model, collation: collation)
    var found: [Document] = []
    let needsAll = !query.sort.isEmpty
    let bound = query.limit.map { $0 == 0 ? Int.max : query.skip + abs($0) } ?? Int.max
    let rows = MemoryRows(model: query.model, layout: query.layout)
    for row in table.candidates(for: query.filter) where try matcher.matches(row.document) {
      found.append(row.document)
      if query.answer == .exists { break }
      if !needsAll, found.count >= bound, query.answer != .count { break }
    }
    switch query.answer {
    case .exists: return MemoryRows.single(.bool(!found.isEmpty))
    case .count: return MemoryRows.single(.int64(Int64(Self.page(found, query).count)))
    case .distinct(let path):
      var values = try DistinctValues(path, collation: collation)
      for document in found { values.add(document) }
      return MemoryRows.column(values.values)
    case .rows:
      let sorted = try DocumentSorter(query.sort, collation: collation, matcher: language)
        .sorted(found)
      return try rows.batch(Self.page(sorted, query), query.projection, language)
    }
  }

  private static func page(_ documents: [Document], _ query: Query) -> ArraySlice<Document> {
    if case .distinct = query.answer { return documents[...] }
    let rest = documents.dropFirst(query.skip)
    // As in MongoDB, a limit of zero is none.
    guard let limit = query.limit, limit != 0 else { return rest }
    return rest.prefix(abs(limit))
  }
}

/// Documents as rows, in the layout that is asked for.
struct MemoryRows {
  let model: ModelSchema
  let layout: RowLayout

  /// The rows of these documents.
  func batch(
    _ documents: some Collection<Document>, _ projection: Projection, _ matcher: DocumentMatcher?
  ) throws(PrivataError) -> RowBatch {
    switch layout {
    case .documents:
      let projector = try DocumentProjector(projection, matcher: matcher)
      var batch = RowBatch(width: 1)
      batch.reserve(rows: documents.count)
      for document in documents { batch.append(.document(try projector.project(document))) }
      return batch
    case .cells:
      switch projection {
      case .all: return cells(documents, model.fields.map(\.name))
      case .fields(let names): return cells(documents, names)
      case .document:
        throw PrivataError(.badArgument, "MongoDB's projections answer documents, not cells")
      }
    }
  }

  /// One cell per field.
  func cells(_ documents: some Collection<Document>, _ names: [String]) -> RowBatch {
    var batch = RowBatch(width: max(1, names.count))
    batch.reserve(rows: documents.count)
    for document in documents {
      for name in names {
        // A column without a value reads as null where the model is closed.
        batch.append(document[name] ?? (model.isOpen ? Value?.none : .null))
      }
    }
    return batch
  }

  static func single(_ value: Value) -> RowBatch { column([value]) }

  static func column(_ values: [Value]) -> RowBatch {
    var batch = RowBatch(width: 1)
    for value in values { batch.append(value) }
    return batch
  }
}

internal import PrivataCore

/// Picks the records that a filter means out of candidates, in order.
struct RecordSelection: Sendable {
  let matcher: FilterMatcher?
  let sorter: DocumentSorter?

  /// `language` is the whole filter, whose text search a sort may refer to.
  init(
    _ model: ModelSchema, _ filter: Filter, sort: [SortKey], language: Filter? = nil,
    collation: Document?
  ) throws(PrivataError) {
    matcher =
      filter == .all
      ? nil : try FilterMatcher(filter, model: model, collation: collation)
    let language = try FilterMatcher.documentMatcher(
      language ?? filter, model: model, collation: collation)
    sorter =
      sort.isEmpty
      ? nil : try DocumentSorter(sort, collation: collation, matcher: language)
  }

  func select(_ candidates: [Document]) throws(PrivataError) -> [Document] {
    let matching = try matching(candidates)
    guard let sorter else { return matching }
    return try sorter.sorted(matching)
  }

  func matching(_ candidates: [Document]) throws(PrivataError) -> [Document] {
    guard let matcher else { return candidates }
    var matching: [Document] = []
    for candidate in candidates where try matcher.matches(candidate) { matching.append(candidate) }
    return matching
  }
}

/// Gives records the form that a query or write answers.
struct RecordProjection: Sendable {
  private let layout: TableLayout
  private let rows: RowLayout
  private let fields: [String]
  private let projector: DocumentProjector

  init(
    _ layout: TableLayout, _ projection: Projection, _ rows: RowLayout, filter: Filter,
    collation: Document?
  ) throws(PrivataError) {
    self.layout = layout
    self.rows = rows
    fields = rows == .cells ? try ReadPlan.fields(projection, layout) : []
    let matcher = try FilterMatcher.documentMatcher(
      filter, model: layout.model, collation: collation)
    projector = try DocumentProjector(rows == .cells ? .all : projection, matcher: matcher)
  }

  func rows(_ documents: [Document]) throws(PrivataError) -> RowBatch {
    var batch = RowBatch(width: rows == .cells ? max(1, fields.count) : 1)
    for document in documents {
      switch rows {
      case .documents:
        batch.append(.document, bytes: try projector.project(document).bson)
      case .cells:
        for field in fields { batch.append(document[field] ?? missing) }
      }
    }
    return batch
  }

  /// Typed models know null alone.
  private var missing: Value? { layout.isOpen ? nil : .null }
}

/// Changes records in the engine.
struct RecordChange: Sendable {
  private let update: Update
  private let updater: DocumentUpdater
  private let matcher: DocumentMatcher?

  init(_ update: Update, _ layout: TableLayout, now: DateTime) throws(PrivataError) {
    self.update = update
    updater = try DocumentUpdater(
      update.changes, arrayFilters: update.arrayFilters, collation: update.options?.collation,
      now: now)
    matcher = try FilterMatcher.documentMatcher(
      update.filter, model: update.model, collation: update.options?.collation)
  }

  func apply(to document: Document) throws(PrivataError) -> Document {
    try updater.apply(to: document, matching: matcher)
  }

  /// The record that an upsert inserts.
  func upserted(key: LayoutColumn?) throws(PrivataError) -> Document {
    let makesID = key?.type == .objectID || key?.type == .any
    return try updater.upsert(from: update.filter, key: makesID ? key?.field : nil)
  }
}

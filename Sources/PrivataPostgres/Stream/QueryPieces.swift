internal import PrivataCore
internal import PrivataSQL

/// Turns pieces of a statement's rows into pieces of a query's answer.
struct QueryPieces: Sendable {
  private let plan: ReadPlan
  /// The query without its page, where the page is cut here.
  private let query: Query
  private let size: Int
  private var skip: Int
  private var left: Int
  /// Collects everything, where the engine has to sort.
  private var collector: ReadFinisher?
  private var ready: RowBatch?
  private var position = 0
  /// True once no more rows are wanted.
  private(set) var isDone = false

  init(_ plan: ReadPlan, _ query: Query, size: Int) throws(PrivataError) {
    self.plan = plan
    self.size = size
    var whole = query
    var pagesHere = false
    if case .candidates(_, let residual) = plan.rows {
      pagesHere = residual.pages
      if residual.sorts { collector = try ReadFinisher(plan, query) }
    }
    if pagesHere, collector == nil {
      whole.skip = 0
      whole.limit = nil
      skip = query.skip
      left = query.limit ?? Int.max
    } else {
      skip = 0
      left = Int.max
    }
    self.query = whole
  }

  /// Takes the next rows of the statement, none for its end.
  mutating func take(_ rows: RowBatch) throws(PrivataError) {
    let isLast = rows.count < size
    if var collecting = collector {
      _ = try collecting.take(rows)
      if isLast { ready = try collecting.finish() }
      collector = isLast ? nil : collecting
    } else {
      var finisher = try ReadFinisher(plan, query)
      _ = try finisher.take(rows)
      ready = page(try finisher.finish())
    }
    position = 0
    if isLast || left == 0 { isDone = true }
  }

  /// Cuts what lies outside of the page.
  private mutating func page(_ rows: RowBatch) -> RowBatch {
    let start = min(skip, rows.count)
    let end = start + min(left, rows.count - start)
    skip -= start
    if left != Int.max { left -= end - start }
    return start == 0 && end == rows.count ? rows : rows.rows(start..<end)
  }

  /// The next piece that is ready.
  mutating func next() -> RowBatch? {
    guard let rows = ready, position < rows.count else {
      ready = nil
      return nil
    }
    defer { position += size }
    if position == 0, rows.count <= size { return rows }
    return rows.rows(position..<min(position + size, rows.count))
  }
}

extension RowBatch {
  /// A copy of some rows.
  fileprivate func rows(_ range: Range<Int>) -> RowBatch {
    var batch = RowBatch(width: width)
    for row in range { batch.append(row: row, of: self) }
    return batch
  }
}

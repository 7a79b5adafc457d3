internal import PrivataCore
internal import PrivataSQL

extension SQLiteSession {
  /// Rows that the engine looks at before it asks for the next.
  private static let batchSize = 256

  /// The answer of a query.
  func rows(
    _ query: Query, _ plan: ReadPlan, _ observer: (any StatementObserver)?
  ) throws(PrivataError) -> RowBatch {
    watch.clear()
    if let limit = query.options?.maxTimeMilliseconds, limit > 0 {
      watch.deadline = SQLiteClock.after(milliseconds: limit)
    }
    let statement = plan.compiled.statement(
      filter: query.filter, skip: query.skip, limit: query.pageLimit)
    if case .answer = plan.rows { return try run(statement, observer).rows }
    var finisher = try ReadFinisher(plan, query)
    try read(statement, observer, batch: Self.batchSize) { rows throws(PrivataError) in
      try finisher.take(rows)
    }
    return try finisher.finish()
  }
}

internal import PrivataCore
internal import PrivataSQL

extension SQLiteSession {
  /// Rows that the engine looks at before it asks for the next.
  private static let batchSize = 256

  /// The answer of a query.
  func rows(
    _ query: Query, _ plan: ReadPlan, _ observer: (any StatementObserver)?
  ) throws(PrivataError) -> RowBatch {
    if case .answer = plan.rows { return try answer(plan.compiled, query, observer) }
    if query.takesRows, case .documents(let form) = plan.rows {
      var rows = try answer(plan.compiled, query, observer)
      rows.shape = form.shape
      return rows
    }
    watch(query)
    let statement = try start(plan.compiled, query, observer)
    defer { statement.reset() }
    switch plan.rows {
    case .documents(let form) where statement.isDirect:
      var documents = RowBatch(width: 1)
      reserve(&documents, statement)
      _ = try step(statement, upTo: Int.max, as: form, into: &documents)
      statement.noteUse(documents)
      return documents
    default: return try finished(query, plan, statement)
    }
  }

  /// The rows of a statement that are the answer as they are.
  func answer(
    _ compiled: SQLCompiled, _ query: Query, _ observer: (any StatementObserver)?
  ) throws(PrivataError) -> RowBatch {
    watch(query)
    let statement = try start(compiled, query, observer)
    defer { statement.reset() }
    var rows = RowBatch(width: max(1, statement.columnCount))
    reserve(&rows, statement)
    _ = try step(statement, upTo: Int.max, into: &rows)
    statement.noteUse(rows)
    return rows
  }

  @inline(__always)
  private func watch(_ query: Query) {
    let limit = query.options?.maxTimeMilliseconds
    if watch.isSet || limit != nil { watch(limit) }
  }

  private func watch(_ milliseconds: Int?) {
    watch.clear()
    if let milliseconds, milliseconds > 0 {
      watch.deadline = SQLiteClock.after(milliseconds: milliseconds)
    }
  }

  /// Makes room for as much as the statement's last answer took.
  private func reserve(_ rows: inout RowBatch, _ statement: SQLiteStatement) {
    rows.reserve(rows: statement.usualRows, bytes: statement.usualBytes)
  }

  private func finished(
    _ query: Query, _ plan: ReadPlan, _ statement: SQLiteStatement
  ) throws(PrivataError) -> RowBatch {
    var finisher = try ReadFinisher(plan, query)
    var hasMore = true
    while hasMore {
      var rows = RowBatch(width: max(1, statement.columnCount))
      hasMore = try step(statement, upTo: Self.batchSize, into: &rows)
      guard try finisher.take(rows) else { break }
    }
    return try finisher.finish()
  }
}

package import PrivataCore

/// Turns the rows of a read's statement into the answer, batch by batch, so that only what the
/// answer needs is kept.
///
/// ```swift
/// var finisher = try ReadFinisher(plan, query)
/// while let columns = try cursor.next(), try finisher.take(columns) {}
/// return try finisher.finish()
/// ```
package struct ReadFinisher: Sendable {
  private let plan: ReadPlan
  private let query: Query
  private let selection: RecordSelection?
  private let projection: RecordProjection?
  private var kept: [Document] = []
  private var answer: RowBatch?
  private var skipped = 0
  private var counted = 0
  /// What was finished and not yet handed out, for streams.
  private var rest: RowBatch?
  private var restStart = 0
  private var isFinished = false

  package init(_ plan: ReadPlan, _ query: Query) throws(PrivataError) {
    self.plan = plan
    self.query = query
    guard case .candidates(_, let residual) = plan.rows else {
      selection = nil
      projection = nil
      return
    }
    let layout = plan.bound.layout
    let isRows = query.answer == .rows
    selection = try RecordSelection(
      layout.model, residual.matches ? query.filter : .all,
      sort: residual.sorts && isRows ? query.sort : [], language: query.filter,
      collation: query.options?.collation)
    projection =
      isRows
      ? try RecordProjection(
        layout, query.projection, query.layout, filter: query.filter,
        collation: query.options?.collation) : nil
  }

  /// Takes the next rows of columns; false once no more are needed.
  package mutating func take(_ columns: RowBatch) throws(PrivataError) -> Bool {
    switch plan.rows {
    case .answer:
      if answer == nil {
        answer = columns
      } else {
        for row in 0..<columns.count { answer?.append(row: row, of: columns) }
      }
      return true
    case .documents(let form):
      var documents = answer ?? RowBatch(width: 1)
      answer = nil
      for row in 0..<columns.count { form.append(row: row, of: columns, to: &documents) }
      answer = documents
      return true
    case .candidates(let form, let residual):
      return try take(form.documents(columns), residual)
    }
  }

  private mutating func take(
    _ candidates: [Document], _ residual: ReadPlan.Residual
  ) throws(PrivataError) -> Bool {
    let matching = try selection?.matching(candidates) ?? candidates
    guard residual.pages, selection?.sorter == nil, !isDistinct else {
      kept += matching
      return true
    }
    for document in matching {
      if skipped < query.skip {
        skipped += 1
        continue
      }
      if let limit = query.pageLimit, counted >= limit { return false }
      counted += 1
      if query.answer == .rows { kept.append(document) }
      if query.answer == .exists { return false }
    }
    return query.pageLimit.map { counted < $0 } ?? true
  }

  private var isDistinct: Bool {
    if case .distinct = query.answer { true } else { false }
  }

  /// A piece of the answer, of at most that many rows, as soon as there are so many or no more to
  /// come; `nil` where more rows are needed, and at the end.
  package mutating func piece(
    _ size: Int, isLast: Bool
  ) throws(PrivataError) -> RowBatch? {
    if sortsHere, !isLast { return nil }
    if rest == nil {
      guard isLast || gathered >= size, !isFinished else { return nil }
      isFinished = isLast
      rest = try finish()
      answer = nil
      kept = []
      restStart = 0
    }
    guard let whole = rest else { return nil }
    var piece = RowBatch(width: whole.width)
    let end = min(whole.count, restStart + size)
    for row in restStart..<end { piece.append(row: row, of: whole) }
    restStart = end
    if end == whole.count { rest = nil }
    return piece.isEmpty ? nil : piece
  }

  /// The rows that wait to be handed out.
  private var gathered: Int { max(kept.count, answer?.count ?? 0) }

  private var sortsHere: Bool { selection?.sorter != nil || query.answer != .rows }

  /// The answer.
  package mutating func finish() throws(PrivataError) -> RowBatch {
    guard case .candidates(_, let residual) = plan.rows else {
      return answer ?? RowBatch(width: width)
    }
    var batch = RowBatch(width: 1)
    switch query.answer {
    case .count: batch.append(int64: Int64(counted))
    case .exists: batch.append(bool: counted > 0)
    case .distinct(let path):
      var values = try DistinctValues(path, collation: query.options?.collation)
      for document in kept { values.add(document) }
      for value in values.values { batch.append(value) }
    case .rows:
      var documents = kept
      if let sorter = selection?.sorter {
        documents = try sorter.sorted(documents)
        if residual.pages {
          documents = Array(documents.dropFirst(query.skip).prefix(query.pageLimit ?? Int.max))
        }
      }
      return try projection?.rows(documents) ?? batch
    }
    return batch
  }

  private var width: Int {
    if case .answer = plan.rows { return max(1, plan.compiled.template.columns?.count ?? 1) }
    return 1
  }
}

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
      sort: residual.sorts && isRows ? query.sort : [], collation: query.options?.collation)
    projection = isRows
      ? try RecordProjection(layout, query.projection, query.layout, filter: query.filter) : nil
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
      if let limit = query.limit, counted >= limit { return false }
      counted += 1
      if query.answer == .rows { kept.append(document) }
      if query.answer == .exists { return false }
    }
    return query.limit.map { counted < $0 } ?? true
  }

  private var isDistinct: Bool {
    if case .distinct = query.answer { true } else { false }
  }

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
      for value in try DistinctValues(path, kept).values { batch.append(value) }
    case .rows:
      var documents = kept
      if let sorter = selection?.sorter {
        documents = try sorter.sorted(documents)
        if residual.pages {
          documents = Array(documents.dropFirst(query.skip).prefix(query.limit ?? Int.max))
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

/// The distinct values of a path, as MongoDB's `distinct` answers them: the elements of arrays, in
/// the order in which they are first met.
struct DistinctValues {
  let values: [Value]

  init(_ path: String, _ documents: [Document]) throws(PrivataError) {
    let path = DottedPath(path)
    var met: [Value] = []
    for document in documents {
      try path.visit(document, leafArrays: false) { value, _ throws(PrivataError) in
        switch value {
        case .array(let items)?: met += items
        case let value?: met.append(value)
        case nil: break
        }
        return false
      }
    }
    values = Self.distinct(met)
  }

  private static func distinct(_ met: [Value]) -> [Value] {
    let sorted = met.indices.sorted { a, b in
      let order = Value.order(met[a], met[b])
      return order == 0 ? a < b : order < 0
    }
    var first: [Int] = []
    for index in sorted where first.last.map({ !Value.equals(met[$0], met[index]) }) ?? true {
      first.append(index)
    }
    return first.sorted().map { met[$0] }
  }
}

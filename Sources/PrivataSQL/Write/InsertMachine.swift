package import PrivataCore

/// Adds records: one statement each, in a transaction where there are several.
package struct InsertMachine: SQLWriteMachine {
  private let insert: Insert
  private let plan: InsertPlan
  private var phase = Phase.start
  private var documents: [Document] = []

  private enum Phase: Sendable { case start, insert, count }

  package init(_ insert: Insert, _ plan: InsertPlan) {
    self.insert = insert
    self.plan = plan
  }

  package var isLastRun: Bool { phase == .count }

  package mutating func next(
    _ results: [Result<SQLResult, PrivataError>]
  ) throws(PrivataError) -> SQLStep {
    switch phase {
    case .start where insert.rows.count == 0: return .done(WriteOutcome())
    case .start where insert.rows.count > 1:
      phase = .insert
      return .transaction
    case .start, .insert:
      phase = .count
      return .run(try statements(), collecting: !insert.isOrdered)
    case .count: return .done(try outcome(results))
    }
  }

  private mutating func statements() throws(PrivataError) -> [SQLStatement] {
    var changes: Changes?
    if case .update(_, let conflicting) = insert.onConflict { changes = conflicting }
    var statements: [SQLStatement] = []
    statements.reserveCapacity(insert.rows.count)
    switch insert.rows {
    case .documents(let documents):
      for document in documents {
        let row = try split(document)
        statements.append(plan.statement(row, changes))
      }
    case .cells(let fields, let batch):
      for row in 0..<batch.count {
        let values = try values(fields, batch, row)
        statements.append(plan.statement(values, changes))
      }
    }
    return statements
  }

  private mutating func split(_ document: Document) throws(PrivataError) -> [Value] {
    let document = plan.bound.layout.withKey(document)
    let row = try plan.bound.layout.split(document)
    // Before the row is written, so that no reader trusts the columns alone.
    if row.isOdd { plan.bound.physical.noteOdd() }
    if plan.bound.layout.isOpen, !plan.returning.isEmpty { documents.append(document) }
    return row.values
  }

  private mutating func values(
    _ fields: [String], _ batch: RowBatch, _ row: Int
  ) throws(PrivataError) -> [Value] {
    let layout = plan.bound.layout
    if layout.isOpen {
      var document = Document()
      for (column, field) in fields.enumerated() {
        if let value = batch.value(row: row, column: column) { document.append(field, value) }
      }
      return try split(document)
    }
    var values: [Value] = Array(repeating: .null, count: layout.columns.count)
    for column in fields.indices {
      guard let value = batch.value(row: row, column: column) else { continue }
      let position = plan.columns[column]
      values[position] = try layout.stored(value, at: position)
    }
    return values
  }

  private func outcome(
    _ results: [Result<SQLResult, PrivataError>]
  ) throws(PrivataError) -> WriteOutcome {
    var outcome = WriteOutcome()
    var rows = plan.returning.isEmpty ? nil : RowBatch(width: plan.returning.count)
    for (index, result) in results.enumerated() {
      switch result {
      case .failure(let error):
        if insert.isOrdered { throw error }
        outcome.failures.append(.init(index: index, error: error))
      case .success(let result):
        outcome.inserted += result.affected
        outcome.lastRowID = result.lastRowID ?? outcome.lastRowID
        if !plan.bound.layout.isOpen {
          for row in 0..<result.rows.count { rows?.append(row: row, of: result.rows) }
        } else if documents.indices.contains(index) {
          for field in plan.returning { rows?.append(documents[index][field]) }
        }
      }
    }
    outcome.rows = rows
    return outcome
  }
}

package import PrivataCore

/// Removes records: by one statement where SQL knows which, else by reading the candidates and
/// removing those that match by their keys.
package struct DeleteMachine: SQLWriteMachine {
  private let delete: Delete
  private let plan: DeletePlan
  private var phase = Phase.start
  private var outcome = WriteOutcome()

  private enum Phase: Sendable { case start, direct, transaction, read, removed }

  package init(_ delete: Delete, _ plan: DeletePlan) {
    self.delete = delete
    self.plan = plan
  }

  package var isLastRun: Bool { phase == .removed }

  package mutating func next(
    _ results: [Result<SQLResult, PrivataError>]
  ) throws(PrivataError) -> SQLStep {
    switch phase {
    case .start:
      if let direct = plan.direct {
        phase = .direct
        return .run([direct.statement(filter: delete.filter)], collecting: false)
      }
      phase = .transaction
      return .transaction
    case .direct:
      let result = try results.first?.get()
      outcome.deleted = max(result?.affected ?? 0, result?.rows.count ?? 0)
      if let result { outcome.rows = plan.returned?.answer(result.rows) }
      return .done(outcome)
    case .transaction:
      phase = .read
      return .run([plan.candidates.statement(filter: delete.filter)], collecting: false)
    case .read: return try remove(try results.first?.get().rows ?? RowBatch(width: 1))
    case .removed:
      for result in results { outcome.deleted += try result.get().affected }
      return .done(outcome)
    }
  }

  private mutating func remove(_ candidates: RowBatch) throws(PrivataError) -> SQLStep {
    let layout = plan.bound.layout
    let selection = try RecordSelection(
      layout.model, delete.filter, sort: delete.sort, collation: delete.options?.collation)
    var documents = try selection.select(plan.form.documents(candidates))
    if !delete.isMany { documents = Array(documents.prefix(1)) }
    if delete.returning != .none {
      outcome.rows = try RecordProjection(
        layout, delete.projection, delete.layout, filter: delete.filter,
        collation: delete.options?.collation
      ).rows(documents)
    }
    guard !documents.isEmpty else { return .done(outcome) }
    phase = .removed
    var statements: [SQLStatement] = []
    for document in documents {
      statements.append(SQLStatement(plan.removal.template, layout.keyValues(of: document)))
    }
    return .run(statements, collecting: false)
  }
}

extension TableLayout {
  /// The values of a record's key.
  func keyValues(of document: Document) -> [Value] {
    key.map { storedValue(document[$0.field] ?? .null, $0) }
  }
}

extension DocumentForm {
  /// All rows of columns as documents.
  package func documents(_ columns: RowBatch) -> [Document] {
    var batch = RowBatch(width: 1)
    for row in 0..<columns.count { append(row: row, of: columns, to: &batch) }
    return batch.documents
  }
}

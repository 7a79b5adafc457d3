package import PrivataCore

/// The plan of a query as the database itself says it, in the shape of MongoDB's answers: the
/// statement, the database's plan, and what is left to do with its rows.
package struct QueryExplanation: Sendable {
  private let plan: ReadPlan
  private let query: Query
  private let dialect: SQLDialect
  /// True where the query is run, to say how many records it answers.
  package let isRun: Bool

  /// - Parameter verbosity: `queryPlanner`, `executionStats` or `allPlansExecution`.
  package init(_ plan: ReadPlan, _ query: Query, _ dialect: SQLDialect, verbosity: String) {
    self.plan = plan
    self.query = query
    self.dialect = dialect
    isRun = verbosity != "queryPlanner"
  }

  /// The statement that asks for the plan.
  package var statement: SQLStatement {
    let asked = plan.compiled.statement(
      filter: query.filter, skip: query.skip, limit: query.limit)
    let start: String
    let columns: [FieldType?]
    switch dialect {
    case .sqlite:
      start = "EXPLAIN QUERY PLAN "
      columns = [.int64, .int64, .int64, .string]
    case .postgres:
      start = isRun ? "EXPLAIN (ANALYZE, FORMAT JSON) " : "EXPLAIN (FORMAT JSON) "
      columns = [.json]
    }
    let template = SQLTemplate(
      start + asked.template.text, kind: "find", collection: query.model.collection,
      parameters: asked.template.parameters, columns: columns, isCompiled: false)
    return SQLStatement(template, asked.parameters)
  }

  /// The answer, of the rows of ``statement`` and, where the query was run, of how many records it
  /// answered.
  package func document(_ rows: RowBatch, returned: Int?) -> Document {
    var planner: Document = [
      "namespace": .string(query.model.collection),
      "statement": .string(plan.compiled.template.text), "winningPlan": winning(rows),
    ]
    if case .candidates(_, let residual) = plan.rows {
      planner["inProgram"] = .array(residual.steps.map { .string($0) })
    }
    var document: Document = [
      "explainVersion": "1", "queryPlanner": .document(planner),
    ]
    if let returned { document["executionStats"] = ["nReturned": .int(returned)] }
    document["ok"] = 1
    return document
  }

  private func winning(_ rows: RowBatch) -> Value {
    switch dialect {
    case .sqlite:
      let steps = (0..<rows.count).compactMap { rows.value(row: $0, column: 3) }
      return ["stages": .array(steps)]
    case .postgres:
      let value = rows.isEmpty ? nil : rows.value(row: 0, column: 0)
      if case .array(let plans)? = value { return plans.first ?? [:] }
      return value ?? [:]
    }
  }
}

extension ReadPlan.Residual {
  /// What SQL could not do.
  fileprivate var steps: [String] {
    [("match", matches), ("sort", sorts), ("skip and limit", pages), ("project", projects)]
      .filter(\.1).map(\.0)
  }
}

package import PrivataCore

/// An update, compiled once for all updates of its shape.
package final class UpdatePlan: SQLPlan {
  package let bound: BoundModel

  /// One statement that does all; `nil` where the engine must look at the records.
  let direct: Direct?
  /// Counts the matching records of an update of many by a conditional statement.
  let count: SQLCompiled?
  /// Reads what the filter may mean.
  let candidates: SQLCompiled
  let form: DocumentForm
  /// True where the candidates are exactly the records, in order.
  let isExact: Bool
  /// Replaces all columns of one record by its key.
  let replacement: Replacement

  struct Direct: Sendable {
    let compiled: SQLCompiled
    /// True where the statement leaves out rows that it would not change, or that only the engine
    /// can change, so that no row is no answer.
    let isConditional: Bool
    /// How the rows that it answers are read.
    let form: ReturnForm?
  }

  struct Replacement: Sendable {
    let compiled: SQLCompiled
    /// The stored columns that it sets, then those of the key.
    let columns: [Int]
    let key: [Int]
  }

  /// The one statement that does all, where no count must go before it.
  package var single: SQLCompiled? { count == nil ? direct?.compiled : nil }

  /// The outcome of ``single``; `nil` where the engine must look at the records after all.
  package func outcome(_ affected: Int, _ rows: RowBatch?) -> WriteOutcome? {
    guard let direct else { return nil }
    let changed = max(affected, direct.form == nil ? 0 : rows?.count ?? 0)
    if changed == 0, direct.isConditional { return nil }
    var outcome = WriteOutcome()
    outcome.matched = changed
    outcome.modified = changed
    if let rows, let form = direct.form { outcome.rows = form.answer(rows) }
    return outcome
  }

  init(_ update: Update, _ bound: BoundModel) throws(PrivataError) {
    self.bound = bound
    let layout = bound.layout
    let target = try SQLTarget(
      bound, update.filter, sort: update.sort, isMany: update.isMany,
      collation: update.options?.collation, rows: update.layout)
    form = DocumentForm(layout)
    isExact = target.isExact
    candidates = target.candidates(form)
    replacement = Self.replacement(layout)
    direct =
      try target.isExact && !layout.changesKeys(update.changes)
      ? Self.direct(update, target) : nil
    count = direct?.isConditional == true && update.isMany ? Self.count(update, target) : nil
  }

  private static func direct(
    _ update: Update, _ target: SQLTarget
  ) throws(PrivataError) -> Direct? {
    guard update.returning != .before, update.arrayFilters.isEmpty else { return nil }
    let layout = target.layout
    switch update.changes {
    case .assign(let assignments):
      guard !layout.isOpen, !update.isUpsert else { return nil }
      let terms = try SQLAssignments(layout).terms(assignments)
      return try direct(update, target, terms, guards: [], isConditional: false)
    case .operators(let operators):
      // Many changed records are answered by no statement that leaves some to the engine.
      guard !(update.isMany && update.returning != .none) else { return nil }
      guard let plain = SQLOperators(operators, layout, isUpsert: update.isUpsert) else {
        return nil
      }
      return try direct(
        update, target, .joined(plain.terms, by: ", "), guards: plain.guards + [plain.difference],
        isConditional: true)
    case .replacement, .pipeline: return nil
    }
  }

  private static func direct(
    _ update: Update, _ target: SQLTarget, _ terms: SQLFragment, guards: [SQLFragment],
    isConditional: Bool
  ) throws(PrivataError) -> Direct? {
    let layout = target.layout
    var fragment: SQLFragment =
      "UPDATE \(layout.table) SET \(terms)\(target.clause(and: guards))"
    var returned: ReturnForm?
    if update.returning == .after {
      guard let form = try ReturnForm(update.projection, update.layout, layout) else {
        return nil
      }
      fragment += " RETURNING \(form.names.joined(separator: ", "))"
      returned = form
    }
    let compiled = SQLCompiled(
      fragment, dialect: layout.dialect, kind: "update", collection: layout.model.collection,
      columns: returned?.types)
    return Direct(compiled: compiled, isConditional: isConditional, form: returned)
  }

  private static func count(_ update: Update, _ target: SQLTarget) -> SQLCompiled? {
    guard case .operators(let operators) = update.changes else { return nil }
    let layout = target.layout
    guard let plain = SQLOperators(operators, layout, isUpsert: update.isUpsert) else { return nil }
    var left: SQLFragment = "0"
    if !plain.guards.isEmpty {
      let guards = SQLFragment.joined(plain.guards, by: " AND ")
      left = "coalesce(sum(CASE WHEN \(guards) THEN 0 ELSE 1 END), 0)"
    }
    return SQLCompiled(
      "SELECT count(*), \(left) FROM \(layout.table)\(target.condition.clause)",
      dialect: layout.dialect, kind: "find", collection: layout.model.collection,
      columns: [.int64, .int64])
  }

  static func replacement(_ layout: TableLayout) -> Replacement {
    let names = layout.storedNames
    let types = layout.storedTypes
    let key = layout.key.compactMap { layout.position(of: $0.field) }
    let columns = names.indices.filter { !key.contains($0) }
    func term(_ index: Int) -> SQLFragment {
      "\(names[index]) = \(SQLFragment.parameter(SQLSlot(.constant(.null)), types[index]))"
    }
    // A table of nothing but its key has nothing to set.
    let set = columns.isEmpty ? key : columns
    let fragment: SQLFragment =
      """
      UPDATE \(layout.table) SET \(SQLFragment.joined(set.map(term), by: ", ")) \
      WHERE \(SQLFragment.joined(key.map(term), by: " AND "))
      """
    let compiled = SQLCompiled(
      fragment, dialect: layout.dialect, kind: "update", collection: layout.model.collection)
    return Replacement(compiled: compiled, columns: set, key: key)
  }
}

/// What `RETURNING` names, and how its rows become the answer.
struct ReturnForm: Sendable {
  let names: [String]
  let types: [FieldType?]
  let documents: DocumentForm?

  /// `nil` where the projection needs the engine.
  init?(
    _ projection: Projection, _ rows: RowLayout, _ layout: TableLayout
  ) throws(PrivataError) {
    switch rows {
    case .cells:
      guard !layout.isOpen else { return nil }
      let columns = try ReadPlan.fields(projection, layout).compactMap { layout.column($0) }
      names = columns.map(layout.quoted)
      types = columns.map(\.type)
      documents = nil
    case .documents:
      guard let keep = DocumentForm.Keep(projection, layout) else { return nil }
      let form = DocumentForm(layout, keep: keep)
      var names = form.selected.map { layout.quoted(layout.columns[$0]) }
      var types: [FieldType?] = form.selected.map { layout.columns[$0].type }
      if form.restColumn != nil {
        names.append(layout.rest)
        types.append(.binary)
      }
      guard !names.isEmpty else { return nil }
      self.names = names
      self.types = types
      documents = form
    }
  }

  /// The answer of the statement's rows.
  func answer(_ rows: RowBatch) -> RowBatch {
    guard let documents else { return rows }
    var answer = RowBatch(width: 1)
    for row in 0..<rows.count { documents.append(row: row, of: rows, to: &answer) }
    return answer
  }
}

extension TableLayout {
  /// True where a change may concern the key of a keyed index, which the engine makes.
  fileprivate func changesKeys(_ changes: Changes) -> Bool {
    guard keyed.contains(where: { !$0.isOdd }), case .operators(let operators) = changes else {
      return false
    }
    let touched = Set(
      operators.elements.flatMap { $0.value.asDocument?.keys ?? [] }.map { key in
        String(key.prefix { $0 != "." })
      })
    return keyed.contains { index in
      !index.isOdd && index.fields.map { !$0.isDisjoint(with: touched) } ?? true
    }
  }
}

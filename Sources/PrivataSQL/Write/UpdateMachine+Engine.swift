internal import PrivataCore

// The way through the engine: records read, changed as documents, written back by their keys.

extension UpdateMachine {
  mutating func change(_ candidates: RowBatch) throws(PrivataError) -> SQLStep {
    let layout = plan.bound.layout
    let selection = try RecordSelection(
      layout.model, update.filter, sort: update.sort, collation: update.options?.collation)
    var documents = try selection.select(plan.form.documents(candidates))
    if !update.isMany { documents = Array(documents.prefix(1)) }
    let changer = try RecordChange(update, layout, now: DateTime.now)
    if documents.isEmpty {
      if update.isUpsert { return try upsert(changer) }
      outcome = try answer(before: [], after: [])
      return .done(outcome)
    }
    var statements: [SQLStatement] = []
    var changed: [Document] = []
    for document in documents {
      let new = try changer.apply(to: document)
      changed.append(new)
      guard new.bson != document.bson else { continue }
      statements.append(try replacement(of: document, by: new))
    }
    outcome.matched = documents.count
    outcome.modified = statements.count
    outcome = try answer(before: documents, after: changed)
    guard !statements.isEmpty else { return .done(outcome) }
    phase = .written
    return .run(statements, collecting: false)
  }

  private func answer(
    before: [Document], after: [Document]
  ) throws(PrivataError) -> WriteOutcome {
    var outcome = outcome
    guard update.returning != .none else { return outcome }
    let projection = try RecordProjection(
      plan.bound.layout, update.projection, update.layout, filter: update.filter,
      collation: update.options?.collation)
    outcome.rows = try projection.rows(update.returning == .before ? before : after)
    return outcome
  }

  private func replacement(
    of old: Document, by new: Document
  ) throws(PrivataError) -> SQLStatement {
    let layout = plan.bound.layout
    let key = layout.keyValues(of: old)
    guard layout.keyValues(of: new) == key else {
      throw PrivataError(
        .immutableField, "the key of \(layout.model.name) cannot change",
        fields: layout.key.map(\.field), model: layout.model.name)
    }
    let row = try layout.split(new)
    if row.isOdd { plan.bound.physical.noteOdd() }
    let replacement = plan.replacement
    return SQLStatement(
      replacement.compiled.template,
      replacement.columns.map { row.values[$0] } + replacement.key.map { row.values[$0] })
  }

  private mutating func upsert(_ changer: RecordChange) throws(PrivataError) -> SQLStep {
    let layout = plan.bound.layout
    let document = layout.withKey(try changer.upserted(key: layout.key.first))
    guard let insertion else {
      throw PrivataError(.unsupported, "no upsert here", model: layout.model.name)
    }
    let row = try layout.split(document)
    if row.isOdd { plan.bound.physical.noteOdd() }
    outcome.upserted = [
      .init(index: 0, id: layout.key.first.flatMap { document[$0.field] } ?? .null)
    ]
    outcome = try answer(before: [], after: [document])
    phase = .inserted
    return .run([insertion.statement(row.values, nil)], collecting: false)
  }
}

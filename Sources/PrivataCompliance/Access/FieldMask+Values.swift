internal import PrivataCore

extension FieldMask {
  /// The rows with masked values in place of the values.
  func shown(_ batch: RowBatch, _ query: Query) -> RowBatch {
    guard let decision, !decision.isOpen else { return batch }
    switch query.answer {
    case .count: return decision.isStatistical ? suppressed(batch, decision) : batch
    case .exists, .distinct: return batch
    case .rows: return shown(batch, query.projection, query.layout)
    }
  }

  /// The answer of a change with masked values in place of the values.
  func shown(_ outcome: WriteOutcome, _ write: Write) -> WriteOutcome {
    guard let decision, !decision.masks.isEmpty, let rows = outcome.rows else { return outcome }
    var outcome = outcome
    switch write {
    case .insert(let insert):
      outcome.rows = shown(rows, .fields(insert.returning), .cells)
    case .update(let update): outcome.rows = shown(rows, update.projection, update.layout)
    case .delete(let delete): outcome.rows = shown(rows, delete.projection, delete.layout)
    case .bulk(let writes, _):
      if let first = writes.first { return shown(outcome, first) }
    }
    return outcome
  }

  /// What the decision says, for the audit event.
  func noted(_ result: AuditResult) -> AuditResult {
    guard let decision else { return result }
    var result = result
    result.rule = decision.rule
    return result
  }

  private var masks: [String: ValueMask] { decision?.masks ?? [:] }

  /// Counts of fewer records than a group may have are answered as none.
  private func suppressed(_ batch: RowBatch, _ decision: PolicyDecision) -> RowBatch {
    let count = batch.value(row: 0, column: 0)?.asInt ?? 0
    return count < smallestGroup ? RowBatch(single: .int64(0)) : batch
  }

  private func shown(
    _ batch: RowBatch, _ projection: Projection, _ layout: RowLayout
  ) -> RowBatch {
    guard !masks.isEmpty else { return batch }
    if layout == .documents { return RowBatch(documents: batch.documents.map(shown)) }
    var names = model.fieldNames
    if case .fields(let some) = projection { names = some }
    var shown = RowBatch(width: batch.width)
    for row in 0..<batch.count {
      for column in 0..<batch.width {
        if column < names.count, let mask = masks[names[column]],
          let value = batch.value(row: row, column: column)
        {
          // A cell keeps its type: what does not fit it is left out.
          let part = mask.shown(value)
          shown.append(part.typeName == value.typeName ? part : .null)
        } else {
          shown.append(batch.cell(row: row, column: column), from: batch)
        }
      }
    }
    return shown
  }

  private func shown(_ document: Document) -> Document {
    Document(
      document.elements.map { element in
        guard let mask = masks[element.key] else { return element }
        return .init(key: element.key, value: mask.shown(element.value))
      })
  }
}

extension AuditedSession {
  /// The mask of a caller; breaking the glass is recorded before anything is read.
  func mask(
    _ separation: Separation, _ context: AccessContext
  ) throws(PrivataError) -> FieldMask {
    let model = separation.model
    let codes = try limits(separation, context)
    guard let compiled = session.core.policies.policy,
      var decision = compiled.decision(context, model)
    else { return FieldMask(separation, nil, context, codes: codes) }
    if answersGroups { decision.isStatistical = false }
    if compiled.policy.isEmergency(context) {
      try session.core.recorder.record(
        context, scope: AuditScope(.breakGlass, separation).encoded,
        result: AuditResult(count: 0, rule: decision.rule), isPersonal: true)
    }
    var mask = FieldMask(separation, decision, context, codes: codes)
    mask.smallestGroup = compiled.policy.smallestGroup
    return mask
  }

  /// The filter for the records that the caller may touch.
  func scoped(
    _ filter: Filter, _ mask: FieldMask, _ context: AccessContext
  ) async throws(PrivataError) -> Filter {
    var filter = filter
    if let emergency = context.details?.emergency {
      filter = filter.and(emergency.filter(mask.separation))
    }
    let conditions = mask.conditions
    guard !conditions.isEmpty else { return filter }
    let scope = RowScope(session: session, context: context, model: mask.model)
    return filter.and(try await scope.filter(.all(conditions)))
  }
}

internal import PrivataCore

extension MemoryState {
  /// Carries out a change.
  mutating func write(_ write: Write) throws(PrivataError) -> WriteOutcome {
    try checkOpen()
    switch write {
    case .insert(let insert): return try self.insert(insert)
    case .update(let update): return try self.update(update)
    case .delete(let delete): return try self.delete(delete)
    case .bulk(let writes, let isOrdered): return try bulk(writes, isOrdered: isOrdered)
    }
  }

  private mutating func bulk(
    _ writes: [Write], isOrdered: Bool
  ) throws(PrivataError) -> WriteOutcome {
    var total = WriteOutcome()
    for (index, write) in writes.enumerated() {
      do throws(PrivataError) {
        let outcome = try self.write(write)
        total.add(outcome, at: index)
        if isOrdered, !outcome.failures.isEmpty { break }
      } catch {
        total.failures.append(.init(index: index, error: error))
        if isOrdered { break }
      }
    }
    return total
  }

  private mutating func update(_ update: Update) throws(PrivataError) -> WriteOutcome {
    let model = update.model
    let collation = update.options?.collation
    try check(update.changes, model)
    let language = try FilterMatcher.documentMatcher(
      update.filter, model: model, collation: collation)
    let updater = try DocumentUpdater(
      update.changes, arrayFilters: update.arrayFilters, collation: collation)
    var outcome = WriteOutcome()
    var before: [Document] = []
    var after: [Document] = []
    let targets = try targets(
      model, update.filter, update.sort, isMany: update.isMany, collation, language)
    for row in targets {
      let changed = try updater.apply(to: row.document, matching: language)
      outcome.matched += 1
      if changed.bson != row.document.bson {
        try replace(row.number, with: changed, in: model)
        outcome.modified += 1
      }
      before.append(row.document)
      after.append(changed)
    }
    if targets.isEmpty, update.isUpsert {
      after = [try upsert(update, updater, &outcome)]
    }
    let rows = MemoryRows(model: model, layout: update.layout)
    switch update.returning {
    case .none: break
    case .before: outcome.rows = try rows.batch(before, update.projection, language)
    case .after: outcome.rows = try rows.batch(after, update.projection, language)
    }
    return outcome
  }

  private mutating func upsert(
    _ update: Update, _ updater: DocumentUpdater, _ outcome: inout WriteOutcome
  ) throws(PrivataError) -> Document {
    let model = update.model
    let key = model.key.name
    let new = try updater.upsert(from: update.filter, key: key == "_id" ? key : nil)
    var insert = Insert(model, .documents([new]))
    insert.returning = [key]
    let inserted = try self.insert(insert)
    let id = inserted.rows?.value(row: 0, column: 0) ?? .null
    outcome.upserted = [.init(index: 0, id: id)]
    let table = try table(model)
    return table.candidates(for: .compare(key, .equal, id)).first?.document ?? new
  }

  private mutating func delete(_ delete: Delete) throws(PrivataError) -> WriteOutcome {
    let collation = delete.options?.collation
    let language = try FilterMatcher.documentMatcher(
      delete.filter, model: delete.model, collation: collation)
    let targets = try targets(
      delete.model, delete.filter, delete.sort, isMany: delete.isMany, collation, language)
    let key = Self.key(delete.model)
    for row in targets {
      tables[key]?.remove(row.number)
      touched[key, default: []].insert(row.number)
    }
    var outcome = WriteOutcome()
    outcome.deleted = targets.count
    if delete.returning != .none {
      outcome.rows = try MemoryRows(model: delete.model, layout: delete.layout).batch(
        targets.map(\.document), delete.projection, language)
    }
    return outcome
  }

  private func targets(
    _ model: ModelSchema, _ filter: Filter, _ sort: [SortKey], isMany: Bool,
    _ collation: Document?, _ language: DocumentMatcher?
  ) throws(PrivataError) -> [MemoryRow] {
    let matcher = try FilterMatcher(filter, model: model, collation: collation)
    var found: [MemoryRow] = []
    for row in try table(model).candidates(for: filter) where try matcher.matches(row.document) {
      found.append(row)
      if !isMany, sort.isEmpty { return found }
    }
    if !sort.isEmpty {
      let sorter = try DocumentSorter(sort, collation: collation, matcher: language)
      var keyed: [(key: [Value], row: MemoryRow)] = []
      for row in found { keyed.append((try sorter.key(of: row.document), row)) }
      keyed.sort { a, b in
        let order = sorter.compare(a.key, b.key)
        return order == 0 ? a.row.number < b.row.number : order < 0
      }
      found = keyed.map(\.row)
    }
    return isMany ? found : Array(found.prefix(1))
  }

  private mutating func replace(
    _ number: Int, with document: Document, in model: ModelSchema
  ) throws(PrivataError) {
    var table = try table(model)
    try table.replace(number, with: try checked(document, model))
    tables[Self.key(model)] = table
    touched[Self.key(model), default: []].insert(number)
  }

  private func check(_ changes: Changes, _ model: ModelSchema) throws(PrivataError) {
    guard case .assign(let assignments) = changes, !model.isOpen else { return }
    for assignment in assignments where model.field(assignment.field) == nil {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(assignment.field)",
        fields: [assignment.field], model: model.name)
    }
  }
}

extension WriteOutcome {
  /// Adds what one operation of a bulk did.
  fileprivate mutating func add(_ other: WriteOutcome, at index: Int) {
    inserted += other.inserted
    matched += other.matched
    modified += other.modified
    deleted += other.deleted
    upserted += other.upserted.map { Upserted(index: index, id: $0.id) }
    failures += other.failures.map { Failure(index: index, error: $0.error) }
    lastRowID = other.lastRowID ?? lastRowID
  }
}

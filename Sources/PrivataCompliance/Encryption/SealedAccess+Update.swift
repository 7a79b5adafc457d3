internal import PrivataCore

extension SealedAccess {
  /// Changes records. Where no encrypted field changes, the store does it as it is; else each record
  /// gets its own ciphertext.
  func update(_ update: Update) async throws(PrivataError) -> WriteOutcome {
    try checkOrder(update.sort)
    guard !update.isUpsert else {
      throw PrivataError(
        .unsupported, "an upsert of encrypted records is made of a read and a write",
        model: plan.logical.name)
    }
    let filter = try await sealed(update.filter, collation: update.options?.collation)
    let changes = SealedChanges(update.changes, plan)
    switch changes.reach {
    case .none where !filter.isResidual: return try await direct(update, filter)
    case .none, .values: return try await perRecord(update, filter, changes)
    case .computed:
      return try await together { access async throws(PrivataError) in
        try await access.computed(update)
      }
    }
  }

  private func direct(
    _ update: Update, _ filter: SealedFilter
  ) async throws(PrivataError) -> WriteOutcome {
    var physical = update
    physical.model = plan.physical
    physical.filter = filter.physical
    guard update.returning != .none else { return try await send(.update(physical)) }
    let shape = try shape(update.projection, update.layout)
    physical.projection = shape.projection
    var outcome = try await send(.update(physical))
    if let rows = outcome.rows {
      let answer = Query(
        plan.logical, where: update.filter, projection: update.projection, layout: update.layout)
      outcome.rows = try projected(try await opened(rows, shape, update.layout), shape, answer)
    }
    return outcome
  }

  // MARK: - Given values

  private func perRecord(
    _ update: Update, _ filter: SealedFilter, _ changes: SealedChanges
  ) async throws(PrivataError) -> WriteOutcome {
    let rows = try await targets(update)
    var outcome = WriteOutcome()
    if update.returning == .before { outcome.rows = try await answered(update, rows) }
    let sealer = try await sealer(rows)
    for row in rows {
      var step = update
      step.model = plan.physical
      // The filter goes along: a record that changed since is spared.
      let own = Filter.compare(plan.record, .equal, row.record)
      step.filter = filter.isResidual ? own : filter.physical.and(own)
      step.changes = try changes.sealed(row, sealer)
      step.isMany = false
      step.sort = []
      step.returning = .none
      let done = try await send(.update(step), sealer)
      outcome.matched += done.matched
      outcome.modified += done.modified
    }
    if update.returning == .after { outcome.rows = try await answered(update, rows) }
    return outcome
  }

  /// The records that a change means.
  private func targets(_ update: Update) async throws(PrivataError) -> [SealedRow] {
    try await targets(
      update.filter, sort: update.sort, limit: update.isMany ? nil : 1, options: update.options)
  }

  func targets(
    _ filter: Filter, sort: [SortKey], limit: Int?, options: QueryOptions?
  ) async throws(PrivataError) -> [SealedRow] {
    let names = plan.binding
    var query = Query(
      plan.logical, where: filter, projection: .fields(names), sort: limit == nil ? [] : sort,
      limit: limit, layout: .cells, options: options)
    query.options?.batchSize = nil
    let found = try await rows(query)
    var rows: [SealedRow] = []
    for row in 0..<found.count {
      rows.append(
        try self.row(
          found.value(row: row, column: 0),
          plan.subject == nil ? Value?.none : found.value(row: row, column: names.count - 1)))
    }
    return rows
  }

  private func answered(
    _ update: Update, _ rows: [SealedRow]
  ) async throws(PrivataError) -> RowBatch {
    let query = Query(
      plan.logical, where: rows.isEmpty ? .none : .oneOf(plan.record, rows.map(\.record)),
      projection: update.projection, layout: update.layout)
    return try await self.rows(query)
  }

  // MARK: - Computed values

  /// Runs steps as one, in a transaction where the store has them.
  private func together<R>(
    _ body: (SealedAccess) async throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    guard !isTransaction, let store = store as? any TransactionalStore,
      store.traits.abilities.contains(.transactions)
    else { return try await body(self) }
    let transaction = try await store.begin(TransactionOptions())
    let writes = SealedWrites()
    defer { writes.end() }
    do {
      let inner = SealedAccess(store: transaction, keys: keys, plan: plan, transaction: writes)
      let result = try await body(inner)
      try await writes.check()
      try await transaction.commit()
      return result
    } catch {
      try? await transaction.rollback()
      throw error
    }
  }

  /// Reads records, changes them here, and writes what differs.
  private func computed(_ update: Update) async throws(PrivataError) -> WriteOutcome {
    let rows = try await targets(update)
    var outcome = WriteOutcome()
    if update.returning == .before { outcome.rows = try await answered(update, rows) }
    let updater = try DocumentUpdater(
      update.changes, arrayFilters: update.arrayFilters, collation: update.options?.collation)
    var matcher: DocumentMatcher?
    if case .document(let filter) = update.filter {
      matcher = try DocumentMatcher(filter, collation: update.options?.collation)
    }
    for row in rows {
      let own = Filter.compare(plan.record, .equal, row.record)
      let whole = Query(plan.logical, where: own, limit: 1)
      guard let before = try await self.rows(whole).documents.first else { continue }
      let after = try updater.apply(to: before, matching: matcher)
      outcome.matched += 1
      let (changes, sealer) = try await difference(before, after, row)
      guard let changes else { continue }
      let step = Update(plan.physical, where: own, changes, layout: update.layout)
      outcome.modified += try await send(.update(step), sealer).modified
    }
    if update.returning == .after { outcome.rows = try await answered(update, rows) }
    return outcome
  }

  /// What differs, sealed; everything encrypted is sealed anew where the person or the record did.
  private func difference(
    _ before: Document, _ after: Document, _ row: SealedRow
  ) async throws(PrivataError) -> (Changes?, RowSealer) {
    let subject = plan.subject.flatMap { after[$0] }
    let record = plan.addsRecord ? row.record : after[plan.record] ?? row.record
    let moved = try self.row(record, subject)
    let isMoved = moved.subject != row.subject || moved.record != row.record
    let sealer = try await sealer([moved])
    var set = Document()
    var unset = Document()
    for element in after.elements {
      let field = plan.byName[element.key]
      guard before[element.key] != element.value || (isMoved && field != nil) else { continue }
      guard let field else {
        set.append(element.key, element.value)
        continue
      }
      for part in try sealer.elements(field, element.value, moved) {
        set.append(part.key, part.value)
      }
    }
    for key in before.keys where !after.contains(key) {
      unset.append(key, .string(""))
      for tag in plan.byName[key]?.tags ?? [] { unset.append(tag, .string("")) }
    }
    var operators = Document()
    if !set.isEmpty { operators.append("$set", .document(set)) }
    if !unset.isEmpty { operators.append("$unset", .document(unset)) }
    return (operators.isEmpty ? nil : .operators(operators), sealer)
  }
}

/// What a change does to encrypted fields.
struct SealedChanges {
  enum Reach {
    /// It changes none of them.
    case none
    /// It gives them values.
    case values
    /// It computes them, or moves the record to another person.
    case computed
  }

  let changes: Changes
  let plan: SealingPlan
  private(set) var reach = Reach.none

  init(_ changes: Changes, _ plan: SealingPlan) {
    self.changes = changes
    self.plan = plan
    switch changes {
    case .pipeline, .replacement: reach = .computed
    case .assign(let assignments):
      for assignment in assignments {
        note(assignment.field, isGiven: [.set, .unset].contains(assignment.operation))
      }
    case .operators(let operators):
      for element in operators.elements {
        guard case .document(let fields) = element.value else {
          reach = .computed
          continue
        }
        let isGiven = ["$set", "$unset", "$setOnInsert"].contains(element.key)
        for field in fields.elements {
          note(field.key, isGiven: isGiven)
          if element.key == "$rename", let other = field.value.asString {
            note(other, isGiven: false)
          }
        }
      }
    }
  }

  private mutating func note(_ path: String, isGiven: Bool) {
    let root = Separation.root(of: path)
    if root == plan.record || root == plan.subject { reach = .computed }
    guard plan.byName[root] != nil, reach != .computed else { return }
    reach = isGiven && path == root ? .values : .computed
  }

  /// The change with the ciphertexts of one record.
  func sealed(_ row: SealedRow, _ sealer: RowSealer) throws(PrivataError) -> Changes {
    switch changes {
    case .assign(let assignments):
      var sealed: [Assignment] = []
      for assignment in assignments {
        guard let field = plan.byName[assignment.field] else {
          sealed.append(assignment)
          continue
        }
        if assignment.operation == .unset {
          sealed.append(assignment)
          for tag in field.tags { sealed.append(Assignment(tag, .null, .unset)) }
          continue
        }
        for part in try sealer.elements(field, assignment.value, row) {
          sealed.append(Assignment(part.key, part.value))
        }
      }
      return .assign(sealed)
    case .operators(let operators):
      var sealed = Document()
      for element in operators.elements where element.key != "$setOnInsert" {
        sealed.append(element.key, try self.sealed(element, row, sealer))
      }
      return .operators(sealed)
    case .pipeline, .replacement: return changes
    }
  }

  private func sealed(
    _ element: Document.Element, _ row: SealedRow, _ sealer: RowSealer
  ) throws(PrivataError) -> Value {
    guard let fields = element.value.asDocument else { return element.value }
    var sealed = Document()
    for field in fields.elements {
      guard let own = plan.byName[field.key] else {
        sealed.append(field.key, field.value)
        continue
      }
      if element.key == "$unset" {
        sealed.append(field.key, field.value)
        for tag in own.tags { sealed.append(tag, field.value) }
        continue
      }
      for part in try sealer.elements(own, field.value, row) { sealed.append(part.key, part.value) }
    }
    return .document(sealed)
  }
}

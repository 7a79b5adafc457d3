internal import PrivataCore

/// What an operation is about: the part of its audit event that is known before it runs.
struct AuditScope: Sendable {
  let encoded: [UInt8]

  init(
    _ action: AuditEvent.Action, _ separation: Separation, fields: [String] = [],
    filterFields: [String] = []
  ) {
    encoded = AuditCoding.scope(
      action, model: separation.model.name, fields: fields, filterFields: filterFields)
  }

  /// The scope of a read.
  init(_ query: Query, _ separation: Separation) {
    let filter = FieldUse(query.filter, in: separation).listed(separation)
    switch query.answer {
    case .rows:
      let fields = FieldUse(query.projection).listed(separation)
      self.init(.read, separation, fields: fields, filterFields: filter)
    case .count: self.init(.count, separation, filterFields: filter)
    case .exists: self.init(.exists, separation, filterFields: filter)
    case .distinct(let path):
      self.init(
        .distinct, separation, fields: [Separation.root(of: path)], filterFields: filter)
    }
  }

  /// The scope of a change: of several together all that they name.
  init(_ write: Write, _ separation: Separation) {
    var fields = FieldUse()
    var filter = FieldUse()
    write.collect(&fields, filter: &filter, separation)
    self.init(
      write.action, separation, fields: fields.listed(separation),
      filterFields: filter.listed(separation))
  }
}

extension Write {
  fileprivate var action: AuditEvent.Action {
    switch self {
    case .insert: .insert
    case .update: .update
    case .delete: .delete
    case .bulk: .bulk
    }
  }

  /// Collects the fields that are written and those that decide which records are meant.
  fileprivate func collect(
    _ fields: inout FieldUse, filter: inout FieldUse, _ separation: Separation
  ) {
    switch self {
    case .insert(let insert): insert.rows.collect(&fields)
    case .update(let update):
      if case .pipeline = update.changes { fields.isAll = true }
      for name in update.changes.fieldNames { fields.names.insert(name) }
      filter.formUnion(FieldUse(update.filter, in: separation))
    case .delete(let delete): filter.formUnion(FieldUse(delete.filter, in: separation))
    case .bulk(let writes, _):
      for write in writes { write.collect(&fields, filter: &filter, separation) }
    }
  }
}

extension FieldUse {
  /// The names in the model's order, for what may be any field all of them. Names that the model
  /// does not have are left out: a key of a map can be personal.
  func listed(_ separation: Separation) -> [String] {
    if isAll { return separation.fieldNames }
    if names.isEmpty { return [] }
    return separation.fieldNames.filter { names.contains($0) }
  }
}

extension Insert.Rows {
  fileprivate func collect(_ fields: inout FieldUse) {
    switch self {
    case .documents(let documents):
      var last: [String] = []
      for document in documents {
        let keys = document.keys
        // Most documents of one insert have the keys of the one before.
        if keys == last { continue }
        fields.names.formUnion(keys)
        last = keys
      }
    case .cells(let names, _): fields.names.formUnion(names)
    }
  }
}

extension Changes {
  /// The fields that the change names.
  var fieldNames: [String] {
    switch self {
    case .operators(let operators):
      operators.elements.flatMap { $0.value.asDocument?.keys ?? [] }.map { Separation.root(of: $0) }
    case .pipeline: []
    case .replacement(let document): document.keys
    case .assign(let assignments): assignments.map(\.field)
    }
  }
}

// MARK: - Results

extension AuditScope {
  /// What a read did: how many records, and which.
  func result(
    _ batch: RowBatch, _ query: Query, _ separation: Separation, _ core: VaultCore
  ) -> AuditResult {
    switch query.answer {
    case .rows: AuditResult(count: batch.count, records: records(batch, query, separation, core))
    case .count: AuditResult(count: batch.value(row: 0, column: 0)?.asInt ?? 0)
    case .exists, .distinct: AuditResult(count: batch.count)
    }
  }

  /// What a change did.
  func result(
    _ outcome: WriteOutcome, _ write: Write, _ separation: Separation, _ core: VaultCore
  ) -> AuditResult {
    var result = AuditResult(
      count: outcome.inserted + outcome.modified + outcome.deleted + outcome.upserted.count)
    if separation.isPersonal {
      let keys = write.insertedKeys(separation)
      if keys.count <= core.options.auditedRecords {
        result.records = keys.map {
          core.references.reference(to: $0, of: separation.model.name)
        }
      }
    }
    if let failure = outcome.failures.first {
      result.outcome = .failed
      result.errorCode = failure.error.code.name
    }
    return result
  }

  private func records(
    _ batch: RowBatch, _ query: Query, _ separation: Separation, _ core: VaultCore
  ) -> [RecordReference] {
    guard separation.isPersonal, batch.count <= core.options.auditedRecords else { return [] }
    let key = separation.model.key.name
    switch query.layout {
    case .documents:
      return core.references.references(in: batch, key: key, behind: separation.referencePrefix)
    case .cells:
      guard let column = query.column(of: key) else { return [] }
      return core.references.references(
        in: batch, column: column, behind: separation.referencePrefix)
    }
  }
}

extension Write {
  /// The keys of the records that are inserted, as far as the caller gave them.
  func insertedKeys(_ separation: Separation) -> [Value] {
    switch self {
    case .insert(let insert): insert.rows.keys(separation)
    case .bulk(let writes, _): writes.flatMap { $0.insertedKeys(separation) }
    case .update, .delete: []
    }
  }
}

extension Insert.Rows {
  /// The keys of the records, as far as the caller gave them.
  fileprivate func keys(_ separation: Separation) -> [Value] {
    let key = separation.model.key.name
    switch self {
    case .documents(let documents): return documents.compactMap { $0[key] }
    case .cells(let fields, let batch):
      guard let column = fields.firstIndex(of: key) else { return [] }
      return (0..<batch.count).compactMap { batch.value(row: $0, column: column) }
    }
  }
}

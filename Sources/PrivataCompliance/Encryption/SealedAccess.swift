internal import PrivataCore

/// The rows of one encrypted half, as operations see them: sealed on the way in, opened on the way
/// out.
struct SealedAccess: Sendable {
  let store: any Store
  let keys: SubjectKeys
  let plan: SealingPlan
  /// True inside a transaction, where a change of several steps is one anyway.
  let isTransaction: Bool

  var cipher: FieldCipher { FieldCipher(region: keys.region, half: plan.half) }

  /// A filter as the store can check it.
  func sealed(
    _ filter: Filter, collation: Document? = nil
  ) async throws(PrivataError) -> SealedFilter {
    let index = SealedFilter.touches(filter, plan) ? try await index() : nil
    return try SealedFilter(filter, plan, index, collation: collation)
  }

  /// The tags by which records are found.
  func index() async throws(PrivataError) -> BlindIndex {
    let use = try await keys.indexUse().found
    return BlindIndex(plan, root: use.root, column: use.column)
  }

  /// The tags that records get: while the key is exchanged, two.
  func indexes() async throws(PrivataError) -> [BlindIndex] {
    try await keys.indexUse().kept.map { BlindIndex(plan, root: $0.root, column: $0.column) }
  }

  func checkOrder(_ sort: [SortKey]) throws(PrivataError) {
    for key in sort {
      guard !key.isTextScore, let field = plan.sealed(key.path) else { continue }
      throw SealedFilter.refused(
        field.name, plan, "sorted by", "sort in the program, or keep an open field to sort by")
    }
  }

  /// An error that names the fields that programs know.
  func named(_ error: PrivataError) -> PrivataError {
    guard !error.fields.isEmpty else { return error }
    var error = error
    error.fields = error.fields.map { name in
      plan.fields.first { $0.tag == name || $0.nextTag == name }?.name ?? name
    }
    return error
  }

  func send(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    do {
      var outcome = try await store.write(write)
      outcome.failures = outcome.failures.map { .init(index: $0.index, error: named($0.error)) }
      return outcome
    } catch {
      throw named(error)
    }
  }
}

// MARK: - Opening

extension SealedAccess {
  /// Turns what the store answered into the caller's rows.
  func opened(
    _ batch: RowBatch, _ shape: SealedShape, _ layout: RowLayout
  ) async throws(PrivataError) -> RowBatch {
    if shape.isPlain || batch.isEmpty { return batch }
    switch layout {
    case .documents: return try await documents(batch)
    case .cells: return try await cells(batch, shape)
    }
  }

  private func documents(_ batch: RowBatch) async throws(PrivataError) -> RowBatch {
    let documents = batch.documents.map(\.elements)
    var envelopes: [[Int: Envelope]] = []
    var ids: Set<KeyID> = []
    for elements in documents {
      var found: [Int: Envelope] = [:]
      for (position, element) in elements.enumerated() {
        guard let field = plan.byName[element.key], !element.value.isNull else { continue }
        let envelope = try envelope(element.value, field)
        ids.insert(envelope.keyID)
        found[position] = envelope
      }
      envelopes.append(found)
    }
    let keys = try await keys.keys(ids)
    var rows = RowBatch(width: 1)
    rows.reserve(rows: batch.count)
    for (elements, found) in zip(documents, envelopes) {
      let record = elements.first { $0.key == plan.record }?.value ?? .null
      var open: [Document.Element] = []
      open.reserveCapacity(elements.count)
      for (position, element) in elements.enumerated() where !plan.hidden.contains(element.key) {
        guard let envelope = found[position], let field = plan.byName[element.key] else {
          open.append(element)
          continue
        }
        let value = try value(envelope, field, record, keys)
        open.append(.init(key: element.key, value: value))
      }
      rows.append(.document, bytes: Document(open).bson)
    }
    return rows
  }

  private func cells(
    _ batch: RowBatch, _ shape: SealedShape
  ) async throws(PrivataError) -> RowBatch {
    var envelopes: [Int: Envelope] = [:]
    var ids: Set<KeyID> = []
    for row in 0..<batch.count {
      for (column, field) in shape.sealed {
        guard let value = batch.value(row: row, column: column), !value.isNull else { continue }
        let envelope = try envelope(value, field)
        ids.insert(envelope.keyID)
        envelopes[row * batch.width + column] = envelope
      }
    }
    let keys = try await keys.keys(ids)
    var rows = RowBatch(width: batch.width)
    rows.reserve(rows: batch.count)
    for row in 0..<batch.count {
      let record = shape.recordColumn.flatMap { batch.value(row: row, column: $0) } ?? .null
      for column in 0..<batch.width {
        if let envelope = envelopes[row * batch.width + column], let field = shape.sealed[column] {
          rows.append(try value(envelope, field, record, keys))
        } else {
          rows.append(batch.cell(row: row, column: column), from: batch)
        }
      }
    }
    return rows
  }

  private func envelope(_ value: Value, _ field: SealedField) throws(PrivataError) -> Envelope {
    guard case .binary(let binary) = value else {
      throw PrivataError(
        .tampered, "\(plan.logical.name).\(field.name) is encrypted but holds something else",
        fields: [field.name], model: plan.logical.name)
    }
    do {
      return try Envelope(binary.bytes[...])
    } catch {
      var error = error
      error.fields = [field.name]
      error.model = plan.logical.name
      throw error
    }
  }

  private func value(
    _ envelope: Envelope, _ field: SealedField, _ record: Value, _ keys: [KeyID: DataKey]
  ) throws(PrivataError) -> Value {
    guard let key = keys[envelope.keyID] else {
      throw PrivataError(
        .unknownKey,
        "\(plan.logical.name).\(field.name) was sealed with a key that the key store never had",
        fields: [field.name], model: plan.logical.name)
    }
    return try cipher.open(envelope, field, record: record, key)
  }
}

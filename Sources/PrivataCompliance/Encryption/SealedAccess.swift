internal import PrivataCore

/// The rows of one encrypted half, as operations see them: sealed on the way in, opened on the way
/// out.
struct SealedAccess: Sendable {
  let store: any Store
  let keys: SubjectKeys
  let plan: SealingPlan
  /// What a transaction has sealed; `nil` outside of one.
  let transaction: SealedWrites?

  /// True inside a transaction, where a change of several steps is one anyway.
  var isTransaction: Bool { transaction != nil }

  var cipher: FieldCipher { FieldCipher(region: keys.region, half: plan.half) }

  /// What a read asks the store for.
  func shape(
    _ projection: Projection, _ layout: RowLayout, beside: Set<String> = []
  ) throws(PrivataError) -> SealedShape {
    if beside.isEmpty {
      return try plan.shapes.shape(projection, layout, plan, region: keys.region)
    }
    return try SealedShape(projection, layout, plan, region: keys.region, beside: beside)
  }

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

  /// Sends a write with values that were sealed, whose keys stay until the store has it.
  func send(_ write: Write, _ sealer: RowSealer) async throws(PrivataError) -> WriteOutcome {
    defer { withExtendedLifetime(sealer.write) {} }
    try await sealer.write.check()
    return try await send(write)
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

  /// Opens the cells where they are: the bytes of what they held stay behind, unread.
  private func cells(
    _ batch: RowBatch, _ shape: SealedShape
  ) async throws(PrivataError) -> RowBatch {
    let keys = try await keys(of: batch, shape)
    var rows = batch
    var next = 0
    for row in 0..<batch.count {
      var owner: (id: KeyID, bytes: [UInt8])?
      for sealed in shape.sealed {
        guard let envelope = try parts(batch, row, sealed) else { continue }
        if keys[next].id != envelope.keyID { next += 1 }
        guard let key = keys[next].key else { throw unknownKey(sealed.field) }
        if owner?.id != envelope.keyID {
          let record = shape.recordColumn.flatMap { batch.value(row: row, column: $0) } ?? .null
          owner = (envelope.keyID, AssociatedData.owner(record, key: envelope.keyID))
        }
        let place = sealed.place + (owner?.bytes ?? [])
        let plain = try cipher.open(envelope.sealed, sealed.field, place: place, key)
        rows.set(element: plain, row: row, column: sealed.column)
      }
    }
    return rows
  }

  /// The keys in the order in which the cells need them, of equal ones in succession the first.
  private func keys(
    of batch: RowBatch, _ shape: SealedShape
  ) async throws(PrivataError) -> [(id: KeyID, key: DataKey?)] {
    var ids: [KeyID] = []
    for row in 0..<batch.count {
      for sealed in shape.sealed {
        guard let id = try parts(batch, row, sealed)?.keyID else { continue }
        if ids.last != id { ids.append(id) }
      }
    }
    return try await keys.keys(inOrder: ids)
  }

  /// The envelope in a cell, `nil` for an empty one.
  private func parts(
    _ batch: RowBatch, _ row: Int, _ sealed: SealedColumn
  ) throws(PrivataError) -> (keyID: KeyID, sealed: ArraySlice<UInt8>)? {
    let cell = batch.cell(row: row, column: sealed.column)
    switch cell.tag {
    case .missing, .null: return nil
    case .bytes:
      return try named(sealed.field) { () throws(PrivataError) in
        try Envelope.parts(of: batch.bytes(of: cell))
      }
    default:
      let bytes = try bytes(batch.value(of: cell) ?? .null, sealed.field)
      return try named(sealed.field) { () throws(PrivataError) in try Envelope.parts(of: bytes[...])
      }
    }
  }

  private func envelope(_ value: Value, _ field: SealedField) throws(PrivataError) -> Envelope {
    let bytes = try bytes(value, field)
    return try named(field) { () throws(PrivataError) in try Envelope(bytes[...]) }
  }

  private func bytes(_ value: Value, _ field: SealedField) throws(PrivataError) -> [UInt8] {
    guard case .binary(let binary) = value else {
      throw PrivataError(
        .tampered, "\(plan.logical.name).\(field.name) is encrypted but holds something else",
        fields: [field.name], model: plan.logical.name)
    }
    return binary.bytes
  }

  /// Names the field in what reading its envelope throws.
  private func named<R>(
    _ field: SealedField, _ read: () throws(PrivataError) -> R
  ) throws(PrivataError) -> R {
    do {
      return try read()
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
    guard let key = keys[envelope.keyID] else { throw unknownKey(field) }
    return try cipher.open(envelope, field, record: record, key)
  }

  private func unknownKey(_ field: SealedField) -> PrivataError {
    PrivataError(
      .unknownKey,
      "\(plan.logical.name).\(field.name) was sealed with a key that the key store never had",
      fields: [field.name], model: plan.logical.name)
  }
}

internal import PrivataCore

/// Seals the values of every encrypted model anew, under new versions of their keys, record by
/// record, while the vault serves. A record that a program changes meanwhile keeps the program's
/// values: the ciphertext is exchanged only where it is still the one that was read.
struct Resealing {
  let core: VaultCore
  let keys: SubjectKeys
  var perSecond: Int?

  func run() async throws(PrivataError) -> VaultEncryption.Rotation {
    var rotation = VaultEncryption.Rotation()
    var pace = Pace(perSecond)
    let plans = core.registry.sealings
    let stores = Set(plans.map(\.half.rawValue))
    // What seals from now on is a new version, and what was sealed with older ones is stored.
    rotation.made = try await keys.retireAll(stores: stores)
    let retired = try await keys.retired(stores: stores)
    try await keys.announceDestruction(isDraining: true)
    for plan in plans {
      let store = plan.half == .identity ? core.identityStore : core.clinicalStore
      guard let inner = (store as? EncryptedStore)?.inner else { continue }
      let access = SealedAccess(store: inner, keys: keys, plan: plan, transaction: nil)
      rotation.resealed += try await reseal(access, &pace)
    }
    let inUse = Set(try await uses(plans).keys)
    rotation.destroyed = try await keys.destroy(retired, except: inUse)
    return rotation
  }

  /// Seals the records of one half.
  private func reseal(
    _ access: SealedAccess, _ pace: inout Pace
  ) async throws(PrivataError) -> Int {
    var count = 0
    try await pages(access) { rows throws(PrivataError) in
      for row in rows {
        try await pace.step()
        if try await access.reseal(row) { count += 1 }
      }
    }
    return count
  }

  /// How many values each key seals, of those that seal any.
  func uses(_ plans: [SealingPlan]) async throws(PrivataError) -> [KeyID: Int] {
    var uses: [KeyID: Int] = [:]
    for plan in plans {
      let store = plan.half == .identity ? core.identityStore : core.clinicalStore
      guard let inner = (store as? EncryptedStore)?.inner else { continue }
      let access = SealedAccess(store: inner, keys: keys, plan: plan, transaction: nil)
      try await pages(access) { rows throws(PrivataError) in
        for row in rows {
          for (_, bytes) in row.ciphertexts {
            uses[try Envelope(bytes[...]).keyID, default: 0] += 1
          }
        }
      }
    }
    return uses
  }

  private func pages(
    _ access: SealedAccess, _ body: ([RawSealedRow]) async throws(PrivataError) -> Void
  ) async throws(PrivataError) {
    var last: Value?
    while true {
      let rows = try await access.rawRows(after: last, limit: 500)
      if rows.isEmpty { return }
      try await body(rows)
      last = rows.last?.row.record
    }
  }
}

/// A row as the store holds it.
struct RawSealedRow: Sendable {
  let row: SealedRow
  let ciphertexts: [(field: SealedField, bytes: [UInt8])]
}

extension SealedAccess {
  /// Rows with their ciphertexts, in the order of the field to which these are bound.
  func rawRows(after last: Value?, limit: Int) async throws(PrivataError) -> [RawSealedRow] {
    let names = plan.binding + plan.fields.map(\.name)
    let query = Query(
      plan.physical, where: last.map { .compare(plan.record, .greater, $0) } ?? .all,
      projection: .fields(names), sort: [SortKey(plan.record)], limit: limit, layout: .cells)
    let batch = try await store.rows(for: query)
    let offset = names.count - plan.fields.count
    var rows: [RawSealedRow] = []
    for row in 0..<batch.count {
      let record = batch.value(row: row, column: 0)
      let subject =
        plan.subject == nil ? Value?.none : batch.value(row: row, column: offset - 1)
      var ciphertexts: [(field: SealedField, bytes: [UInt8])] = []
      for (position, field) in plan.fields.enumerated() {
        guard let bytes = batch.value(row: row, column: offset + position)?.asBytes else {
          continue
        }
        ciphertexts.append((field, bytes))
      }
      rows.append(RawSealedRow(row: try self.row(record, subject), ciphertexts: ciphertexts))
    }
    return rows
  }

  /// Seals a row's values with the newest key; false where they are already, or changed meanwhile.
  func reseal(_ raw: RawSealedRow) async throws(PrivataError) -> Bool {
    let sealer = try await sealer([raw.row])
    guard let newest = sealer.keys[raw.row.subject] else { return false }
    var assignments: [Assignment] = []
    var same = [Filter.compare(plan.record, .equal, raw.row.record)]
    for (field, bytes) in raw.ciphertexts {
      let envelope = try Envelope(bytes[...])
      guard envelope.keyID != newest.id else { continue }
      guard let old = try await keys.keys([envelope.keyID])[envelope.keyID] else {
        throw PrivataError(
          .unknownKey, "\(plan.logical.name).\(field.name) was sealed with an unknown key",
          fields: [field.name], model: plan.logical.name)
      }
      let value = try cipher.open(envelope, field, record: raw.row.record, old)
      assignments.append(Assignment(field.name, try sealer.sealed(field, value, raw.row)))
      same.append(.compare(field.name, .equal, .binary(Binary(bytes))))
    }
    guard !assignments.isEmpty else { return false }
    let update = Update(plan.physical, where: .and(same), .assign(assignments), layout: .cells)
    return try await send(.update(update), sealer).matched == 1
  }
}

extension SubjectKeys {
  /// Takes every sealing key of these stores out of service; the next write makes a new version.
  func retireAll(stores: Set<String>) async throws(PrivataError) -> Int {
    guard !stores.isEmpty else { return 0 }
    let update = Update(
      KeyModels.keys,
      where: .and([
        .oneOf("store", stores.sorted().map { .string($0) }),
        .compare("state", .equal, .string(KeyState.active.rawValue)),
      ]), .assign([Assignment("state", .string(KeyState.retired.rawValue))]), isMany: true,
      layout: .cells)
    return try await write(.update(update)).matched
  }

  /// The keys of these stores that seal no more.
  func retired(stores: Set<String>) async throws(PrivataError) -> [KeyRow] {
    guard !stores.isEmpty else { return [] }
    return try await rows(
      .and([
        .oneOf("store", stores.sorted().map { .string($0) }),
        .compare("state", .equal, .string(KeyState.retired.rawValue)),
      ]))
  }

  /// Destroys keys that were out of service before everything was sealed anew, where they are not
  /// in use all the same.
  func destroy(
    _ retired: [KeyRow], except inUse: Set<KeyID>
  ) async throws(PrivataError) -> Int {
    let unused = retired.filter { !inUse.contains($0.id) }
    for row in unused {
      try await set(
        [row.id.value],
        [
          Assignment("state", .string(KeyState.shredded.rawValue)), Assignment("wrapped", .null),
          Assignment("slot", .null), Assignment("epoch", .null),
          Assignment("place", .binary(Binary(row.id.bytes))),
        ])
    }
    if !unused.isEmpty { try await announceDestruction() }
    return unused.count
  }
}

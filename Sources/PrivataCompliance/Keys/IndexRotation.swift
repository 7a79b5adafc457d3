internal import PrivataCore
internal import Synchronization

/// Exchanges the key of the tags while the vault serves; interrupted, the next call goes on.
struct IndexRotation {
  let core: VaultCore
  let keys: SubjectKeys
  var perSecond: Int?

  func run() async throws(PrivataError) -> VaultEncryption.Rotation {
    var rotation = VaultEncryption.Rotation()
    try await keys.renew()
    var step = keys.indexState.withLock { $0.step }
    let wanted = step.version + 1
    while step.version < wanted {
      switch step.phase {
      case 1: rotation.resealed += try await fill(.second)
      case 3: rotation.resealed += try await fill(.first)
      default: break
      }
      step = try await keys.advanceIndex(from: step)
      if step.phase == 1 { rotation.made += 1 }
    }
    for access in accesses { try await clear(access) }
    rotation.destroyed = try await keys.destroyIndexKeys(before: wanted)
    return rotation
  }

  private var accesses: [SealedAccess] {
    core.registry.sealings.compactMap { plan in
      let store = plan.half == .identity ? core.identityStore : core.clinicalStore
      guard plan.fields.contains(where: { $0.tag != nil }),
        let inner = (store as? EncryptedStore)?.inner
      else { return nil }
      return SealedAccess(store: inner, keys: keys, plan: plan, transaction: nil)
    }
  }

  /// Gives every record its tags in a place, until a look over all finds none to do.
  private func fill(_ column: TagColumn) async throws(PrivataError) -> Int {
    // A write that began before the step does not give them; sealed ones have ended since.
    await core.fences.waitForWrites()
    var count = 0
    var pace = Pace(perSecond)
    for access in accesses {
      while true {
        let changed = try await fill(column, access, &pace)
        count += changed
        if changed == 0 { break }
      }
    }
    return count
  }

  private func fill(
    _ column: TagColumn, _ access: SealedAccess, _ pace: inout Pace
  ) async throws(PrivataError) -> Int {
    guard let index = try await access.indexes().first(where: { $0.column == column }) else {
      return 0
    }
    var count = 0
    var last: Value?
    while true {
      let rows = try await access.rawRows(after: last, limit: 500)
      if rows.isEmpty { return count }
      for row in rows where try await access.tag(row, index) {
        count += 1
        try await pace.step()
      }
      last = rows.last?.row.record
    }
  }

  /// Takes the tags out of the second place.
  private func clear(_ access: SealedAccess) async throws(PrivataError) {
    let names = access.plan.fields.compactMap(\.nextTag)
    let update = Update(
      access.plan.physical, where: .or(names.map { .isNotNull($0) }),
      .assign(names.map { Assignment($0, .null, .unset) }), isMany: true, layout: .cells)
    _ = try await access.send(.update(update))
  }
}

extension SealedAccess {
  /// Gives a record the tags of an index; false where it has them, or was changed meanwhile.
  fileprivate func tag(
    _ raw: RawSealedRow, _ index: BlindIndex
  ) async throws(PrivataError) -> Bool {
    let tagged = raw.ciphertexts.filter { $0.field.tag != nil }
    let names = tagged.compactMap { index.name($0.field) }
    guard !names.isEmpty else { return false }
    let own = Filter.compare(plan.record, .equal, raw.row.record)
    let query = Query(
      plan.physical, where: own, projection: .fields(names), limit: 1, layout: .cells)
    let known = try await store.rows(for: query)
    guard known.count > 0 else { return false }
    var assignments: [Assignment] = []
    var same = [own]
    for (column, (field, bytes)) in tagged.enumerated() {
      let envelope = try Envelope(bytes[...])
      guard let key = try await keys.keys([envelope.keyID])[envelope.keyID] else { continue }
      let value = try cipher.open(envelope, field, record: raw.row.record, key)
      let tag = try index.tag(value, field)
      guard known.value(row: 0, column: column) != tag else { continue }
      assignments.append(Assignment(names[column], tag))
      // Only where it is still the value that was read.
      same.append(.compare(field.name, .equal, .binary(Binary(bytes))))
    }
    guard !assignments.isEmpty else { return false }
    let update = Update(plan.physical, where: .and(same), .assign(assignments), layout: .cells)
    return try await send(.update(update)).matched == 1
  }
}

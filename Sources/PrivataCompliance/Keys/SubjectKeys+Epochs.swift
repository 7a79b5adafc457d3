internal import PrivataCore

extension SubjectKeys {
  /// Wraps every epoch key anew with the key service's key of today.
  func rewrapEpochs() async throws(PrivataError) -> VaultEncryption.Rotation {
    var rotation = VaultEncryption.Rotation()
    for row in try await epochs.rows(nil) where row.wrapped != nil {
      try await epochs.rewrap(row)
      rotation.rewrapped += 1
    }
    return rotation
  }

  /// Begins an epoch in every store: data keys are wrapped anew, in batches, while they are in use.
  /// An epoch that an interrupted rotation began is finished instead.
  func beginEpoch(
    pace: Pace = Pace(nil)
  ) async throws(PrivataError) -> VaultEncryption.Rotation {
    var pace = pace
    var rotation = VaultEncryption.Rotation()
    let all = try await epochs.rows(nil)
    for store in Set(all.map(\.store)).sorted() {
      let live = all.filter { $0.store == store && $0.state == .active }
      if live.count < 2 {
        try await epochs.make(
          store, (all.filter { $0.store == store }.map(\.number).max() ?? 0) + 1)
        rotation.made += 1
      }
      epochs.forgetCurrent()
      let current = try await epochs.current(store)
      rotation.rewrapped += try await rewrap(store, under: current.id, &pace)
      for row in live where row.id != current.id {
        try await epochs.set(
          row.id,
          [
            Assignment("state", .string(KeyState.retired.rawValue)),
            Assignment("endedAt", .date(.now)),
          ])
      }
    }
    return rotation
  }

  /// Wraps the data keys of other epochs under one.
  private func rewrap(
    _ store: String, under epoch: KeyID, _ pace: inout Pace
  ) async throws(PrivataError) -> Int {
    var count = 0
    while true {
      var query = Query(
        KeyModels.keys,
        where: .and([
          .compare("store", .equal, .string(store)), .compare("epoch", .notEqual, epoch.value),
        ]), projection: .fields(KeyRow.fields), layout: .cells)
      query.limit = 1_000
      let batch = try await read(query)
      let rows = (0..<batch.count).compactMap { KeyRow(batch, $0) }
      if rows.isEmpty { return count }
      for row in rows {
        try await pace.step()
        count += try await rewrap(row, under: epoch) ? 1 : 0
      }
    }
  }

  /// Wraps one data key under an epoch; false where it was destroyed or wrapped meanwhile.
  private func rewrap(_ row: KeyRow, under epoch: KeyID) async throws(PrivataError) -> Bool {
    guard let old = row.epoch, let wrapped = row.wrapped else { return false }
    let bound = AssociatedData.key(
      row.id, region: region, store: row.store, version: row.version)
    let secret = try KeyWrap(try await epochs.key(old)).unwrap(wrapped, context: bound)
    let anew = try KeyWrap(try await epochs.key(epoch)).wrap(secret, context: bound)
    // Only where it is still as it was read: a key that was destroyed meanwhile stays so.
    let update = Update(
      KeyModels.keys,
      where: .and([
        .compare("_id", .equal, row.id.value), .compare("epoch", .equal, old.value),
        .compare("wrapped", .equal, .binary(Binary(wrapped))),
      ]),
      .assign([
        Assignment("wrapped", .binary(Binary(anew))), Assignment("epoch", epoch.value),
      ]), layout: .cells)
    return try await write(.update(update)).matched == 1
  }

  /// Destroys epoch keys that ended longer ago than backups of the key store are kept.
  func destroyEndedEpochs(now: DateTime) async throws(PrivataError) -> Int {
    let bound = now.milliseconds - Int64(options.backupDays) * 86_400_000
    var count = 0
    for row in try await epochs.rows(nil) {
      guard row.state == .retired, let ended = row.endedAt, ended.milliseconds <= bound else {
        continue
      }
      let query = Query(
        KeyModels.keys, where: .compare("epoch", .equal, row.id.value), answer: .exists,
        layout: .cells)
      // A key that was made late under the old epoch is wrapped anew first.
      if try await read(query).value(row: 0, column: 0)?.asBool == true {
        var pace = Pace(nil)
        _ = try await rewrap(row.store, under: try await epochs.current(row.store).id, &pace)
      }
      try await epochs.set(
        row.id,
        [
          Assignment("state", .string(KeyState.shredded.rawValue)), Assignment("wrapped", .null),
          Assignment("root", .null),
        ])
      epochs.forget(row.id)
      count += 1
    }
    return count
  }
}

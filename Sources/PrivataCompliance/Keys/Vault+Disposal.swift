public import PrivataCore

/// A store of a vault that is given up.
public enum DisposedStore: String, Sendable, Hashable, CaseIterable { case identity, clinical }

extension Vault {
  /// Destroys every key of a store: what it holds, and every copy of it on old disks and in backups of
  /// the data, cannot be read any more. What is written later gets new keys.
  ///
  /// ```swift
  /// let number = try await asOfficer.approvals.request(.disposal, why: "the disks are sold")
  /// try await asOther.approvals.approve(number)
  /// let certificate = try await asOfficer.dispose(.clinical, approval: number)
  /// ```
  ///
  /// - Parameter approval: the number of a second person's agreement.
  /// - Returns: a signed statement with the fingerprints of what was destroyed.
  /// - Throws: `unsupported` where the vault encrypts nothing; `approvalRequired`; `accessDenied` for
  ///   an agreement of somebody else or that is too old; `keyUnavailable`.
  /// - Privacy: backups of the key store open what they wrapped until they are gone themselves: the
  ///   certificate names the day by which they are.
  ///
  /// Source: 45 CFR 164.310(d)(2)(i) and (ii).
  public func dispose(
    _ store: DisposedStore, approval: String
  ) async throws(PrivataError) -> SignedStatement {
    let actor = context ?? AccessContext.current ?? .service
    guard let keys = core.subjectKeys else {
      throw PrivataError(.unsupported, "the vault encrypts nothing: there is no key to destroy")
    }
    try await core.consume(approval, for: .disposal, by: actor)
    let gone = try await keys.dispose(store.rawValue)
    core.cache?.removeAll()
    let now = core.access?.now ?? .now
    let horizon = now.milliseconds + Int64(keys.options.backupDays) * 86_400_000
    let statement = try SignedStatement(
      "disposal",
      [
        "store": .string(store.rawValue), "at": .string(now.iso8601),
        "approval": .string(approval), "dataKeys": .int(gone.dataKeys),
        "epochKeys": .array(gone.epochs.map { .string($0) }),
        "backupsEnd": .string(DateTime(milliseconds: horizon).iso8601),
      ], keys: core.keys)
    let entry = DocumentationEntry(
      .disposal, state: "closed", at: now, effectiveUntil: now, body: statement.statement,
      actor: actor.actor.id)
    try await core.documentation.add(entry)
    try core.record("keys.dispose", by: actor, about: entry)
    try core.recorder.journal.sync()
    return statement
  }
}

extension SubjectKeys {
  /// What a disposal destroyed.
  struct Disposal: Sendable {
    var dataKeys = 0
    var epochs: [String] = []
  }

  /// Destroys the epoch keys of a store and the data keys that they wrapped, and waits until no
  /// process can have them in memory. Interrupted, the next call goes on.
  func dispose(_ store: String) async throws(PrivataError) -> Disposal {
    var disposal = Disposal()
    for row in try await epochs.rows(store) where row.wrapped != nil {
      try await epochs.set(
        row.id,
        [
          Assignment("state", .string(KeyState.shredded.rawValue)), Assignment("wrapped", .null),
          Assignment("root", .null), Assignment("endedAt", .date(.now)),
        ])
      epochs.forget(row.id)
      disposal.epochs.append(row.id.fingerprint)
    }
    let live = Filter.and([
      .compare("store", .equal, .string(store)), .compare("region", .equal, .string(region)),
      .compare("state", .notEqual, .string(KeyState.shredded.rawValue)),
    ])
    while true {
      var query = Query(
        KeyModels.keys, where: live, projection: .fields(["_id"]), layout: .cells)
      query.limit = 1_000
      let batch = try await read(query)
      let ids = (0..<batch.count).compactMap { batch.value(row: $0, column: 0) }
      if ids.isEmpty { break }
      let zeros = Value.binary(Binary([UInt8](repeating: 0, count: 60)))
      try await set(ids, [Assignment("wrapped", zeros)])
      try await set(
        ids,
        [
          Assignment("state", .string(KeyState.shredded.rawValue)), Assignment("wrapped", .null),
          Assignment("epoch", .null),
        ])
      disposal.dataKeys += ids.count
    }
    epochs.forgetCurrent()
    try await announceDestruction()
    return disposal
  }
}

public import PrivataCore

/// The keys of a vault's encrypted fields, for those who look after them.
///
/// ```swift
/// let report = try await vault.encryption?.status()
/// try await vault.encryption?.rotate(.epoch)
/// ```
///
/// Everything here runs while the vault serves: both versions of a key open what they sealed.
public struct VaultEncryption: Sendable {
  let core: VaultCore
  let keys: SubjectKeys

  /// Which keys are exchanged.
  public enum Level: Sendable, Hashable {
    /// Epoch keys are wrapped anew with the key service's key of today.
    case root
    /// Each store gets a new epoch key, under which its data keys are wrapped anew; no data is
    /// touched.
    case epoch
    /// Every person's key gets a new version, and what the old one sealed is sealed anew; then the
    /// old one is destroyed.
    case subjects
    /// The key of the tags by which encrypted fields are found gets a new version; every record gets
    /// new tags, and is found by the old ones until all have them.
    case index
  }

  /// What a rotation did.
  public struct Rotation: Sendable, Hashable {
    /// Keys that were made.
    public var made = 0
    /// Keys that were wrapped anew.
    public var rewrapped = 0
    /// Records whose values were sealed anew.
    public var resealed = 0
    /// Keys that were destroyed because nothing is sealed with them any more.
    public var destroyed = 0
  }

  /// How many keys there are.
  public struct Status: Sendable, Hashable {
    /// One store's keys of one state: `identity active`.
    public struct Count: Sendable, Hashable {
      /// Where the keys seal, their state and their number.
      public let store: String
      public let state: String
      public let count: Int
    }

    /// One epoch key.
    public struct Epoch: Sendable, Hashable {
      /// Whose data keys it wraps, as the how manieth, and whether it still does.
      public let store: String
      public let number: Int
      public let state: String
      /// The key service's key that wraps it; `nil` once it is destroyed.
      public let rootID: String?
      public let begunAt: DateTime
      public let endedAt: DateTime?
    }

    /// The region of the vault, its data keys by store and state, and its epoch keys.
    public let region: String
    public let keys: [Count]
    public let epochs: [Epoch]
    /// True where an epoch has lasted longer than the options say.
    public let isEpochDue: Bool
  }

  /// How many keys there are, and of which age.
  public func status() async throws(PrivataError) -> Status {
    let epochs = try await keys.epochs.rows(nil)
    var counts: [Status.Count] = []
    for store in Set(epochs.map(\.store)).sorted() {
      for state in KeyState.allCases {
        let filter = Filter.and([
          .compare("store", .equal, .string(store)),
          .compare("state", .equal, .string(state.rawValue)),
        ])
        let query = Query(KeyModels.keys, where: filter, answer: .count, layout: .cells)
        let count = try await keys.read(query).value(row: 0, column: 0)?.asInt ?? 0
        if count > 0 { counts.append(.init(store: store, state: state.rawValue, count: count)) }
      }
    }
    let bound = DateTime.now.milliseconds - Int64(keys.options.epochDays) * 86_400_000
    return Status(
      region: keys.region, keys: counts,
      epochs: epochs.map {
        .init(
          store: $0.store, number: $0.number, state: $0.state.rawValue,
          rootID: $0.wrapped?.rootID, begunAt: $0.at, endedAt: $0.endedAt)
      },
      isEpochDue: epochs.contains { $0.state == .active && $0.at.milliseconds < bound })
  }

  /// Exchanges keys, and answers what was done; interrupted, the next call goes on.
  ///
  /// A key is destroyed only once nothing is sealed with it any more: the writes and transactions of
  /// every process that may have taken it are waited for.
  ///
  /// - Parameter perSecond: how many records, or keys, are done in a second at most.
  /// - Throws: `keyUnavailable`; what the stores throw.
  /// - Privacy: `.subjects` opens and seals every encrypted value in memory; audited.
  public func rotate(
    _ level: Level, perSecond: Int? = nil
  ) async throws(PrivataError) -> Rotation {
    let scope = AuditCoding.scope(
      .init(rawValue: "keys.rotate.\(level)"), model: "", fields: [], filterFields: [])
    do {
      try await core.learnAllModels()
      let rotation: Rotation
      switch level {
      case .root: rotation = try await keys.rewrapEpochs()
      case .epoch: rotation = try await keys.beginEpoch(pace: Pace(perSecond))
      case .subjects:
        rotation = try await Resealing(core: core, keys: keys, perSecond: perSecond).run()
      case .index:
        rotation = try await IndexRotation(core: core, keys: keys, perSecond: perSecond).run()
      }
      try core.recorder.record(
        .service, scope: scope, result: AuditResult(count: rotation.rewrapped + rotation.resealed),
        isPersonal: true)
      return rotation
    } catch {
      try core.recorder.record(.service, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  /// How many values each key that is out of service still seals, by the key's fingerprint: a
  /// rotation of the subjects' keys brings them to zero, and destroys the key then.
  ///
  /// - Privacy: looks at every encrypted record, and opens none.
  public func remaining() async throws(PrivataError) -> [String: Int] {
    try await core.learnAllModels()
    let plans = core.registry.sealings
    let retired = try await keys.retired(stores: Set(plans.map(\.half.rawValue)))
    let uses = try await Resealing(core: core, keys: keys).uses(plans)
    return retired.reduce(into: [:]) { $0[$1.id.fingerprint] = uses[$1.id] ?? 0 }
  }

  /// Destroys the epoch keys whose backups are gone, and with them the keys in older backups.
  ///
  /// - Returns: how many were destroyed.
  public func destroyEndedEpochs(now: DateTime = .now) async throws(PrivataError) -> Int {
    try await core.checkSecondPerson(.keyDestruction, by: AccessContext.current ?? .service)
    return try await keys.destroyEndedEpochs(now: now)
  }
}

extension Vault {
  /// The keys of the vault's encrypted fields; `nil` where the vault encrypts none.
  public var encryption: VaultEncryption? {
    core.subjectKeys.map { VaultEncryption(core: core, keys: $0) }
  }
}

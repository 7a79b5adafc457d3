internal import PrivataCore
internal import Synchronization

/// What every transfer out of a region goes through: judged, written down and audited before
/// anything leaves.
final class TransferGate: Sendable {
  private let rules: Mutex<TransferRules>
  private let isReady = Atomic(false)
  let store: any Store
  let recorder: AuditRecorder
  let hasKeys: Bool
  /// Who is told; `nil` for nobody.
  private let watch: AuditWatch?

  /// How often a derogation may be used for one recipient, and within which time.
  static let repetitions = 3
  static let window: Int64 = 30 * 86_400_000

  init(
    _ rules: TransferRules, store: any Store, recorder: AuditRecorder, hasKeys: Bool,
    watch: AuditWatch? = nil
  ) {
    self.watch = watch
    self.rules = Mutex(rules)
    self.store = store
    self.recorder = recorder
    self.hasKeys = hasKeys
  }

  var table: AdequacyTable { rules.withLock { $0.adequacy } }

  func use(_ table: AdequacyTable) { rules.withLock { $0.adequacy = table } }

  private let warned = Mutex<String?>(nil)

  /// Says, once for each table, that nobody compared it with the decisions for long.
  private func warn(_ table: AdequacyTable) throws(PrivataError) {
    guard table.isStale(at: .now) else { return }
    let isFirst = warned.withLock { warned in
      defer { warned = table.version }
      return warned != table.version
    }
    guard isFirst else { return }
    let scope = AuditCoding.scope(
      .staleAdequacy, model: "", fields: ["table:\(table.version)"], filterFields: [])
    try recorder.record(.service, scope: scope, result: AuditResult(), isPersonal: false)
    watch?.raise(.staleAdequacy, nil, 1)
  }

  /// Tells that an authority's order was blocked.
  func tellOfOrder() { watch?.raise(.foreignOrder, nil, 1) }

  // MARK: - Asked for

  /// Judges a transfer and writes it down.
  ///
  /// - Throws: `transferRefused`, `transferPendingReview`; the refusal is written down too.
  func authorise(
    _ transfer: Transfer, _ context: AccessContext, order: ForeignOrder? = nil
  ) async throws(PrivataError) -> TransferRecord {
    try await prepare()
    let table = table
    try warn(table)
    let judgement = TransferJudgement(
      table: table, now: .now, keepsKeys: hasKeys && !transfer.sharesKeys)
    var record = TransferRecord(transfer, version: table.version)
    do throws(PrivataError) {
      try judgement.check(transfer, order)
      let ground = try judgement.ground(
        from: transfer.from, to: transfer.destination, transfer.basis)
      record.basis = ground.name
      record.reference = ground.reference
      if ground.isDerogation { try await checkRepetition(record) }
    } catch {
      record.outcome = error.code.name
      try await TransferRegister.add(record, to: store)
      try audit(record, transfer, context, error)
      throw error
    }
    try await TransferRegister.add(record, to: store)
    try audit(record, transfer, context, nil)
    return record
  }

  /// The transfers that were asked for, oldest first, also the refused ones.
  func records() async throws(PrivataError) -> [TransferRecord] {
    try await prepare()
    return try await TransferRegister.records(in: store)
  }

  private func prepare() async throws(PrivataError) {
    if isReady.load(ordering: .acquiring) { return }
    try await store.prepare([TransferRegister.model])
    isReady.store(true, ordering: .releasing)
  }

  /// - Throws: `transferPendingReview` where the derogation is no exception any more.
  private func checkRepetition(_ record: TransferRecord) async throws(PrivataError) {
    let since = DateTime(milliseconds: record.at.milliseconds - Self.window)
    let used = try await TransferRegister.count(record.basis, record.recipient, since, in: store)
    guard used >= Self.repetitions else { return }
    throw PrivataError(
      .transferPendingReview,
      """
      the derogation \(record.basis) was used \(used) times in 30 days for this recipient: \
      somebody has to look at it
      """)
  }

  // MARK: - Callers of another region

  /// Lets a caller of another region see data where a standing transfer says so.
  ///
  /// - Throws: `residencyViolation`; it says what is missing.
  func admit(
    _ context: AccessContext, from region: Region, to destination: Region, model: String
  ) async throws(PrivataError) {
    let rules = rules.withLock { $0 }
    try warn(rules.adequacy)
    let standing = rules.standing.first { $0.from == region && $0.to == destination }
    let judgement = TransferJudgement(table: rules.adequacy, now: .now, keepsKeys: false)
    var ground: TransferJudgement.Ground?
    var why = "no standing transfer is agreed"
    if let standing {
      do throws(PrivataError) {
        ground = try judgement.ground(from: region, to: standing.destination, standing.basis)
      } catch {
        why = error.message
      }
    }
    let scope = AuditCoding.scope(
      .transfer, model: model,
      fields: ["to:\(destination)", "basis:\(ground?.name ?? "none")"]
        + (ground == nil ? [] : ["table:\(rules.adequacy.version)"]), filterFields: [])
    guard ground != nil else {
      let error = PrivataError(
        .residencyViolation,
        "a caller of region \(destination) may not see \(model) of region \(region): \(why)",
        model: model)
      try recorder.record(
        context, scope: scope, result: AuditResult(error, .refused), isPersonal: true)
      throw error
    }
    try recorder.record(context, scope: scope, result: AuditResult(), isPersonal: true)
  }

  // MARK: - Audit

  private func audit(
    _ record: TransferRecord, _ transfer: Transfer, _ context: AccessContext,
    _ error: PrivataError?
  ) throws(PrivataError) {
    let scope = AuditCoding.scope(
      .transfer, model: transfer.model ?? "",
      fields: [
        "to:\(record.country)", "basis:\(record.basis)", "table:\(record.tableVersion)",
      ], filterFields: [])
    var result = error.map { AuditResult($0, .refused) } ?? AuditResult(count: transfer.count)
    result.subjectOf = record.id
    try recorder.record(context, scope: scope, result: result, isPersonal: true)
  }
}

extension AuditEvent.Action {
  /// Data left its region, or was not let out.
  public static let transfer = AuditEvent.Action(rawValue: "transfer")
  /// Transfers are judged by a table that nobody compared with the decisions for 180 days.
  public static let staleAdequacy = AuditEvent.Action(rawValue: "transfer.staleTable")
}

internal import Crypto
public import PrivataCore

/// The audit log of a vault, for reading.
///
/// ```swift
/// for try await event in vault.audit.events(matching: .init(model: "User")) { print(event.action) }
/// let report = try await vault.audit.verify()
/// ```
///
/// Events that still wait in this process's journal are moved to the store first.
public struct VaultAudit: AuditTrail {
  let core: VaultCore
  /// Who reads, where it is not the task's own context.
  var reader: AccessContext?
  /// True where reading leaves an event: for everybody but the vault itself.
  var isAudited = false

  /// Who reads, as the log names them.
  var who: AccessContext { reader ?? AccessContext.current ?? .service }

  /// The events that a selection means, oldest first.
  ///
  /// - Privacy: reading the log is audited, once its first event was asked for.
  public func events(matching selection: AuditSelection = .init()) -> AuditEvents {
    AuditEvents(audit: self, selection: selection)
  }

  /// How many events a selection means.
  public func count(
    matching selection: AuditSelection = .init()
  ) async throws(PrivataError) -> Int {
    try await audited(.auditQuery) { () async throws(PrivataError) in
      try await core.drain()
      return try await counted(selection)
    }
  }

  private func counted(_ selection: AuditSelection) async throws(PrivataError) -> Int {
    if selection.isDecidedByTheStore {
      let query = Query(
        AuditModels.events, where: selection.filter(nil), answer: .count, layout: .cells)
      return try await core.auditStore.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
    }
    var pages = AuditPages(core, selection)
    var count = 0
    while let page = try await pages.next() { count += page.count }
    return count
  }

  /// How many events wait in this process's journal.
  public var waiting: Int { core.recorder.journal.pending }

  /// Moves the events that wait to the audit store now.
  ///
  /// - Throws: what the audit store throws; the events stay in the journal.
  public func flush() async throws(PrivataError) { try await core.drain() }

  /// The public key of the signatures, in 32 bytes.
  public var publicKey: [UInt8] { Array(core.keys.signing.publicKey.rawRepresentation) }

  /// Runs a reading of the log and leaves an event that says so.
  func audited<R>(
    _ action: AuditEvent.Action, _ body: () async throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    do {
      let result = try await body()
      try recordReading(action, AuditResult())
      return result
    } catch {
      try recordReading(action, AuditResult(error))
      throw error
    }
  }

  func recordReading(
    _ action: AuditEvent.Action, _ result: AuditResult
  ) throws(PrivataError) {
    guard isAudited else { return }
    let scope = AuditCoding.scope(action, model: "", fields: [], filterFields: [])
    try core.recorder.record(who, scope: scope, result: result, isPersonal: false)
  }
}

/// Audit events, read in pages.
public struct AuditEvents: AsyncSequence, Sendable {
  let audit: VaultAudit
  let selection: AuditSelection

  /// An iterator over the elements.
  public func makeAsyncIterator() -> Iterator {
    Iterator(audit: audit, pages: AuditPages(audit.core, selection))
  }

  /// Reads 256 events at a time.
  public struct Iterator: AsyncIteratorProtocol {
    let audit: VaultAudit
    var pages: AuditPages
    private var page: [StoredAuditEvent] = []
    private var position = 0
    private var hasBegun = false

    init(audit: VaultAudit, pages: AuditPages) {
      self.audit = audit
      self.pages = pages
    }

    public mutating func next() async throws(PrivataError) -> AuditEvent? {
      if !hasBegun {
        hasBegun = true
        try await audit.audited(.auditQuery) { () async throws(PrivataError) in
          try await audit.core.drain()
        }
      }
      while position == page.count {
        guard let more = try await pages.next() else { return nil }
        page = more
        position = 0
      }
      position += 1
      return page[position - 1].event
    }
  }
}

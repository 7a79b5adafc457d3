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

  /// The events that a selection means, oldest first.
  public func events(matching selection: AuditSelection = .init()) -> AuditEvents {
    AuditEvents(core: core, selection: selection)
  }

  /// How many events a selection means.
  public func count(
    matching selection: AuditSelection = .init()
  ) async throws(PrivataError) -> Int {
    try await core.drain()
    if selection.record == nil {
      let query = Query(
        AuditModels.events, where: selection.filter(nil), answer: .count, layout: .cells)
      return try await core.auditStore.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
    }
    var count = 0
    for try await _ in events(matching: selection) { count += 1 }
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
}

/// Audit events, read in pages.
public struct AuditEvents: AsyncSequence, Sendable {
  let core: VaultCore
  let selection: AuditSelection

  /// An iterator over the elements.
  public func makeAsyncIterator() -> Iterator { Iterator(core: core, selection: selection) }

  /// Reads 256 events at a time.
  public struct Iterator: AsyncIteratorProtocol {
    private let core: VaultCore
    private let selection: AuditSelection
    private let reference: RecordReference?
    private var page: [AuditEvent] = []
    private var position = 0
    private var last: Filter?
    private var isDrained = false
    private var isAtEnd = false

    private static let pageSize = 256

    init(core: VaultCore, selection: AuditSelection) {
      self.core = core
      self.selection = selection
      reference = selection.record.map { core.references.reference(to: $0, of: selection.model) }
    }

    public mutating func next() async throws(PrivataError) -> AuditEvent? {
      while true {
        while position < page.count {
          position += 1
          let event = page[position - 1]
          if selection.admits(event, reference) { return event }
        }
        if isAtEnd { return nil }
        try await fetch()
      }
    }

    private mutating func fetch() async throws(PrivataError) {
      if !isDrained {
        try await core.drain()
        isDrained = true
      }
      var query = Query(
        AuditModels.events, where: selection.filter(reference).and(last ?? .all),
        projection: .fields(["at", "_id", "raw"]), sort: [SortKey("at"), SortKey("_id")],
        layout: .cells)
      query.limit = Self.pageSize
      let rows = try await core.auditStore.rows(for: query)
      page = []
      position = 0
      isAtEnd = rows.count < Self.pageSize
      for row in 0..<rows.count {
        guard case .binary(let raw)? = rows.value(row: row, column: 2) else { continue }
        page.append(try AuditEvent(bytes: raw.bytes))
      }
      guard rows.count > 0, let at = rows.value(row: rows.count - 1, column: 0),
        let id = rows.value(row: rows.count - 1, column: 1)
      else { return }
      last = .or([
        .compare("at", .greater, at),
        .and([.compare("at", .equal, at), .compare("_id", .greater, id)]),
      ])
    }
  }
}

internal import PrivataCore

/// An event with its place and its bytes, as the audit store holds it.
struct StoredAuditEvent: Sendable {
  let writer: UInt64
  let sequence: UInt64
  let raw: [UInt8]
  let event: AuditEvent
}

/// The events of a selection, page by page, in the order of time.
struct AuditPages: Sendable {
  private let core: VaultCore
  private let selection: AuditSelection
  private let reference: RecordReference?
  private var last: Filter?
  private var isAtEnd = false

  private static let pageSize = 256

  init(_ core: VaultCore, _ selection: AuditSelection) {
    self.core = core
    self.selection = selection
    reference = selection.record.map { core.references.reference(to: $0, of: selection.model) }
  }

  /// What comes after an event.
  static func behind(_ at: Value, _ id: Value) -> Filter {
    .or([
      .compare("at", .greater, at),
      .and([.compare("at", .equal, at), .compare("_id", .greater, id)]),
    ])
  }

  /// The next events, maybe none of a page; `nil` behind the last page.
  ///
  /// - Throws: what the store throws; `corrupt` for bytes that are no event.
  mutating func next() async throws(PrivataError) -> [StoredAuditEvent]? {
    if isAtEnd { return nil }
    let query = Query(
      AuditModels.events, where: selection.filter(reference).and(last ?? .all),
      projection: .fields(["at", "_id", "writer", "sequence", "raw"]),
      sort: [SortKey("at"), SortKey("_id")], limit: Self.pageSize, layout: .cells)
    let rows = try await core.auditStore.rows(for: query)
    isAtEnd = rows.count < Self.pageSize
    guard rows.count > 0 else { return nil }
    if let at = rows.value(row: rows.count - 1, column: 0),
      let id = rows.value(row: rows.count - 1, column: 1)
    {
      last = Self.behind(at, id)
    }
    var page: [StoredAuditEvent] = []
    for row in 0..<rows.count {
      guard case .int64(let writer)? = rows.value(row: row, column: 2),
        let sequence = rows.value(row: row, column: 3)?.asInt,
        let raw = rows.value(row: row, column: 4)?.asBytes
      else { continue }
      let event = try AuditEvent(bytes: raw)
      guard selection.admits(event, reference) else { continue }
      page.append(
        StoredAuditEvent(
          writer: UInt64(bitPattern: writer), sequence: UInt64(sequence), raw: raw, event: event))
    }
    return page
  }
}

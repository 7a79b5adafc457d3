internal import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// The rows of a query in pieces, from a cursor on the server: neither side holds more than a piece.
/// Where the engine has to sort, all matching records are read before the first piece.
final class PostgresRowStream: RowStream {
  private let session: PostgresSession
  private let scope: PostgresTransactionScope
  private let ownsScope: Bool
  private let cursor: Cursor
  private let progress: Mutex<Progress>

  private struct Progress: Sendable {
    var pieces: QueryPieces
    var isOpen = false
    var isEnded = false
  }

  /// The statements of a cursor.
  private struct Cursor: Sendable {
    let declare: SQLStatement
    let fetch: SQLStatement
    let close: String
  }

  /// A stream over a plan's rows. One that owns its transaction ends it with the last piece.
  init(
    _ session: PostgresSession, _ scope: PostgresTransactionScope, ownsScope: Bool,
    _ plan: ReadPlan, _ query: Query, batchSize: Int
  ) throws(PrivataError) {
    self.session = session
    self.scope = scope
    self.ownsScope = ownsScope
    cursor = Self.cursor(plan.statement(for: query), scope.addCursor(), batchSize: batchSize)
    progress = Mutex(Progress(pieces: try QueryPieces(plan, query, size: batchSize)))
  }

  private static func cursor(
    _ select: SQLStatement, _ name: String, batchSize: Int
  ) -> Cursor {
    let template = select.template
    return Cursor(
      declare: SQLStatement(
        SQLTemplate(
          "DECLARE \(name) NO SCROLL CURSOR FOR \(template.text)", collection: template.collection,
          parameters: template.parameters, columns: []),
        select.parameters),
      fetch: SQLStatement(
        SQLTemplate(
          "FETCH FORWARD \(batchSize) FROM \(name)", kind: "schema",
          collection: template.collection, columns: template.columns)),
      close: "CLOSE \(name)")
  }

  /// The next piece, `nil` after the last.
  func next() async throws(PrivataError) -> RowBatch? {
    while true {
      if let piece = progress.withLock({ $0.pieces.next() }) { return piece }
      let isDone = progress.withLock { $0.isEnded || $0.pieces.isDone }
      if isDone {
        await close()
        return nil
      }
      let rows = try await fetch()
      try progress.withLock { progress throws(PrivataError) in try progress.pieces.take(rows) }
    }
  }

  private func fetch() async throws(PrivataError) -> RowBatch {
    let isOpen = progress.withLock { progress in
      defer { progress.isOpen = true }
      return progress.isOpen
    }
    // The first piece comes in the round trip that opens transaction and cursor.
    let statements = isOpen ? [cursor.fetch] : [cursor.declare, cursor.fetch]
    let results = try await session.run(OneOrMore(all: statements))
    return try session.read(results.last, of: cursor.fetch.template)
  }

  /// Gives the connection back, or closes the cursor of a transaction that goes on.
  func close() async {
    let wasOpen = progress.withLock { progress -> Bool? in
      guard !progress.isEnded else { return nil }
      progress.isEnded = true
      return progress.isOpen
    }
    guard let wasOpen else { return }
    let terms = PostgresSession.Terms(isCancellable: false)
    if !ownsScope {
      if wasOpen { _ = try? await session.run(texts: [cursor.close], terms) }
      return
    }
    guard wasOpen, (try? scope.end()) != nil else { return scope.lease.end(.clean) }
    let lone = PostgresSession(session.context, lease: scope.lease)
    let isEnded = (try? await lone.run(texts: ["COMMIT"], terms)) != nil
    scope.lease.end(isEnded ? .clean : .broken)
  }
}

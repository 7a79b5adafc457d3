public import PrivataCore
internal import Synchronization

/// The rows of a query in batches. At most one batch is in memory, and no batch exceeds 16 MiB.
public final class MongoRowStream: RowStream {
  private enum Position: Sendable {
    case start
    case cursor(Int64)
    case end
  }

  private let command: Command
  private let shape: RowShape
  private let batchSize: Int
  private let connection: PinnedConnection
  private let owns: Bool
  private let position: Mutex<(Position, ServerID)>

  init(
    _ query: Query, batchSize: Int, on connection: PinnedConnection, owns: Bool
  ) throws(PrivataError) {
    let target = connection.context.target(query.model)
    try target.check(query)
    var query = query
    if query.limit == 0 { query.limit = nil }
    self.batchSize = max(1, batchSize)
    self.connection = connection
    self.owns = owns
    shape = try RowShape(query.layout, query.projection, target)
    command = try PinnedConnection.command(query, target, batchSize: self.batchSize)
    position = Mutex((.start, .any))
  }

  deinit {
    guard owns else { return }
    let command = command
    let cursor = position.withLock { $0 }
    connection.release { connection in
      if case .cursor(let id) = cursor.0 {
        _ = try? connection.run(.killCursor(id, of: command), on: cursor.1) { _ in }
      }
    }
  }

  /// The next batch, `nil` after the last.
  ///
  /// - Throws: what the server refuses, `connection`, `cancelled`; the stream is over then.
  public func next() async throws(PrivataError) -> RowBatch? {
    while true {
      let (current, server) = position.withLock { $0 }
      let batch: RowBatch?
      switch current {
      case .end: return nil
      case .start: batch = try await open()
      case .cursor(let id): batch = try await more(id, server)
      }
      // The server may answer an empty batch in the middle.
      if let batch, !batch.isEmpty { return batch }
    }
  }

  /// Closes the cursor and gives back the connection.
  public func close() async {
    let (current, server) = position.withLock { position in
      defer { position.0 = .end }
      return position
    }
    if case .cursor(let id) = current {
      let kill = Command.killCursor(id, of: command)
      _ = try? await connection.withConnection(nil) { (connection, _) throws(PrivataError) in
        try connection.run(kill, on: server) { _ in }
      }
    }
    if owns { connection.release() }
  }

  private func open() async throws(PrivataError) -> RowBatch? {
    connection.context.log(command)
    let (command, shape) = (command, shape)
    return try await advance { (connection, server) throws(PrivataError) in
      server = try connection.server(forCursorOf: command)
      return try connection.batch(command, server, shape)
    }
  }

  private func more(_ id: Int64, _ server: ServerID) async throws(PrivataError) -> RowBatch? {
    let more = Command.getMore(id, of: command, batchSize: batchSize)
    let shape = shape
    return try await advance { (connection, current) throws(PrivataError) in
      current = server
      return try connection.batch(more, server, shape)
    }
  }

  private func advance(
    _ body:
      @escaping @Sendable (MongoConnection, inout ServerID) throws(PrivataError) -> (
        RowBatch, Int64
      )
  ) async throws(PrivataError) -> RowBatch? {
    do {
      let (batch, id, server) = try await connection.withConnection(command.kind(batchSize)) {
        (connection, _) throws(PrivataError) in
        var server = ServerID.any
        let (batch, id) = try body(connection, &server)
        return (batch, id, server)
      }
      position.withLock { $0 = (id == 0 ? .end : .cursor(id), server) }
      if id == 0, owns { connection.release() }
      return batch
    } catch {
      position.withLock { $0.0 = .end }
      if owns { connection.release { _ in } }
      throw error
    }
  }
}

extension MongoConnection {
  /// One batch of a cursor and the cursor's id.
  fileprivate func batch(
    _ command: Command, _ server: ServerID, _ shape: RowShape
  ) throws(PrivataError) -> (RowBatch, Int64) {
    var batch = RowBatch(width: shape.width)
    let id = try run(command, on: server) { (reply) throws(PrivataError) in
      try CursorReply.read(reply) { shape.append($0, to: &batch) }
    }
    return (batch, id)
  }
}

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

  /// The rows of a pipeline.
  init(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?, batchSize: Int,
    on connection: PinnedConnection, owns: Bool
  ) throws(PrivataError) {
    self.batchSize = max(1, options?.batchSize ?? batchSize)
    self.connection = connection
    self.owns = owns
    shape = .raw
    command = try .aggregate(
      stages, on: connection.context.target(model), options: options, batchSize: self.batchSize)
    position = Mutex((.start, .any))
  }

  deinit {
    guard owns else { return }
    let (command, cursor) = (command, position.withLock { $0 })
    connection.release { Self.kill(cursor, of: command, on: $0) }
  }

  private static func kill(
    _ cursor: (Position, ServerID), of command: Command, on connection: MongoConnection
  ) {
    guard case .cursor(let id) = cursor.0 else { return }
    _ = try? connection.run(.killCursor(id, of: command), on: cursor.1) { _ in }
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

  /// Closes the cursor and gives back the connection, behind a call that is under way.
  public func close() async {
    let known = takePosition()
    let work: @Sendable (MongoConnection) -> Void = { [self] connection in
      Self.kill(known, of: command, on: connection)
      // The call that was under way may have opened the cursor.
      Self.kill(takePosition(), of: command, on: connection)
    }
    guard !owns else { return connection.release(after: work) }
    _ = try? await connection.withConnection(nil) { (connection, _) throws(PrivataError) in
      work(connection)
    }
  }

  /// Where the stream is; it is at its end from now on.
  private func takePosition() -> (Position, ServerID) {
    position.withLock { position in
      defer { position.0 = .end }
      return position
    }
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
      let (batch, isLast) = try await connection.withConnection(command.kind(batchSize)) {
        [self] (connection, _) throws(PrivataError) in
        var server = ServerID.any
        let (batch, id) = try body(connection, &server)
        // Noted in here, so that the cursor of a cancelled caller can be closed.
        position.withLock { $0 = (id == 0 ? .end : .cursor(id), server) }
        return (batch, id == 0)
      }
      if isLast, owns { connection.release() }
      return batch
    } catch {
      if error.code == .cancelled {
        await close()
      } else {
        _ = takePosition()
        if owns { connection.release() }
      }
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

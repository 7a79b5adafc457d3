public import PrivataCore
internal import Synchronization

/// The changes of a collection or a database, in order, across broken connections and changes of the
/// primary. Holds a connection; one task at a time asks it for the next.
///
/// ```swift
/// let changes = try await store.watch(user, pipeline: [], options: WatchOptions())
/// while let change = try await changes.next() { … }
/// ```
public final class MongoChangeStream: ChangeStream {
  private struct State: Sendable {
    var cursor: Int64 = 0
    var collection: String
    var token: Document?
    var waiting = FIFO<Document>()
    var isOpen = true
  }

  private let target: Target?
  private let database: String
  private let pipeline: [Document]
  private let options: WatchOptions
  private let connection: PinnedConnection
  private let state: Mutex<State>

  static func open(
    _ target: Target?, _ database: String, _ pipeline: [Document], _ options: WatchOptions,
    on connection: PinnedConnection
  ) async throws(PrivataError) -> MongoChangeStream {
    let stream = MongoChangeStream(target, database, pipeline, options, connection)
    do {
      try await stream.open()
    } catch {
      connection.release()
      throw error
    }
    return stream
  }

  private init(
    _ target: Target?, _ database: String, _ pipeline: [Document], _ options: WatchOptions,
    _ connection: PinnedConnection
  ) {
    self.target = target
    self.database = target?.database ?? database
    self.pipeline = pipeline
    self.options = options
    self.connection = connection
    state = Mutex(State(collection: target?.collection ?? "$cmd.aggregate"))
  }

  deinit {
    let kill = killing
    connection.release { Self.kill(kill, on: $0) }
  }

  /// The token of the last event handed out, or of the point that the server has searched to.
  public var resumeToken: Document? { state.withLock { $0.token } }

  /// Waits for the next change; `nil` once the stream has been closed.
  ///
  /// A broken connection is mended once and the stream goes on where it was.
  ///
  /// - Throws: `cancelled`; `connection`, where the server cannot be reached again; what the server
  ///   refuses, for instance a token that is too old.
  public func next() async throws(PrivataError) -> Document? {
    var isMended = false
    while true {
      if let event = take() { return event }
      guard state.withLock({ $0.isOpen }) else { return nil }
      do {
        try await receive()
        isMended = false
      } catch {
        guard state.withLock({ $0.isOpen }) else { return nil }
        guard !isMended, error.isResumable else { throw error }
        isMended = true
        try await open()
      }
    }
  }

  /// Closes the cursor and gives back the connection, behind a call that is under way; ``next()``
  /// then answers `nil`.
  public func close() async {
    state.withLock { $0.isOpen = false }
    connection.release { [self] in Self.kill(killing, on: $0) }
  }

  /// What closes the cursor; `nil` where there is none.
  private var killing: Command? {
    let cursor = state.withLock { $0.cursor }
    return cursor == 0 ? nil : Command.killCursor(cursor, of: command([]))
  }

  private static func kill(_ command: Command?, on connection: MongoConnection) {
    if let command { _ = try? connection.run(command) { _ in } }
  }

  private func take() -> Document? {
    state.withLock { state in
      guard let event = state.waiting.popFirst() else { return nil }
      if let token = event["_id"]?.asDocument { state.token = token }
      return event
    }
  }
}

// MARK: - Commands

extension MongoChangeStream {
  /// Opens the cursor, after the last event seen.
  private func open() async throws(PrivataError) {
    let token = state.withLock { $0.token }
    var writer = BSONWriter()
    let mark = writer.beginDocument()
    if let target {
      writer.append("aggregate", string: target.collection)
    } else {
      writer.append("aggregate", int32: 1)
    }
    let stages = [["$changeStream": .document(options.stage(after: token))]] + pipeline
    writer.append("pipeline", .array(stages.map { .document($0) }))
    let size = options.batchSize.map { ["batchSize": .int($0)] as Document } ?? [:]
    writer.append("cursor", .document(size))
    if let collation = options.collation { writer.append("collation", .document(collation)) }
    if let comment = options.comment { writer.append("comment", string: comment) }
    writer.end(mark)
    let command = command(try writer.finish())
    connection.context.log(command)
    try await run(command)
  }

  private func receive() async throws(PrivataError) {
    let cursor = state.withLock { $0.cursor }
    try await run(
      .getMore(
        cursor, of: command([]), batchSize: options.batchSize,
        awaitMilliseconds: options.awaitMilliseconds))
  }

  private func run(_ command: Command) async throws(PrivataError) {
    let state = self
    try await connection.withConnection(nil) { (connection, _) throws(PrivataError) in
      // Taken in here, so that a cancelled caller loses no event.
      try connection.run(command) { state.take($0) }
    }
  }

  private func command(_ bytes: [UInt8]) -> Command {
    var command = Command(
      name: "aggregate", database: database, collection: state.withLock { $0.collection },
      bytes: bytes, mode: .read, model: target?.model?.name)
    let collection = command.collection
    command.shape = { "\(collection).watch()" }
    return command
  }

  private func take(_ reply: Span<UInt8>) {
    guard let cursor = Document(copying: reply)["cursor"]?.asDocument else { return }
    let batch = (cursor["nextBatch"] ?? cursor["firstBatch"])?.asArray ?? []
    state.withLock { state in
      state.cursor = Int64(cursor["id"]?.asInt ?? 0)
      if let name = cursor["ns"]?.asString?.dropFirst(database.count + 1) {
        state.collection = String(name)
      }
      for case .document(let event) in batch { state.waiting.append(event) }
      if batch.isEmpty, let token = cursor["postBatchResumeToken"]?.asDocument {
        state.token = token
      }
      // An event that invalidates the stream, such as a dropped collection, is its last.
      if state.cursor == 0 { state.isOpen = false }
    }
  }
}

extension WatchOptions {
  /// The stage that opens a stream, after a token where there is one.
  fileprivate func stage(after token: Document?) -> Document {
    var stage = Document()
    if let fullDocument { stage["fullDocument"] = .string(fullDocument) }
    if let fullDocumentBeforeChange {
      stage["fullDocumentBeforeChange"] = .string(fullDocumentBeforeChange)
    }
    if let token {
      stage["resumeAfter"] = .document(token)
    } else if let startAfter {
      stage["startAfter"] = .document(startAfter)
    } else if let resumeAfter {
      stage["resumeAfter"] = .document(resumeAfter)
    } else if let startAtOperationTime {
      stage["startAtOperationTime"] = .timestamp(startAtOperationTime)
    }
    return stage
  }
}

extension PrivataError {
  /// True where a change stream can be opened again after the error.
  fileprivate var isResumable: Bool {
    guard let server = underlying as? ServerError else { return code == .connection }
    return server.labels.contains("ResumableChangeStreamError") || server.code == 43
  }
}

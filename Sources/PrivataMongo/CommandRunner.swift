import PrivataCore

/// Something that runs commands: the store, with any connection of its pool, or a transaction, with
/// the one that it holds.
protocol CommandRunner: Sendable {
  /// What the runner works on.
  var context: StoreContext { get }

  /// Runs the body with a connection, on the caller's thread or on a lane.
  ///
  /// - Parameter kind: see `LanePool.run`.
  func withConnection<R: Sendable>(
    _ kind: CallKind?,
    _ body: @escaping @Sendable (MongoConnection, CallSignal) throws(PrivataError) -> R
  ) async throws(PrivataError) -> R
}

/// What a store and its transactions share.
struct StoreContext: Sendable {
  let traits: StoreTraits
  let place: String
  let database: String
  let options: MongoOptions
  let lanes: LanePool

  /// The collection of a model.
  func target(_ model: ModelSchema) -> Target { Target(model, database: database) }

  /// Tells the observer of the task what is about to be sent.
  func log(_ command: Command) {
    guard let observer = StatementLog.observer else { return }
    let shape = command.shape()
    observer.willSend(
      StatementRecord(
        kind: Self.logKind(command.name), collection: command.collection,
        text: shape.isEmpty ? "\(command.collection).\(command.name)" : shape))
  }

  private static func logKind(_ name: String) -> String {
    switch name {
    case "find", "insert", "update", "delete", "aggregate": name
    case "findAndModify": "update"
    case "count", "distinct": "find"
    default: "schema"
    }
  }
}

extension CommandRunner {
  /// Runs a command and makes something of its reply.
  func run<R: Sendable>(
    _ command: Command, kind: CallKind?,
    _ body: @escaping @Sendable (Span<UInt8>) throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    context.log(command)
    return try await withConnection(kind) { (connection, _) throws(PrivataError) in
      try connection.run(command, body)
    }
  }

  /// Runs a command and answers its reply.
  func reply(to command: Command) async throws(PrivataError) -> Document {
    try await run(command, kind: nil) { Document(copying: $0) }
  }
}

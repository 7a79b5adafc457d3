/// A store that tells of changes as they happen (the ability `changeStreams`).
public protocol WatchableStore: Store {
  /// Watches the records of a model, or of the whole database where `nil`.
  ///
  /// ```swift
  /// let changes = try await store.watch(user, pipeline: [], options: WatchOptions())
  /// while let change = try await changes.next() { print(change["operationType"] ?? .null) }
  /// ```
  ///
  /// - Parameters:
  ///   - model: whose records; the whole database's where `nil`.
  ///   - pipeline: MongoDB's stages that choose and shape the events.
  ///   - options: where the stream starts and what an event holds.
  func watch(
    _ model: ModelSchema?, pipeline: [Document], options: WatchOptions
  ) async throws(PrivataError) -> any ChangeStream
}

/// Changes in the order in which they happened.
public protocol ChangeStream: Sendable {
  /// Waits for the next change; `nil` once the stream has been closed.
  ///
  /// - Throws: `cancelled` as soon as the task is cancelled; the stream goes on with the next call.
  func next() async throws(PrivataError) -> Document?
  /// Where the stream is: a stream that starts after it misses nothing.
  var resumeToken: Document? { get }
  /// Ends the stream and gives back its connection.
  func close() async
}

/// How to watch.
public struct WatchOptions: Sendable, Hashable {
  /// `updateLookup`, `whenAvailable`, `required`; MongoDB's default where `nil`.
  public var fullDocument: String?
  /// `whenAvailable`, `required`, `off`; MongoDB's default where `nil`.
  public var fullDocumentBeforeChange: String?
  /// Goes on after this point, see ``ChangeStream/resumeToken``.
  public var resumeAfter: Document?
  /// As `resumeAfter`, and also after an event that invalidated the stream.
  public var startAfter: Document?
  public var startAtOperationTime: Timestamp?
  /// How long the server waits for a change before it answers that there is none.
  public var awaitMilliseconds: Int
  public var batchSize: Int?
  public var collation: Document?
  public var comment: String?

  /// From now on, with MongoDB's defaults.
  public init() { awaitMilliseconds = 1_000 }
}

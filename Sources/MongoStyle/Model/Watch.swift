public import PrivataCore

/// How a model or connection is watched.
public struct ChangeOptions: Sendable {
  /// `updateLookup` adds the whole document to updates.
  public var fullDocument: String?
  /// `whenAvailable`, `required`: adds the document before the change where the collection keeps it.
  public var fullDocumentBeforeChange: String?
  /// Goes on after this event, see ``ChangeEvents/resumeToken``.
  public var resumeAfter: Document?
  public var startAfter: Document?
  /// How long the server waits before it answers that nothing changed.
  public var awaitMilliseconds = 1_000
  public var batchSize: Int?

  /// From now on.
  public init() {}

  /// The usual way with changes.
  public init(_ change: (inout ChangeOptions) -> Void) { change(&self) }

  var store: WatchOptions {
    var options = WatchOptions()
    options.fullDocument = fullDocument
    options.fullDocumentBeforeChange = fullDocumentBeforeChange
    options.resumeAfter = resumeAfter
    options.startAfter = startAfter
    options.awaitMilliseconds = awaitMilliseconds
    options.batchSize = batchSize
    return options
  }
}

/// One change of a collection.
public struct ChangeEvent: Sendable {
  /// The event as the server sent it.
  public let raw: Document
  let core: ModelCore?

  /// `insert`, `update`, `replace`, `delete`, `drop` …
  public var operation: String { raw["operationType"]?.asString ?? "" }
  /// The `_id` of the document concerned.
  public var id: Value? { raw["documentKey"]?.asDocument?["_id"] }
  /// Where to go on after this event.
  public var resumeToken: Document? { raw["_id"]?.asDocument }
  /// What an update set and removed.
  public var updateDescription: Document? { raw["updateDescription"]?.asDocument }
  /// The document after the change as a plain one.
  public var plainDocument: Document? { raw["fullDocument"]?.asDocument }

  /// The document after the change with its schema; `nil` where the event has none.
  ///
  /// - Throws: what the schema's hooks of loading throw.
  public func document() throws -> MongoDocument? {
    guard let core, let plain = plainDocument else { return MongoDocument?.none }
    return try MongoModel(core).hydrate(plain)
  }
}

/// The changes of a model, as they happen. No hooks run.
///
/// ```swift
/// for try await change in User.watch() { print(change.operation) }
/// ```
public struct ChangeEvents: AsyncSequence, Sendable {
  let core: ModelCore?
  let store: any Store
  let pipeline: [Document]
  let options: ChangeOptions

  /// Opens the stream; changes from then on are answered.
  ///
  /// - Throws: `unsupported` where the store cannot be watched: only a MongoDB replica set can, and
  ///   a vault cannot, because raw events would go past it.
  public func open() async throws -> ChangeCursor {
    guard let store = store as? any WatchableStore else {
      throw PrivataError(
        .unsupported,
        store.traits.kind == .vault
          ? "a vault is not watched: raw changes would go past separation and audit; read the "
            + "audit trail, or use hooks after save and update"
          : "this store cannot be watched; use hooks after save and update")
    }
    try await core?.prepare()
    let stream = try await store.watch(
      core?.lowered, pipeline: stages, options: options.store)
    return ChangeCursor(stream: stream, core: core)
  }

  /// A sub-model only sees its own documents.
  private var stages: [Document] {
    guard let mapping = core?.schema.mapping, let value = mapping.value else { return pipeline }
    return [["$match": ["fullDocument.\(mapping.key)": value]]] + pipeline
  }

  /// An iterator that opens the stream with its first element.
  public func makeAsyncIterator() -> Iterator { Iterator(events: self) }

  /// Waits for change after change.
  public struct Iterator: AsyncIteratorProtocol {
    let events: ChangeEvents
    private var cursor: ChangeCursor?

    init(events: ChangeEvents) { self.events = events }

    /// The next change; `nil` once the stream has been closed.
    public mutating func next() async throws -> ChangeEvent? {
      if cursor == nil { cursor = try await events.open() }
      return try await cursor?.next()
    }
  }
}

/// An open stream of changes. Holds a connection until ``close()``.
public struct ChangeCursor: Sendable {
  let stream: any ChangeStream
  let core: ModelCore?

  /// Waits for the next change; `nil` once the stream has been closed.
  ///
  /// - Throws: `cancelled` where the task is cancelled; the stream goes on with the next call.
  public func next() async throws -> ChangeEvent? {
    guard let raw = try await stream.next() else { return ChangeEvent?.none }
    return ChangeEvent(raw: raw, core: core)
  }

  /// Where the stream is: one that starts after it misses nothing.
  public var resumeToken: Document? { stream.resumeToken }

  /// Ends the stream.
  public func close() async { await stream.close() }
}

extension MongoModel {
  /// The changes of the model's collection from now on.
  ///
  /// ```swift
  /// let changes = try await User.watch(options: .init { $0.fullDocument = "updateLookup" }).open()
  /// while let change = try await changes.next() { print(change.operation, change.id ?? .null) }
  /// ```
  public func watch(
    _ pipeline: [Document] = [], options: ChangeOptions = ChangeOptions()
  ) -> ChangeEvents {
    ChangeEvents(core: core, store: connection.store, pipeline: pipeline, options: options)
  }
}

extension MongoConnection {
  /// The changes of all collections of the database from now on.
  public func watch(
    _ pipeline: [Document] = [], options: ChangeOptions = ChangeOptions()
  ) -> ChangeEvents {
    ChangeEvents(core: nil, store: store, pipeline: pipeline, options: options)
  }
}

/// How a ``MongoStore`` behaves where the URL does not say.
///
/// ```swift
/// var options = MongoOptions()
/// options.autoIndex = false
/// let source = StoreSource.mongo("mongodb://localhost:27017", database: "clinic", options: options)
/// ```
public struct MongoOptions: Sendable {
  /// Whether ``MongoStore/prepare(_:)`` creates the indexes of the models.
  public var autoIndex = true
  /// Whether ``MongoStore/prepare(_:)`` creates collections that have no index.
  public var autoCreate = true
  /// How long to look for a server before `connection` is thrown; the URL's
  /// `serverSelectionTimeoutMS` wins.
  public var serverSelectionTimeoutMilliseconds = 5_000
  /// How long a call waits for a connection of the pool before `poolExhausted` is thrown; the URL's
  /// `waitQueueTimeoutMS` wins.
  public var waitQueueTimeoutMilliseconds = 10_000
  /// How many calls may wait for a connection; one more gets `poolExhausted` at once.
  public var waitQueueLimit = 10_000
  /// How many calls may block Swift's own threads while the server is fast; half of the threads
  /// where `nil`. 0 sends every call to a lane, unless it runs on `PrivataExecutor`.
  public var inlinePermits: Int?
  /// Receives each command as it was sent; no cost where `nil`.
  package var commandObserver: (any CommandObserver)?

  /// The defaults.
  public init() {}
}

internal import Synchronization

/// A statement's text and what the server has said about it, shared by all connections of a store.
final class PostgresShape: Sendable {
  let text: String
  /// What connections know the shape by.
  let id: Int
  /// What the statement says of its types, without asking.
  private let stated: Types?
  private let described: Mutex<Types?>

  /// The types of a statement's parameters and columns.
  struct Types: Sendable {
    var parameters: [PostgresType]
    /// True where all columns have a type whose binary form we read.
    var isBinary: Bool
  }

  /// A shape of a statement, with its types where it states them.
  init(_ text: String, types: Types? = nil) {
    self.text = text
    stated = types
    described = Mutex(types)
    id = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// What is known of the types, `nil` until the server has been asked.
  var types: Types? {
    get { described.withLock { $0 } }
    set { described.withLock { $0 = newValue } }
  }

  /// Forgets what the server said: it may answer otherwise by now.
  func renew() { described.withLock { $0 = stated } }

  private static let count = Atomic<Int>(0)
}

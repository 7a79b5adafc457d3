internal import Synchronization

/// A database whose reads go to replicas and whose writes go to the primary.
///
/// ```swift
/// let db = ReplicatedDatabase(primary: primary, replicas: [first, second])
/// let rows = try await db.select().from(users).all()        // on a replica
/// try await db.insert(users).values(["name": "Ada"]).run()  // on the primary
/// ```
///
/// Selects, counts and relational queries are reads; SQL text, writes, transactions and refreshes
/// are not, with common table expressions before them or without.
public struct ReplicatedDatabase: QueryInterface {
  /// Where writes go; queries built on it read there too.
  public let primary: Database
  private let replicas: [Database]
  private let choice: Choice

  /// Which replica a read goes to.
  public enum Choice: Sendable {
    /// One after the other.
    case inTurn(Turn)
    /// Any of them, by chance.
    case random
    /// The one whose position a function answers, of so many.
    case function(@Sendable (Int) -> Int)

    /// One after the other, from the first on.
    public static var inTurn: Choice { .inTurn(Turn()) }
  }

  /// Whose turn it is.
  public final class Turn: Sendable {
    private let count = Atomic<Int>(0)

    init() {}

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
  }

  /// A primary with replicas; without any, reads go to the primary.
  public init(primary: Database, replicas: [Database], choosing choice: Choice = .inTurn) {
    self.primary = primary
    self.replicas = replicas
    self.choice = choice
  }

  /// The primary.
  public var handle: DatabaseHandle { primary.handle }

  /// A replica.
  public var readHandle: DatabaseHandle {
    guard !replicas.isEmpty else { return primary.handle }
    let index =
      switch choice {
      case .inTurn(let turn): turn.next()
      case .random: Int.random(in: replicas.indices)
      case .function(let function): function(replicas.count)
      }
    return replicas[abs(index) % replicas.count].handle
  }

  /// Runs the body in a transaction of the primary.
  public func transaction<R>(
    _ config: TransactionConfig = TransactionConfig(),
    _ body: (Transaction) async throws -> R
  ) async throws -> R {
    try await primary.transaction(config, body)
  }
}

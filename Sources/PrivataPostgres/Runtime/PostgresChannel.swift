internal import Synchronization

/// One connection as many callers share it: what has been sent and awaits its answer, and who reads
/// the socket.
///
/// Exactly one party reads while anything is in flight: the caller that found the channel empty, for
/// some milliseconds, or the reactor.
final class PostgresChannel: Sendable {
  /// The place in the pool.
  let slot: Int
  /// What the reactor knows the socket by.
  let key: UInt64
  let socket: Int32
  let state: Mutex<State>
  let reactor: PostgresReactor

  /// Who reads the socket.
  enum Reader { case nobody, caller, reactor }

  /// What the lock guards.
  struct State: ~Copyable {
    var connection: PostgresConnection?
    var statements: PreparedStatements
    var expected = Fifo<Expected>()
    /// Requests whose statements are not all answered.
    var flights = Fifo<PostgresRequest>()
    /// Requests whose statements are answered, but whose group has not ended.
    var answered: [PostgresRequest] = []
    /// True where the first expected answer has come, but not yet its end.
    var isHeadAnswered = false
    /// Ends of statements that nothing was expected for, in a row.
    var strayEnds = 0
    var reader = Reader.nobody
    /// What the reactor watches the socket for. It goes on watching what it has read, so that one
    /// that reads again has not to be told.
    var interest = Readiness.Interest()
    var wantsWrite = false
    var cancelling: Cancelling?
    /// Counts the groups.
    var group = 0
    /// When the running batch was sent.
    var sentAt = MonotonicTime.never
    /// When the last answer had been read.
    var restsSince = MonotonicTime(nanoseconds: 0)
    /// To be closed by the caller that reads.
    var isDoomed = false
  }

  /// What the server will answer next, in the order in which it was asked.
  enum Expected {
    /// The preparation of a shape, on behalf of the request that needs it.
    case preparation(shape: Int, name: String)
    /// The result of a statement, of a prepared one where `shape` is not 0.
    case result(shape: Int)
    /// An answer of no interest.
    case nothing
    /// The end of a group; the last of a batch frees the channel for the next.
    case sync(endsBatch: Bool)
  }

  /// A request to the server to end what runs.
  struct Cancelling {
    let since: MonotonicTime
    /// True once the server has been told.
    var isDelivered = false
  }

  init(
    _ connection: consuming PostgresConnection, slot: Int, statementLimit: Int,
    reactor: PostgresReactor
  ) {
    self.slot = slot
    self.reactor = reactor
    key = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    socket = connection.socket
    state = Mutex(
      State(connection: connection, statements: PreparedStatements(limit: statementLimit)))
  }

  private static let count = Atomic<UInt64>(0)
}

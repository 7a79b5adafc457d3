internal import PrivataCore
internal import Synchronization

/// What one caller asks of a server in one group: its statements travel together, succeed or fail
/// together, and are answered together.
final class PostgresRequest: @unchecked Sendable {
  // Safe: `flight` is touched under the lock of the channel that carries the request, the rest is
  // constant or has a lock of its own.
  var flight = Flight()
  let commands: OneOrMore<PostgresCommand>
  /// True where the statements only read, so that they may share a group with other callers'.
  let isShareable: Bool
  let deadline: MonotonicTime
  /// What happens with the answer where no caller waits for it.
  private let then: (@Sendable (PostgresOutcome) -> Void)?
  private let progress = Mutex(Progress())

  /// What has come back so far, while a channel carries the request.
  struct Flight {
    /// Which of the channel's groups the request belongs to.
    var group = 0
    var results = OneOrMore<PostgresResult>()
    var failure: PostgresFailure?
    var wasSkipped = false
    /// How many statements were answered without a failure before them, and how many after.
    var done = 0
    var after = 0

    var outcome: PostgresOutcome {
      if let failure { return .failure(failure, command: done) }
      return wasSkipped ? .skipped : .results(results)
    }
  }

  private struct Progress {
    var outcome: PostgresOutcome?
    var waiter: UnsafeContinuation<PostgresOutcome, Never>?
    var stop: PostgresStop?
  }

  init(
    _ commands: OneOrMore<PostgresCommand>, isShareable: Bool = false, deadline: MonotonicTime,
    then: (@Sendable (PostgresOutcome) -> Void)? = nil
  ) {
    self.commands = commands
    self.isShareable = isShareable
    self.deadline = deadline
    self.then = then
  }

  /// The answer, once it is there.
  var outcome: PostgresOutcome? { progress.withLock { $0.outcome } }

  /// Why the request is to end early, if it is.
  func stop(at now: MonotonicTime) -> PostgresStop? {
    progress.withLock { $0.stop } ?? (now >= deadline ? .timeout : nil)
  }

  /// Marks the request as no longer wanted; the reactor acts on it.
  func cancel() { progress.withLock { $0.stop = .cancelled } }

  /// Gives the answer, the first time it is called, and wakes the caller where it sleeps.
  func finish(_ outcome: PostgresOutcome) {
    let waiter = progress.withLock { progress -> UnsafeContinuation<PostgresOutcome, Never>? in
      guard progress.outcome == nil else { return nil }
      progress.outcome = outcome
      return progress.waiter.take()
    }
    waiter?.resume(returning: outcome)
    then?(outcome)
  }

  /// Sleeps until the answer is there.
  func answer() async -> PostgresOutcome {
    await withUnsafeContinuation { waiter in
      let outcome = progress.withLock { progress -> PostgresOutcome? in
        if progress.outcome == nil { progress.waiter = waiter }
        return progress.outcome
      }
      if let outcome { waiter.resume(returning: outcome) }
    }
  }
}

/// One statement of a request.
struct PostgresCommand: Sendable {
  enum Action: Sendable {
    /// Runs the statement with its parameters, prepared first where the connection has not.
    case execute
    /// Prepares the statement and answers the types of its parameters and columns.
    case describe
    /// Runs the text as it is, without preparing it.
    case run
  }

  let shape: PostgresShape
  let parameters: PostgresParameters
  let action: Action
  /// True where the result is to come in the binary format.
  let isBinary: Bool

  /// A statement that runs with parameters.
  init(_ shape: PostgresShape, _ parameters: PostgresParameters, isBinary: Bool) {
    self.shape = shape
    self.parameters = parameters
    self.isBinary = isBinary
    action = .execute
  }

  /// A question for the types of a statement.
  init(describing shape: PostgresShape) {
    self.shape = shape
    parameters = PostgresParameters(capacity: 0)
    action = .describe
    isBinary = true
  }

  /// A text that runs as it is.
  init(running text: String) { self.init(PostgresShape(text)) }

  /// A statement without parameters that runs unprepared.
  init(_ shape: PostgresShape) {
    self.shape = shape
    parameters = PostgresParameters(capacity: 0)
    action = .run
    isBinary = true
  }
}

/// Why a request ends before its answer.
enum PostgresStop: Sendable, Hashable { case timeout, cancelled }

/// What became of a request.
enum PostgresOutcome: Sendable {
  /// One result per statement, in order.
  case results(OneOrMore<PostgresResult>)
  /// The statement at a position failed, and with it the group.
  case failure(PostgresFailure, command: Int)
  /// Not run, for a fault that was not its own; may be sent again.
  case skipped
  /// The connection broke; whether the statements took effect is unknown.
  case lost
  /// No connection could be had.
  case unavailable(PostgresUnavailable)
  case stopped(PostgresStop)

  /// What a connection is like after a group that was to end its transaction.
  var condition: PostgresLease.Condition {
    switch self {
    case .results: .clean
    case .failure, .skipped: .inTransaction
    case .lost, .unavailable, .stopped: .broken
    }
  }
}

/// Why a pool has no connection to give.
enum PostgresUnavailable: Error, Sendable, Hashable {
  case connect(PostgresConnectFailure)
  case exhausted, closed
}

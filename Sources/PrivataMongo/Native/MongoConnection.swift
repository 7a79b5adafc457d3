internal import CMongo
import PrivataCore

/// One connection to MongoDB: a client of the pool and the session that its commands run in. Calls
/// block until the server has answered.
final class MongoConnection: @unchecked Sendable {
  // Safe: a lease gives it to one call at a time, and hands it over under the pool's lock.
  private let raw: OpaquePointer
  private let clients: MongoClients
  private var hasClaimedSession = false
  private(set) var isInTransaction = false

  /// Takes a client; the network is first used by the first command.
  init(_ clients: MongoClients) throws(PrivataError) {
    guard let raw = privata_connection_open(clients.pool) else {
      throw PrivataError(.poolExhausted, "no client is left in the pool", isRetriable: true)
    }
    self.raw = raw
    self.clients = clients
  }

  deinit { privata_connection_close(raw, clients.pool) }

  /// Runs a command and lends the body the server's reply.
  ///
  /// A retryable write is repeated once where the first attempt may not have arrived; the server
  /// counts both as one.
  func run<R>(
    _ command: Command, on server: ServerID = .any,
    _ body: (Span<UInt8>) throws(PrivataError) -> R
  ) throws(PrivataError) -> R {
    let start = MonotonicClock.nanoseconds
    var number: Int64 = 0
    if command.mode == .retryableWrite, !isInTransaction, clients.address.retriesWrites {
      number = clients.sessions.nextNumber()
    }
    let isDone = attempt(command, server, number)
    if number != 0 { claimSession() }
    if isDone { return try lendReply(body) }
    var failure = lastFailure(since: start)
    if number != 0, failure.mayRepeat {
      if attempt(command, server, number) { return try lendReply(body) }
      failure = lastFailure(since: start)
    }
    // The server may still be busy with what this session asked for.
    if failure.isNetwork, !isInTransaction {
      privata_connection_drop_session(raw)
      hasClaimedSession = false
    }
    throw failure.error(for: command, at: clients.address.hosts)
  }

  private func claimSession() {
    guard !hasClaimedSession, let session = privata_connection_session(raw) else { return }
    if let id = SessionID(session) { clients.sessions.claim(id) }
    hasClaimedSession = true
  }

  private func attempt(_ command: Command, _ server: ServerID, _ number: Int64) -> Bool {
    var call = privata_call()
    call.is_read = command.mode == .read
    call.read_mode = command.readMode
    call.server = server.number
    call.transaction_number = number
    return command.database.withCString { database in
      call.database = database
      return command.bytes.withUnsafeBufferPointer { bytes in
        call.command = bytes.baseAddress
        call.length = bytes.count
        return perform(&call, command)
      }
    }
  }

  private func perform(_ call: inout privata_call, _ command: Command) -> Bool {
    let hasWriteConcern = command.mode != .administration
    guard let level = command.readConcern else {
      return privata_connection_run(raw, &call, hasWriteConcern)
    }
    return level.withCString { level in
      call.read_concern = level
      return privata_connection_run(raw, &call, hasWriteConcern)
    }
  }

  private func lendReply<R>(
    _ body: (Span<UInt8>) throws(PrivataError) -> R
  ) throws(PrivataError) -> R {
    var length = 0
    let bytes = privata_connection_reply(raw, &length)
    return try body(UnsafeBufferPointer(start: bytes, count: length).span)
  }

  private func lastFailure(since start: UInt64) -> CommandFailure {
    var length = 0
    let bytes = privata_connection_reply(raw, &length)
    let waited = Int((MonotonicClock.nanoseconds - start) / 1_000_000)
    return CommandFailure(
      cause: ClientCause(
        domain: privata_connection_error_domain(raw), code: privata_connection_error_code(raw)),
      isTimeout: waited >= clients.address.socketTimeoutMilliseconds * 9 / 10,
      reply: ServerReply(UnsafeBufferPointer(start: bytes, count: length).span))
  }
}

// MARK: - Servers

/// One of the servers of a deployment, as libmongoc numbers them.
struct ServerID: Sendable, Hashable {
  fileprivate let number: UInt32
  /// Whichever server the command may go to.
  static let any = ServerID(number: 0)
}

extension MongoConnection {
  /// The server on which to open a cursor, so that its further batches are asked for there; `.any`
  /// where the command goes to the primary in any case.
  func server(forCursorOf command: Command) throws(PrivataError) -> ServerID {
    guard !isInTransaction, command.mode == .read else { return .any }
    guard command.readMode != 0 || privata_connection_reads_elsewhere(raw) else { return .any }
    return try select(command).0
  }

  /// Waits until a server for writes is known; answers whether it stands alone, without replication.
  func findPrimary() throws(PrivataError) -> Bool { try select(.ping(on: "admin"), true).1 }

  private func select(
    _ command: Command, _ isForWrites: Bool = false
  ) throws(PrivataError) -> (ServerID, Bool) {
    let start = MonotonicClock.nanoseconds
    var isStandalone = false
    let id = privata_connection_select(raw, command.readMode, isForWrites, &isStandalone)
    guard id != 0 else {
      throw lastFailure(since: start).error(for: command, at: clients.address.hosts)
    }
    return (ServerID(number: id), isStandalone)
  }
}

// MARK: - Transactions

extension MongoConnection {
  /// Begins a transaction that the following commands run in.
  func begin(readConcern: String?, maxCommitMilliseconds: Int) throws(PrivataError) {
    let start = MonotonicClock.nanoseconds
    guard let session = startSession(),
      privata_connection_begin(raw, session, readConcern, Int64(maxCommitMilliseconds))
    else {
      throw lastFailure(since: start).error(for: .transaction("begin"), at: clients.address.hosts)
    }
    isInTransaction = true
  }

  /// A session whose transactions libmongoc numbers; the others are given back.
  private func startSession() -> OpaquePointer? {
    var claimed: [OpaquePointer] = []
    defer { for session in claimed { mongoc_client_session_destroy(session) } }
    while let session = privata_connection_start_session(raw) {
      guard let id = SessionID(session), clients.sessions.isClaimed(id) else { return session }
      claimed.append(session)
    }
    return nil
  }

  /// Commits or aborts the transaction, if there is one; it is over in any case.
  func end(commits: Bool) throws(PrivataError) {
    guard isInTransaction else { return }
    let start = MonotonicClock.nanoseconds
    let isDone = privata_connection_end(raw, commits)
    isInTransaction = false
    guard !isDone, commits else { return }
    throw lastFailure(since: start).error(for: .transaction("commit"), at: clients.address.hosts)
  }
}

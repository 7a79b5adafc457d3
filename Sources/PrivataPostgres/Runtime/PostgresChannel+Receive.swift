internal import Synchronization

extension PostgresChannel {
  /// What one look at the socket brought.
  struct Received {
    /// Requests that have their answer, as their flights say.
    var finished = OneOrMore<PostgresRequest>()
    /// Requests whose answer will not come.
    var lost: [PostgresRequest] = []
    /// When they were sent.
    var sentAt = MonotonicTime.never
    /// True where the batch came to its end.
    var endsBatch = false
    /// True where the connection is gone and closed.
    var isLost = false
    /// True where the server has been asked to end what runs, whoever's it was.
    var isCancelling = false
    /// True where nothing is in flight and a transaction block is open.
    var isInTransaction = false
  }

  /// Reads what the socket has and sorts it to its requests. Does nothing for the reactor while a
  /// caller reads.
  func receive(as reader: Reader) -> Received {
    state.withLock { state in
      var received = Received()
      guard state.reader == reader || state.reader == .nobody else { return received }
      received.isCancelling = state.cancelling != nil
      received.sentAt = state.sentAt
      let isAlive = !state.isDoomed && state.consume() && state.drain(into: &received)
      if !isAlive {
        close(&state, into: &received)
      } else {
        if state.expected.isEmpty {
          state.reader = .nobody
          state.restsSince = .now
          received.isInTransaction = state.connection?.isInTransaction == true
        }
        // Also where the channel rests now: the reactor is likely to be the one who reads it next.
        if reader == .reactor { watch(&state, for: state.ofReader) }
      }
      return received
    }
  }

  /// True where an idle connection still stands; false closes it. A server that went away has
  /// usually said so by the time the connection is used again. One that has just answered is not
  /// asked: a write costs one system call less.
  func isHealthy() -> Bool {
    state.withLock { state in
      let isFresh = MonotonicTime.now <= state.restsSince.adding(milliseconds: Self.freshness)
      guard !isFresh, state.connection != nil, state.expected.isEmpty, state.reader == .nobody
      else {
        return state.connection != nil
      }
      guard SocketWait.readable(socket, milliseconds: 0) else { return true }
      var received = Received()
      if state.consume(), state.connection?.isOpen == true { return true }
      close(&state, into: &received)
      return false
    }
  }

  /// For so many milliseconds behind its last answer a connection counts as standing.
  private static let freshness = 8

  /// Closes the connection; what was in flight is lost. Where a caller reads, it is left to that
  /// caller to close, because the socket's number must not be given to another meanwhile.
  func close() -> Received {
    state.withLock { state in
      var received = Received()
      if state.reader == .caller {
        state.isDoomed = true
        SocketWait.hangUp(socket)
      } else {
        close(&state, into: &received)
      }
      return received
    }
  }

  func close(_ state: inout State, into received: inout Received) {
    received.isLost = true
    guard state.connection != nil else { return }
    reactor.remove(self)
    state.connection = nil
    state.reader = .nobody
    state.isDoomed = false
    received.lost = state.answered + state.flights.removeAll()
    state.answered = []
    _ = state.expected.removeAll()
  }
}

extension PostgresChannel.State {
  fileprivate mutating func consume() -> Bool {
    guard connection?.consume() == true else { return false }
    return wantsWrite ? flush() : true
  }

  /// Takes the answers that have been read whole; false where the connection cannot go on.
  fileprivate mutating func drain(into received: inout PostgresChannel.Received) -> Bool {
    while !expected.isEmpty, connection?.isBusy == false {
      guard let answer = connection?.next() else { return false }
      switch answer {
      case .result(let result): note(result)
      case .failure(let failure): note(failure)
      case .copy:
        note(PostgresFailure(.copyRefused))
        return false
      case .skipped: noteSkipped()
      case .endOfStatement: guard endStatement() else { return false }
      case .sync: guard endGroup(into: &received) else { return false }
      }
    }
    return connection?.isOpen == true
  }
}

internal import Synchronization

extension PostgresChannel {
  /// Who is to read the answer to what was sent.
  enum Sent {
    /// The caller itself, until it calls ``handOver()``.
    case callerReads
    case othersRead
    /// The connection is gone; nothing was sent.
    case refused
  }

  /// Sends the requests of a batch: those that only read in shared groups, each other in its own.
  func send(_ batch: OneOrMore<PostgresRequest>, readingInline: Bool) -> Sent {
    state.withLock { state in
      guard state.connection != nil, !state.isDoomed else { return .refused }
      state.sentAt = .now
      let sent = state.append(batch) && state.flush()
      // What could not be sent is found lost by whoever reads.
      if !sent { SocketWait.hangUp(socket) }
      return startReading(&state, inline: readingInline)
    }
  }

  private func startReading(_ state: inout State, inline: Bool) -> Sent {
    switch state.reader {
    case .nobody where inline && !state.wantsWrite:
      state.reader = .caller
      watch(&state, for: [])
      return .callerReads
    case .nobody:
      state.reader = .reactor
      watch(&state, for: state.ofReader)
    case .reactor: watch(&state, for: state.ofReader)
    case .caller: break
    }
    return .othersRead
  }

  /// Has the reactor watch the socket; under the lock, so that the socket cannot have been closed
  /// meanwhile.
  func watch(_ state: inout State, for interest: Readiness.Interest) {
    guard state.interest != interest else { return }
    state.interest = interest
    reactor.readiness.watch(socket, key: key, for: interest)
  }

  /// Leaves reading to the reactor, where anything is still in flight. Closes a channel that was to
  /// be closed meanwhile, because the reactor may have ended with the store.
  func handOver() -> Received {
    state.withLock { state in
      var received = Received()
      guard state.reader == .caller else { return received }
      if state.isDoomed {
        close(&state, into: &received)
      } else if state.expected.isEmpty {
        state.reader = .nobody
      } else {
        state.reader = .reactor
        watch(&state, for: state.ofReader)
      }
      return received
    }
  }
}

extension PostgresChannel.State {
  /// What the reactor watches for while it reads.
  var ofReader: Readiness.Interest { wantsWrite ? [.readable, .writable] : .readable }

  /// Writes the batch into libpq's buffer; false where the connection refuses.
  fileprivate mutating func append(_ batch: OneOrMore<PostgresRequest>) -> Bool {
    var isSent = true
    var isShared: Bool?
    batch.forEach { request in
      // A group that writes is a transaction of its own.
      if isSent, let isShared, !(isShared && request.isShareable) {
        isSent = sync(endsBatch: false)
      }
      isSent = isSent && append(request)
      isShared = request.isShareable
    }
    return isSent && sync(endsBatch: true)
  }

  private mutating func sync(endsBatch: Bool) -> Bool {
    group &+= 1
    expected.append(.sync(endsBatch: endsBatch))
    return connection?.sync() ?? false
  }

  private mutating func append(_ request: PostgresRequest) -> Bool {
    request.flight.group = group
    flights.append(request)
    var isSent = true
    request.commands.forEach { isSent = isSent && append($0) }
    return isSent
  }

  private mutating func append(_ command: PostgresCommand) -> Bool {
    switch command.action {
    case .run:
      expected.append(.result(shape: 0))
      return connection?.run(command.shape.text) ?? false
    case .execute:
      guard let name = preparedName(of: command.shape) else { return false }
      expected.append(.result(shape: command.shape.id))
      return connection?.execute(name, command.parameters, isBinary: command.isBinary) ?? false
    case .describe:
      guard let name = preparedName(of: command.shape) else { return false }
      expected.append(.result(shape: command.shape.id))
      return connection?.describe(name) ?? false
    }
  }

  /// The name of a prepared statement, which is prepared on the way where it is not yet.
  private mutating func preparedName(of shape: PostgresShape) -> String? {
    if let name = statements.name(of: shape.id) { return name }
    let (name, evicted) = statements.add(shape.id)
    if let evicted {
      expected.append(.nothing)
      guard connection?.run("DEALLOCATE \(evicted)") == true else { return nil }
    }
    expected.append(.preparation(shape: shape.id, name: name))
    let types = shape.types?.parameters.map(\.oid) ?? []
    guard connection?.prepare(name, shape.text, types: types) == true else { return nil }
    return name
  }

  /// Writes to the socket what it takes; false where the connection is lost.
  mutating func flush() -> Bool {
    let progress = connection?.flush() ?? .lost
    wantsWrite = progress == .more
    return progress != .lost
  }
}

// How what libpq answers finds its way to the request that asked. libpq ends the results of each
// statement with a null, and each group with a sync.

extension PostgresChannel.State {
  mutating func note(_ result: PostgresResult) {
    strayEnds = 0
    isHeadAnswered = true
    guard case .result? = expected.first else { return }
    flights.first?.flight.results.append(result)
  }

  mutating func note(_ failure: PostgresFailure) {
    strayEnds = 0
    switch expected.first {
    case .preparation(let shape, let name)?:
      isHeadAnswered = true
      statements.remove(shape, named: name)
      flights.first?.note(failure)
    case .result(let shape)?:
      isHeadAnswered = true
      // The server lost the statement, or may not answer it as it was prepared any more.
      if failure.state == .unknownStatement || failure.state == .featureNotSupported {
        statements.remove(shape)
      }
      flights.first?.note(failure)
    case .sync?:
      // The commit itself failed: a deferred constraint, or a conflict seen late.
      for request in answered { request.note(failure) }
    case .nothing?: isHeadAnswered = true
    case nil: break
    }
  }

  mutating func noteSkipped() {
    strayEnds = 0
    isHeadAnswered = true
    switch expected.first {
    case .preparation(let shape, let name)?:
      statements.remove(shape, named: name)
      flights.first?.flight.wasSkipped = true
    case .result?: flights.first?.flight.wasSkipped = true
    default: break
    }
  }

  /// Ends the statement whose answer came; false where libpq and we no longer agree.
  mutating func endStatement() -> Bool {
    guard isHeadAnswered else {
      // libpq answers one null between the groups; more than that would never end.
      strayEnds += 1
      return strayEnds < 4
    }
    isHeadAnswered = false
    guard case .result? = expected.popFirst() else { return true }
    if let request = flights.first, request.endStatement() {
      _ = flights.popFirst()
      answered.append(request)
    }
    return true
  }

  /// Ends the group: its requests have their answers.
  mutating func endGroup(into received: inout PostgresChannel.Received) -> Bool {
    strayEnds = 0
    isHeadAnswered = false
    guard case .sync(let endsBatch)? = expected.popFirst() else { return false }
    if endsBatch { received.endsBatch = true }
    for request in answered { received.finished.append(request) }
    answered.removeAll(keepingCapacity: true)
    return true
  }
}

extension PostgresRequest {
  /// Takes note of a failure, of which the first counts.
  fileprivate func note(_ failure: PostgresFailure) {
    if flight.failure == nil { flight.failure = failure }
  }

  /// Counts an answered statement; true for the last one.
  fileprivate func endStatement() -> Bool {
    if flight.failure == nil { flight.done += 1 } else { flight.after += 1 }
    return flight.done + flight.after == commands.count
  }
}

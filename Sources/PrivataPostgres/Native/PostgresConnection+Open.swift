internal import CPostgres

extension PostgresConnection {
  /// Opens a connection and runs the statements that set it up. Waits, and so belongs on a thread of
  /// our own: resolving a name blocks inside libpq.
  static func open(
    _ settings: PostgresSettings, deadline: MonotonicTime
  ) throws(PostgresConnectFailure) -> PostgresConnection {
    let attempt = try Attempt(settings)
    try attempt.connect(until: deadline)
    for statement in settings.setup { try attempt.run(statement, until: deadline) }
    return attempt.finish()
  }

  /// A connection that is not usable yet.
  private struct Attempt: ~Copyable {
    private var handle: OpaquePointer?

    init(_ settings: PostgresSettings) throws(PostgresConnectFailure) {
      let keywords = CStringList(settings.keywords.map(\.name))
      let values = CStringList(settings.keywords.map(\.value))
      guard let handle = PQconnectStartParams(keywords.pointers, values.pointers, 0) else {
        throw .lost
      }
      // The server's message is then its SQLSTATE alone, which names no value and no language.
      PQsetErrorVerbosity(handle, PQERRORS_SQLSTATE)
      // libpq's own receiver prints notices, and so values, to standard error.
      PQsetNoticeReceiver(handle, { _, _ in }, nil)
      self.handle = handle
    }

    deinit { if let handle { PQfinish(handle) } }

    consuming func finish() -> PostgresConnection {
      let handle = self.handle.take()!
      // From here on failures are read by their fields, never by their text.
      PQsetErrorVerbosity(handle, PQERRORS_TERSE)
      return PostgresConnection(adopting: handle)
    }

    func connect(until deadline: MonotonicTime) throws(PostgresConnectFailure) {
      guard PQstatus(handle) != CONNECTION_BAD else { throw failure() }
      var waiting = PGRES_POLLING_WRITING
      while waiting != PGRES_POLLING_OK {
        try wait(waiting == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline)
        waiting = PQconnectPoll(handle)
        if waiting == PGRES_POLLING_FAILED { throw failure() }
      }
    }

    func run(
      _ statement: String, until deadline: MonotonicTime
    ) throws(PostgresConnectFailure) {
      guard PQsendQuery(handle, statement) == 1 else { throw failure() }
      while true {
        while PQisBusy(handle) == 1 {
          try wait(POLLIN, until: deadline)
          guard PQconsumeInput(handle) == 1 else { throw failure() }
        }
        guard let result = PQgetResult(handle) else { return }
        defer { PQclear(result) }
        if PQresultStatus(result) == PGRES_FATAL_ERROR {
          throw .refused(PostgresFailure(result).state)
        }
      }
    }

    private func wait(
      _ events: Int32, until deadline: MonotonicTime
    ) throws(PostgresConnectFailure) {
      let milliseconds = deadline.millisecondsFromNow
      guard milliseconds > 0 else { throw .timeout }
      var request = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
      // An interrupted wait is repeated by the caller's loop, as is one that ended too early.
      if poll(&request, 1, Int32(clamping: milliseconds)) == 0 { throw .timeout }
    }

    private func failure() -> PostgresConnectFailure {
      PostgresConnectFailure(libpq: PQerrorMessage(handle).map { String(cString: $0) } ?? "")
    }
  }
}

/// A null-ended list of C strings, as libpq takes keywords and values.
private struct CStringList: ~Copyable {
  let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
  private let count: Int

  init(_ texts: [String]) {
    count = texts.count
    pointers = .allocate(capacity: count + 1)
    for (index, text) in texts.enumerated() {
      (pointers + index).initialize(to: strdup(text).map { UnsafePointer($0) })
    }
    (pointers + count).initialize(to: nil)
  }

  deinit {
    for index in 0..<count { free(UnsafeMutableRawPointer(mutating: pointers[index])) }
    pointers.deallocate()
  }
}

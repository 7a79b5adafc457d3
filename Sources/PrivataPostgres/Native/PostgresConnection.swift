internal import CPostgres

/// One connection to a server in libpq's pipeline mode, and the only owner of its handle.
///
/// Nothing here waits: sending fills libpq's buffer, ``flush()`` writes what the socket takes,
/// ``consume()`` reads what it has, ``next()`` answers what has been read.
struct PostgresConnection: ~Copyable, @unchecked Sendable {
  // Safe: it has one owner, the thread that opens it or the channel's state behind its lock.
  private let handle: OpaquePointer

  /// Takes over an open connection.
  init(adopting handle: OpaquePointer) {
    self.handle = handle
    PQsetnonblocking(handle, 1)
    PQenterPipelineMode(handle)
  }

  deinit { PQfinish(handle) }

  /// The socket to wait for.
  var socket: Int32 { PQsocket(handle) }

  /// True inside a transaction block, failed or not.
  var isInTransaction: Bool {
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INERROR || status == PQTRANS_INTRANS
  }

  /// What ends the statement that runs on this connection, from any thread.
  func canceller() -> PostgresCanceller? { PQgetCancel(handle).map(PostgresCanceller.init) }
}

// MARK: - Sending

extension PostgresConnection {
  /// Asks the server to prepare a statement; zero in `types` lets the server infer.
  func prepare(_ name: String, _ text: String, types: [UInt32]) -> Bool {
    PQsendPrepare(handle, name, text, Int32(types.count), types) == 1
  }

  /// Asks for the types of a prepared statement's parameters and columns.
  func describe(_ name: String) -> Bool { PQsendDescribePrepared(handle, name) == 1 }

  /// Runs a prepared statement.
  func execute(_ name: String, _ parameters: PostgresParameters, isBinary: Bool) -> Bool {
    parameters.withPointers { values, lengths, formats in
      PQsendQueryPrepared(
        handle, name, Int32(parameters.count), values, lengths, formats, isBinary ? 1 : 0)
    } == 1
  }

  /// Runs a statement without parameters that is not worth preparing.
  func run(_ text: String) -> Bool {
    PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 1) == 1
  }

  /// Ends a group of statements, which the server treats as one transaction.
  func sync() -> Bool { PQpipelineSync(handle) == 1 }

  /// Writes what waits to be sent.
  func flush() -> Flush {
    switch PQflush(handle) {
    case 0: .done
    case 1: .more
    default: .lost
    }
  }

  /// How far ``flush()`` came; `more` asks to wait until the socket is writable.
  enum Flush { case done, more, lost }
}

// MARK: - Receiving

extension PostgresConnection {
  /// Reads what the socket has; false when the connection is lost.
  func consume() -> Bool { PQconsumeInput(handle) == 1 }

  /// True where no whole result has been read.
  var isBusy: Bool { PQisBusy(handle) == 1 }

  /// True while the connection is usable.
  var isOpen: Bool { PQstatus(handle) == CONNECTION_OK }

  /// The next thing that has been read. In pipeline mode libpq ends the results of each statement
  /// with a null, and answers nulls for as long as it is asked behind the last one.
  func next() -> Answer {
    guard let result = PQgetResult(handle) else { return .endOfStatement }
    switch PQresultStatus(result) {
    case PGRES_PIPELINE_SYNC:
      PQclear(result)
      return .sync
    case PGRES_PIPELINE_ABORTED:
      PQclear(result)
      return .skipped
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      return .result(PostgresResult(adopting: result))
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      PQclear(result)
      return .copy
    default:
      let failure = PostgresFailure(result)
      PQclear(result)
      return .failure(failure)
    }
  }

  /// What ``next()`` found.
  enum Answer {
    case result(PostgresResult)
    case failure(PostgresFailure)
    /// A COPY has begun, which nothing ends in pipeline mode but the connection's end.
    case copy
    /// Not run, because a statement before it in its group failed.
    case skipped
    case endOfStatement
    case sync
  }
}

public import PrivataCore
public import PrivataSQL

/// Records in PostgreSQL, over non-blocking libpq: binary formats, statements prepared once per
/// connection, and the statements of one operation in one round trip.
///
/// ```swift
/// let store = try await PostgresStore("postgres://clinic:secret@localhost:5432/clinic")
/// let mongo = try await MongoStyle.connect(.postgres("postgres://clinic@localhost/clinic"))
/// ```
///
/// Callers share the connections: reads of tasks that run at the same time travel together. A server
/// that stalls suspends its callers, it never blocks their threads; one that restarts is reached again
/// without a word from the caller.
///
/// - Privacy: errors and the statement log name tables, columns and constraints; values, the server's
///   DETAIL lines and credentials stay out of them.
public final class PostgresStore: Sendable {
  let context: PostgresContext
  let tables: PostgresTables

  /// Opens a store. libpq reads the URL: `sslmode`, `sslrootcert`, several hosts and the rest of its
  /// options work as its manual says.
  ///
  /// - Throws: `badURL`; `connection` where no server answers, `authentication` where it refuses the
  ///   credentials. Messages name host, port and database, never a password.
  public init(
    _ url: String, options: PostgresOptions = PostgresOptions()
  ) async throws(PrivataError) {
    var options = options
    let address = try PostgresURL(url, options: &options)
    let settings = PostgresSettings(address, options)
    let pool: PostgresPool
    do throws(PostgresConnectFailure) { pool = try PostgresPool(settings) } catch {
      throw error.error(at: address.place)
    }
    context = PostgresContext(
      pool, place: address.place, transport: address.transport, options: options)
    tables = PostgresTables(keepsOrder: options.insertionOrder)
    // A store that opens says at once that it cannot; a store that runs waits for its server.
    if let failure = await pool.probe() {
      pool.close()
      throw failure.error(at: address.place)
    }
    try await makeNamespace()
  }

  /// A session over any connection.
  var session: PostgresSession { PostgresSession(context) }

  private func makeNamespace() async throws(PrivataError) {
    guard let schema = context.options.schema else { return }
    let text = "CREATE SCHEMA IF NOT EXISTS \(SQLDialect.postgres.quote(schema))"
    do throws(PrivataError) { try await session.run(texts: [text]) } catch {
      // Two that make it at once: the second finds it made.
      guard error.code == .duplicateKey else { throw error }
    }
  }
}

extension PostgresStore: SQLExecutor {
  public var dialect: SQLDialect { .postgres }

  /// Runs one statement in a transaction of its own.
  public func execute(_ statement: SQLStatement) async throws(PrivataError) -> SQLResult {
    try await session.execute(statement)
  }
}

extension StoreSource {
  /// A Postgres store at a URL.
  ///
  /// ```swift
  /// let privata = try await Vault(
  ///   identity: .postgres(url, schema: "identity"), clinical: .postgres(url, schema: "clinical"))
  /// ```
  public static func postgres(
    _ url: String, schema: String? = nil, options: PostgresOptions = PostgresOptions()
  ) -> StoreSource {
    var options = options
    if let schema { options.schema = schema }
    let chosen = options
    return StoreSource { () async throws(PrivataError) -> any Store in
      try await PostgresStore(url, options: chosen)
    }
  }
}

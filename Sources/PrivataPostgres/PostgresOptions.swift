/// How a Postgres store behaves; the URL says where the server is.
///
/// ```swift
/// let source = StoreSource.postgres(
///   "postgres://clinic@db.example.org/main?sslmode=verify-full&sslrootcert=ca.pem",
///   options: PostgresOptions(schema: "identity", connections: 20))
/// ```
///
/// Times are milliseconds; 0 is no bound.
public struct PostgresOptions: Sendable, Hashable {
  /// The Postgres schema that holds the tables, made where it is missing; the server's own choice
  /// (usually `public`) where `nil`. With one schema each, the identity and clinical halves of a vault
  /// live in one database.
  public var schema: String?
  /// The most connections that are open at once.
  public var connections = 10
  /// How long opening one connection may take.
  public var connectTimeout = 10_000
  /// How long a statement may take, waiting for its turn included.
  public var statementTimeout = 30_000
  /// How long a transaction or stream waits for a connection of its own.
  public var poolTimeout = 5_000
  /// How long callers wait for a server that is away before they get an error.
  public var reconnectTimeout = 2_000
  /// How long a connection stays open without work.
  public var idleTimeout = 60_000
  /// How long a server may take to end a statement before its connection is given up.
  public var cancelTimeout = 1_000
  /// How many statements each connection keeps prepared.
  public var preparedStatements = 256
  /// True keeps the order in which documents were inserted, in a column `_seq`, and answers documents
  /// of a query without a sort in it, as MongoDB does.
  public var insertionOrder = false
  /// The name under which the server lists the connections.
  public var applicationName = "privata"

  /// Options; what is not said is as documented.
  public init(
    schema: String? = nil, connections: Int = 10, statementTimeout: Int = 30_000,
    poolTimeout: Int = 5_000, insertionOrder: Bool = false
  ) {
    self.schema = schema
    self.connections = connections
    self.statementTimeout = statementTimeout
    self.poolTimeout = poolTimeout
    self.insertionOrder = insertionOrder
  }
}

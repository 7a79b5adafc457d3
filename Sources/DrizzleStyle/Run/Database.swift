public import PrivataCore
internal import PrivataSQL

/// A database in Drizzle's shape: queries are built as values and run by their last call.
///
/// ```swift
/// let db = try await DrizzleStyle.connect(.sqlite("clinic.db"))
/// let rows = try await db.select().from(users).where(eq(users["id"], 4)).all()
/// ```
public struct Database: QueryInterface {
  let session: Session

  /// What queries run on.
  public var handle: DatabaseHandle { DatabaseHandle(session: session) }

  /// The store that queries run on.
  public var store: any Store { session.store }

  init(session: Session) { self.session = session }

  /// The same database with a logger.
  public func logging(to logger: some QueryLogger) -> Database {
    var session = session
    session.logger = logger
    return Database(session: session)
  }

  /// The same database with a cache for selects.
  public func caching(in cache: some QueryCache) -> Database {
    var session = session
    session.cache = CacheBinding(cache: cache)
    return Database(session: session)
  }

  /// The same database with relations for ``QueryInterface/query(_:)``.
  public func relating(by relations: Relations) -> Database {
    var session = session
    session.relations = relations
    return Database(session: session)
  }
}

/// Opens a database.
///
/// ```swift
/// let db = try await DrizzleStyle.connect(.postgres("postgres://localhost/clinic"))
/// ```
///
/// Any store can be opened. One that speaks SQL takes every query; a vault takes those that its
/// policies can see through, and refuses the others with `unsupported`.
///
/// - Throws: what opening the store throws: `connection`, `authentication`, `badURL` ...
public func connect(
  _ source: StoreSource, relations: Relations? = nil, logger: (any QueryLogger)? = nil
) async throws(PrivataError) -> Database {
  let store = try await source.open()
  let executor = store as? any SQLExecutor
  return Database(
    session: Session(
      dialect: executor?.dialect ?? .sqlite, executor: executor, store: store,
      relations: relations, logger: logger))
}

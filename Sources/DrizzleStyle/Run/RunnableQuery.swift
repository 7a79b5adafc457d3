public import PrivataCore
internal import PrivataSQL

/// A query with a database to run on.
public protocol RunnableQuery: SQLQuery {
  /// The database or transaction.
  var database: DatabaseHandle? { get }
  /// What a cache is to do about the query.
  var caching: Caching? { get }
}

/// A database, or a transaction of one, as builders carry it.
public struct DatabaseHandle: Sendable {
  let session: Session?

  /// No database: what is built can be a part of another query, and does not run by itself.
  public static let none = DatabaseHandle(session: nil)
}

extension RunnableQuery {
  /// Not cached.
  public var caching: Caching? { .off }

  var session: Session {
    get throws(PrivataError) {
      guard let session = database?.session else {
        throw PrivataError(.badArgument, "the query was built without a database to run on")
      }
      return session
    }
  }

  /// True where the query answers rows: a select, or a write that returns some.
  public var answersRows: Bool {
    switch body.statement {
    case .select, .relational, .raw: true
    case .insert(let plan): plan.returning != nil
    case .update(let plan): plan.returning != nil
    case .delete(let plan): plan.returning != nil
    case .refresh: false
    }
  }

  /// The text and the parameters of the query, without running it.
  public func toSQL() throws(PrivataError) -> RenderedSQL { try toSQL(try session.dialect) }

  /// Runs the query and answers all rows.
  ///
  /// ```swift
  /// let rows = try await db.select().from(users).where(eq(users["active"], true)).all()
  /// ```
  ///
  /// - Throws: `PrivataError`; its `underlying` is a ``QueryError`` where the database refused.
  public func all() async throws(PrivataError) -> [Document] {
    let session = try session
    if session.executor == nil, case .select(let plan) = body.statement {
      return try await plan.documents(from: session)
    }
    let rendered = try toSQL(session.dialect)
    return try await session.cached(rendered, caching)
  }

  /// Runs the query and answers the first row, `nil` where there is none.
  public func get() async throws(PrivataError) -> Document? { try await all().first }

  /// Runs the query and answers the rows as lists of what the database holds, not decoded.
  public func values() async throws(PrivataError) -> [[Value]] {
    let session = try session
    let rendered = try toSQL(session.dialect)
    return try await session.run(rendered).lists()
  }

  /// Runs the query and answers how many rows it touched.
  @discardableResult
  public func run() async throws(PrivataError) -> RunResult {
    let session = try session
    let rendered = try toSQL(session.dialect)
    return try await session.result(rendered)
  }

  /// Renders the query once, to run it many times with values for its placeholders.
  ///
  /// ```swift
  /// let byID = try db.select().from(users).where(eq(users["id"], placeholder("id"))).prepare()
  /// let rows = try await byID.all(["id": 4])
  /// ```
  public func prepare(_ name: String? = nil) throws(PrivataError) -> PreparedQuery {
    let session = try session
    return PreparedQuery(session: session, rendered: try toSQL(session.dialect))
  }
}

/// What a write did.
public struct RunResult: Sendable, Hashable {
  /// How many rows were added, changed or removed; `nil` where the statement concerns none.
  public var affected: Int?
  /// SQLite: the row id of the last insert.
  public var lastInsertRowID: Int64?
}

/// A statement that is rendered and kept prepared by the driver.
public struct PreparedQuery: Sendable {
  let session: Session
  /// The text and the parameters.
  public let rendered: RenderedSQL
  private let template: SQLTemplate

  init(session: Session, rendered: RenderedSQL) {
    self.session = session
    self.rendered = rendered
    template = rendered.template(isCompiled: true)
  }

  /// Runs the statement and answers all rows.
  ///
  /// - Throws: `badArgument` for a placeholder without a value, before anything is sent; values for
  ///   unknown names are ignored.
  public func all(_ values: [String: Value] = [:]) async throws(PrivataError) -> [Document] {
    let answer = try await session.run(rendered, template: template, values)
    guard let shape = rendered.shape else { return try answer.plainDocuments() }
    return try answer.documents(shape)
  }

  /// Runs the statement and answers the rows as cells.
  func batch(_ values: [String: Value]) async throws(PrivataError) -> RowBatch {
    try await session.run(rendered, template: template, values).result.rows
  }

  /// Runs the statement and answers the first row.
  public func get(_ values: [String: Value] = [:]) async throws(PrivataError) -> Document? {
    try await all(values).first
  }

  /// Runs the statement and answers the rows as lists, not decoded.
  public func values(_ values: [String: Value] = [:]) async throws(PrivataError) -> [[Value]] {
    try await session.run(rendered, template: template, values).lists()
  }

  /// Runs the statement and answers how many rows it touched.
  @discardableResult
  public func run(_ values: [String: Value] = [:]) async throws(PrivataError) -> RunResult {
    let answer = try await session.run(rendered, template: template, values)
    await session.cache?.forget(rendered)
    return RunResult(
      affected: answer.result.affected, lastInsertRowID: answer.result.lastRowID)
  }
}

extension Session {
  func result(_ rendered: RenderedSQL) async throws(PrivataError) -> RunResult {
    let answer = try await run(rendered)
    await cache?.forget(rendered)
    return RunResult(
      affected: rendered.kind == "schema" ? nil : answer.result.affected,
      lastInsertRowID: answer.result.lastRowID)
  }
}

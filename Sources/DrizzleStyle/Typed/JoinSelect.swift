public import PrivataCore

/// A select of several models' records, paired by joins.
///
/// ```swift
/// let users = User.table, sessions = Session.table
/// let rows = try await db.select().from(users)
///   .leftJoin(sessions, on: sessions.userId == users.id)
///   .where(users.age >= 18).all()                      // [(User, Session?)]
/// ```
///
/// What a join may leave empty is optional; a record that is there is never taken for a missing one,
/// since its key decides. Up to five tables; fields of any number of tables are selected with
/// `select(users.id, …)`.
public struct JoinSelect<Parts: TypedRow>: SQLQuery {
  var plan: SelectPlan
  let database: DatabaseHandle?

  /// The query.
  public var body: QueryBody {
    QueryBody(statement: .select(plan), selection: plan.resolvedFields)
  }

  func adding<More: TypedRow>(
    _ kind: SelectPlan.JoinKind, _ source: SQLSource, _ condition: SQL?
  ) -> JoinSelect<More> {
    var plan = plan
    plan.joins.append(.init(kind: kind, source: source, on: condition))
    return JoinSelect<More>(plan: plan, database: database)
  }

  private func changed(_ change: (inout SelectPlan) -> Void) -> JoinSelect<Parts> {
    var copy = self
    change(&copy.plan)
    return copy
  }

  /// Answers only rows that fulfil the condition, as well as those before it.
  public func `where`(_ condition: SQL?) -> JoinSelect<Parts> {
    changed { $0.condition = and($0.condition, condition) }
  }

  /// As ``where(_:)-(SQL?)``, of fields of one of the models.
  public func `where`<M: Model>(_ condition: Condition<M>) -> JoinSelect<Parts> {
    `where`(M.table.table.sql(condition.filter))
  }

  /// The order of the rows, the most significant expression first.
  public func orderBy(_ expressions: any SQLConvertible...) -> JoinSelect<Parts> {
    changed { $0.ordering += expressions.map(\.sql) }
  }

  /// The most rows to answer.
  public func limit(_ rows: Int) -> JoinSelect<Parts> { changed { $0.limit = .number(rows) } }

  /// How many rows to leave out first.
  public func offset(_ rows: Int) -> JoinSelect<Parts> { changed { $0.offset = .number(rows) } }

  /// Runs the query and answers all rows.
  @inlinable
  public func all() async throws(PrivataError) -> [Parts.Row] { try Parts.rows(try await rows()) }

  /// The rows as cells.
  @usableFromInline
  func rows() async throws(PrivataError) -> RowBatch { try await plan.answer(on: database) }

  /// Runs the query for one row and answers it.
  @inlinable
  public func first() async throws(PrivataError) -> Parts.Row? { try await limit(1).all().first }

  /// Renders the query once, to run it many times with values for its placeholders.
  public func prepare() throws(PrivataError) -> PreparedSelect<Parts> {
    try PreparedSelect(plan, database)
  }
}

/// A typed select that is rendered and kept prepared by the driver.
public struct PreparedSelect<Parts: TypedRow>: Sendable {
  private let query: PreparedQuery

  init(_ plan: SelectPlan, _ database: DatabaseHandle?) throws(PrivataError) {
    query = try SelectQuery(plan: plan, database: database).prepare()
  }

  /// The text and the parameters.
  public var rendered: RenderedSQL { query.rendered }

  /// Runs the statement and answers all rows.
  ///
  /// - Throws: `badArgument` for a placeholder without a value, before anything is sent.
  @inlinable
  public func all(_ values: [String: Value] = [:]) async throws(PrivataError) -> [Parts.Row] {
    try Parts.rows(try await rows(values))
  }

  @usableFromInline
  func rows(_ values: [String: Value]) async throws(PrivataError) -> RowBatch {
    try await query.batch(values)
  }
}

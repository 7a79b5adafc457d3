public import PrivataCore
internal import PrivataSQL

/// What a database and its transactions offer: every query begins here.
public protocol QueryInterface: Sendable {
  /// What queries run on.
  var handle: DatabaseHandle { get }
  /// What reads run on, where it is not the same.
  var readHandle: DatabaseHandle { get }
}

extension QueryInterface {
  /// What all queries run on.
  public var readHandle: DatabaseHandle { handle }

  // MARK: - Select

  /// A select of all fields of what it selects from.
  ///
  /// ```swift
  /// let rows = try await db.select().from(users).all()
  /// ```
  public func select() -> SelectStart { SelectStart(plan: SelectPlan(), database: readHandle) }

  /// A select of fields.
  public func select(_ fields: Selection) -> SelectStart { start(fields, nil) }

  /// A select of different rows.
  public func selectDistinct(_ fields: Selection? = nil) -> SelectStart { start(fields, .all) }

  /// A select of the first row for each different value of the expressions (PostgreSQL). The order
  /// must begin with the same expressions.
  public func selectDistinctOn(
    _ expressions: [any SQLConvertible], _ fields: Selection? = nil
  ) -> SelectStart {
    start(fields, .on(expressions.map(\.sql)))
  }

  private func start(_ fields: Selection?, _ distinct: SelectPlan.Distinct?) -> SelectStart {
    var plan = SelectPlan()
    plan.fields = fields
    plan.distinct = distinct
    return SelectStart(plan: plan, database: readHandle)
  }

  /// How many rows a source has, or how many of them fulfil a condition.
  ///
  /// ```swift
  /// let active = try await db.count(users, where: eq(users["active"], true))
  /// // select count(*) from "users" where "users"."active" = $1
  /// ```
  public func count(
    _ source: some QuerySource, where condition: SQL? = nil
  ) async throws(PrivataError) -> Int {
    let row = try await counting(source, condition).get()
    return row?["count"]?.asInt ?? 0
  }

  func counting(_ source: some QuerySource, _ condition: SQL?) -> SelectQuery {
    select(Selection([("count", .expression(rowCount))])).from(source).where(condition)
      .withCache(.off)
  }

  // MARK: - Writes

  /// Rows to add to a table.
  public func insert(_ table: SQLTable) -> InsertQuery {
    InsertQuery(plan: InsertPlan(table: table), database: handle)
  }

  /// Rows of a table to change.
  public func update(_ table: SQLTable) -> UpdateQuery {
    UpdateQuery(plan: UpdatePlan(table: table), database: handle)
  }

  /// Rows of a table to remove.
  public func delete(_ table: SQLTable) -> DeleteQuery {
    DeleteQuery(plan: DeletePlan(table: table), database: handle)
  }

  /// A refresh of a materialized view (PostgreSQL).
  public func refreshMaterializedView(_ view: SQLView) -> RefreshQuery {
    RefreshQuery(plan: RefreshPlan(view: view), database: handle)
  }

  // MARK: - Parts

  /// Names a query that another one is to begin with: `db.with("totals").as(query)`.
  public func with(_ name: String) -> CommonTableStart { CommonTableStart(name: name) }

  /// Begins a statement with common table expressions, in this order.
  public func with(_ parts: Subquery...) -> WithStart { with(parts) }

  /// As ``with(_:)-(Subquery...)``, of a list.
  public func with(_ parts: [Subquery]) -> WithStart {
    let reads = readHandle
    return WithStart(parts: parts, database: handle, reads: reads)
  }

  /// A relational query of a table, by its key in the relations.
  public func query(_ table: String) -> RelationalStart {
    RelationalStart(key: table, database: readHandle)
  }

  // MARK: - SQL text

  /// Runs SQL and answers its rows by the names of their columns, read as the database's own types
  /// say.
  ///
  /// ```swift
  /// let result = try await db.execute("select \(users["id"]) from \(users) where \(users["id"]) > \(3)")
  /// ```
  public func execute(_ fragment: SQL) async throws(PrivataError) -> RawResult {
    let answer = try await raw(fragment)
    return RawResult(
      rows: try answer.plainDocuments(), columns: answer.result.columns,
      result: .init(
        affected: answer.result.affected, lastInsertRowID: answer.result.lastRowID))
  }

  /// Runs SQL and answers its rows as lists.
  public func values(_ fragment: SQL) async throws(PrivataError) -> [[Value]] {
    try await raw(fragment).lists()
  }

  private func raw(_ fragment: SQL) async throws(PrivataError) -> SQLAnswer {
    guard let session = handle.session else {
      throw PrivataError(.badArgument, "there is no database to run on")
    }
    let rendered = try RenderedSQL(.raw(fragment), session.dialect)
    return try await session.run(rendered)
  }
}

/// What SQL text answered.
public struct RawResult: Sendable {
  /// The rows, by the names of their columns.
  public var rows: [Document]
  /// The names of the columns.
  public var columns: [String]
  /// What the statement touched.
  public var result: RunResult
}

/// A common table expression before its query.
public struct CommonTableStart: Sendable {
  let name: String

  /// The query; of a write with `returning` as well (PostgreSQL).
  public func `as`(_ query: some SQLQuery) -> Subquery {
    Subquery(alias: name, query.statement, selection: query.selection, isCommon: true)
  }

  /// SQL text, with the fields that it yields.
  public func `as`(_ fields: Selection, _ fragment: SQL) -> Subquery {
    Subquery(alias: name, .raw(fragment), selection: fields, isCommon: true)
  }
}

/// A statement that begins with common table expressions.
public struct WithStart: Sendable {
  let parts: [Subquery]
  let database: DatabaseHandle
  let reads: DatabaseHandle

  private func start(_ fields: Selection?, _ distinct: SelectPlan.Distinct?) -> SelectStart {
    var plan = SelectPlan()
    plan.with = parts
    plan.fields = fields
    plan.distinct = distinct
    return SelectStart(plan: plan, database: reads)
  }

  /// A select, which may use the parts like tables.
  public func select(_ fields: Selection? = nil) -> SelectStart { start(fields, nil) }

  /// A select of different rows.
  public func selectDistinct(_ fields: Selection? = nil) -> SelectStart { start(fields, .all) }

  /// A select of the first row for each different value of the expressions (PostgreSQL).
  public func selectDistinctOn(
    _ expressions: [any SQLConvertible], _ fields: Selection? = nil
  ) -> SelectStart {
    start(fields, .on(expressions.map(\.sql)))
  }

  /// Rows to add.
  public func insert(_ table: SQLTable) -> InsertQuery {
    InsertQuery(plan: InsertPlan(with: parts, table: table), database: database)
  }

  /// Rows to change.
  public func update(_ table: SQLTable) -> UpdateQuery {
    UpdateQuery(plan: UpdatePlan(with: parts, table: table), database: database)
  }

  /// Rows to remove.
  public func delete(_ table: SQLTable) -> DeleteQuery {
    DeleteQuery(plan: DeletePlan(with: parts, table: table), database: database)
  }
}

/// A refresh of a materialized view.
public struct RefreshQuery: RunnableQuery {
  var plan: RefreshPlan
  /// What the query runs on.
  public let database: DatabaseHandle?

  /// The query.
  public var body: QueryBody {
    QueryBody(statement: .refresh(plan), selection: Selection([]))
  }

  /// Does not lock readers out; needs a unique index.
  public func concurrently() -> RefreshQuery {
    var copy = self
    copy.plan.isConcurrent = true
    return copy
  }

  /// Empties the view.
  public func withNoData() -> RefreshQuery {
    var copy = self
    copy.plan.isWithoutData = true
    return copy
  }
}

private let rowCount = count()

/// How many rows of a source fulfil a condition, as an expression: `(select count(*) from …)`.
///
/// ```swift
/// db.select(["id": users["id"], "n": countOf(sessions, where: eq(sessions["userId"], users["id"]))])
/// ```
public func countOf(_ source: some QuerySource, where condition: SQL? = nil) -> SQL {
  var plan = SelectPlan()
  plan.fields = Selection([("count", .expression(count()))])
  plan.from = source.source
  plan.condition = condition
  return SQL([.query(.select(plan))], decoder: .number)
}

/// Builds queries without a database, for views, subqueries and tests of their text:
/// `QueryBuilder().select().from(users).toSQL(.postgres)`. Running one is refused.
public struct QueryBuilder: QueryInterface {
  /// Nothing to run on.
  public var handle: DatabaseHandle { .none }

  /// A builder.
  public init() {}
}

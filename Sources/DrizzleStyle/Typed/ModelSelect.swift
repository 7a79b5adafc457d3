public import PrivataCore

/// A select of a model's records.
///
/// ```swift
/// let adults = try await db.select().from(User.self).where(\.age >= 18).orderBy(\.name).all()
/// // select "id", "name", … from "users" where "users"."age" >= $1 order by "users"."name"
/// ```
///
/// - Privacy: under a vault only the fields of the model are read, unsealed and audited.
public struct ModelSelect<M: Model>: SQLQuery {
  private var plan: SelectPlan
  /// The same select as stores know it, as long as it consists of typed parts; conditions wait in it
  /// and become SQL only where SQL is asked for.
  private var direct: DirectRead?
  let table: SQLTable
  let database: DatabaseHandle?

  init(_ table: ModelTable<M>, _ plan: SelectPlan, _ database: DatabaseHandle?) {
    let isPlain = plan.fields == nil && plan.distinct == nil && plan.with.isEmpty
    direct = isPlain ? DirectRead() : nil
    self.plan = plan
    self.plan.from = table.source
    self.table = table.table
    self.database = database
  }

  /// The query.
  public var body: QueryBody {
    let plan = resolved
    return QueryBody(statement: .select(plan), selection: plan.resolvedFields)
  }

  /// The plan with all its conditions.
  private var resolved: SelectPlan {
    guard let filter = direct?.filter else { return plan }
    var plan = plan
    plan.condition = and(plan.condition, table.sql(filter))
    return plan
  }

  private func changed(_ change: (inout SelectPlan) -> Void) -> ModelSelect<M> {
    var copy = self
    copy.plan = resolved
    copy.direct = nil
    change(&copy.plan)
    return copy
  }

  /// Answers only records that fulfil the condition, as well as those before it.
  public func `where`(_ condition: Condition<M>) -> ModelSelect<M> {
    // A second condition joins the first in SQL's own words.
    guard direct != nil, direct?.filter == nil else { return `where`(table.sql(condition.filter)) }
    var copy = self
    copy.direct?.filter = condition.filter
    return copy
  }

  /// As ``where(_:)-(Condition<M>)``, of columns of the table.
  public func `where`(_ condition: SQL?) -> ModelSelect<M> {
    changed { $0.condition = and($0.condition, condition) }
  }

  /// The order of the records by a field, after those named before.
  public func orderBy<V>(_ path: FieldPath<M, V>) -> ModelSelect<M> {
    var copy = self
    copy.plan.ordering.append(ModelTable<M>(table)[dynamicMember: path].sql)
    copy.direct?.sort.append(SortKey(M.fields[keyPath: path].name))
    return copy
  }

  /// The order of the records, the most significant expression first.
  public func orderBy(_ expressions: any SQLConvertible...) -> ModelSelect<M> {
    changed { $0.ordering += expressions.map(\.sql) }
  }

  /// The most records to answer.
  public func limit(_ rows: Int) -> ModelSelect<M> {
    var copy = self
    copy.plan.limit = .number(rows)
    copy.direct?.limit = rows
    return copy
  }

  /// The most records to answer, given when the statement runs.
  public func limit(_ bound: RowBound) -> ModelSelect<M> { changed { $0.limit = bound.bound } }

  /// How many records to leave out first.
  public func offset(_ rows: Int) -> ModelSelect<M> {
    var copy = self
    copy.plan.offset = .number(rows)
    copy.direct?.offset = rows
    return copy
  }

  /// How many records to leave out first, given when the statement runs.
  public func offset(_ bound: RowBound) -> ModelSelect<M> { changed { $0.offset = bound.bound } }

  /// Locks the rows until the transaction ends (PostgreSQL).
  public func `for`(_ strength: LockStrength, wait: LockWait? = nil) -> ModelSelect<M> {
    changed { $0.lock = RowLock(strength: strength, wait: wait) }
  }

  // MARK: - Joins

  private func joined<Parts: TypedRow>(
    _ kind: SelectPlan.JoinKind, _ source: SQLSource, _ condition: SQL?
  ) -> JoinSelect<Parts> {
    JoinSelect<ModelPart<M>>(plan: resolved, database: database).adding(kind, source, condition)
  }

  /// Pairs each record with those of another model that fulfil the condition.
  ///
  /// ```swift
  /// let rows = try await db.select().from(Session.self)
  ///   .innerJoin(User.table, on: Session.table.userId == User.table.id).all()   // [(Session, User)]
  /// ```
  public func innerJoin<Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts2<ModelPart<M>, ModelPart<Other>>> {
    joined(.inner, other.source, condition)
  }

  /// As ``innerJoin(_:on:)``, with `nil` where no record of the other model fulfils the condition.
  public func leftJoin<Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts2<ModelPart<M>, Empty<ModelPart<Other>>>> {
    joined(.left, other.source, condition)
  }

  /// All records of the other model, with `nil` where none of this fulfils the condition.
  public func rightJoin<Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts2<Empty<ModelPart<M>>, ModelPart<Other>>> {
    joined(.right, other.source, condition)
  }

  /// All records of both models.
  public func fullJoin<Other: Model>(
    _ other: ModelTable<Other>, on condition: SQL
  ) -> JoinSelect<Parts2<Empty<ModelPart<M>>, Empty<ModelPart<Other>>>> {
    joined(.full, other.source, condition)
  }

  /// Every record with every record of the other model.
  public func crossJoin<Other: Model>(
    _ other: ModelTable<Other>
  ) -> JoinSelect<Parts2<ModelPart<M>, ModelPart<Other>>> {
    joined(.cross, other.source, nil)
  }
}

extension ModelSelect {
  /// Runs the query and answers all records.
  @inlinable
  public func all() async throws(PrivataError) -> [M] { try await rows().decode(M.self) }

  /// Runs the query for one record and answers it, `nil` where there is none.
  @inlinable
  public func first() async throws(PrivataError) -> M? { try await limit(1).rows().first() }

  /// The rows as cells. A select of typed parts alone goes to the store as a query, whose statement
  /// is compiled once; where somebody watches the statements, they are DrizzleStyle's own.
  @usableFromInline func rows() async throws(PrivataError) -> RowBatch {
    guard let session = database?.session, session.isUnwatched, let query = direct?.query(M.schema)
    else { return try await resolved.answer(on: database) }
    do throws(PrivataError) {
      return try await session.store.rows(for: query)
    } catch {
      throw QueryError.wrap(error, try toSQL(session.dialect).text)
    }
  }

  /// Renders the query once, to run it many times with values for its placeholders.
  public func prepare() throws(PrivataError) -> PreparedSelect<ModelPart<M>> {
    try PreparedSelect(resolved, database)
  }
}

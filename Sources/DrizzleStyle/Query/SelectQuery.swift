internal import PrivataCore

/// A select of rows as documents.
///
/// ```swift
/// let rows = try await db.select(["id": users["id"], "mail": users["email"]])
///   .from(users).where(eq(users["active"], true)).orderBy(asc(users["id"])).limit(10).all()
/// // select "id", "email" from "users" where "users"."active" = $1 order by ... limit $2
/// ```
///
/// A query is a value: each call answers a changed copy.
public struct SelectQuery: RunnableQuery {
  var plan: SelectPlan
  /// What the query runs on.
  public let database: DatabaseHandle?

  /// The query.
  public var body: QueryBody {
    QueryBody(statement: .select(plan), selection: plan.resolvedFields)
  }

  /// What a cache is to do about the query.
  public var caching: Caching? { plan.caching }

  /// Whether and how a cache answers the query.
  public func withCache(_ caching: Caching = Caching()) -> SelectQuery {
    changed { $0.caching = caching }
  }

  func changed(_ change: (inout SelectPlan) -> Void) -> SelectQuery {
    var copy = self
    change(&copy.plan)
    return copy
  }
}

/// A select before its source is named.
public struct SelectStart: Sendable {
  var plan: SelectPlan
  let database: DatabaseHandle?

  /// Names what is selected from.
  public func from(_ source: some QuerySource) -> SelectQuery {
    var plan = plan
    plan.from = source.source
    return SelectQuery(plan: plan, database: database)
  }
}

// MARK: - Clauses

extension SelectQuery {
  /// Answers only rows that fulfil the condition; all rows for none. A second call replaces the
  /// first; use ``and(_:)-(SQL?...)`` to add.
  public func `where`(_ condition: SQL?) -> SelectQuery { changed { $0.condition = condition } }

  /// As ``where(_:)-(SQL?)``, over the selected fields.
  public func `where`(_ condition: (SelectedFields) -> SQL?) -> SelectQuery {
    `where`(condition(SelectedFields(selection: selection, isNamed: false)))
  }

  /// Adds a condition to the one that is there.
  public func andWhere(_ condition: SQL) -> SelectQuery {
    changed { $0.condition = and($0.condition, condition) }
  }

  /// Makes one row of the rows with the same values.
  public func groupBy(_ expressions: any SQLConvertible...) -> SelectQuery {
    changed { $0.grouping = expressions.map(\.sql) }
  }

  /// As ``groupBy(_:)-(SQLConvertible...)``, over the selected fields.
  public func groupBy(_ expressions: (SelectedFields) -> [SQL]) -> SelectQuery {
    let chosen = expressions(SelectedFields(selection: selection, isNamed: true))
    return changed { $0.grouping = chosen }
  }

  /// Answers only groups that fulfil the condition.
  public func having(_ condition: SQL?) -> SelectQuery { changed { $0.having = condition } }

  /// As ``having(_:)-(SQL?)``, over the selected fields.
  public func having(_ condition: (SelectedFields) -> SQL?) -> SelectQuery {
    having(condition(SelectedFields(selection: selection, isNamed: false)))
  }

  /// The order of the rows, the most significant expression first; of the combined rows after a
  /// set operator.
  public func orderBy(_ expressions: any SQLConvertible...) -> SelectQuery {
    ordered(expressions.map(\.sql))
  }

  /// As ``orderBy(_:)-(SQLConvertible...)``, over the selected fields.
  public func orderBy(_ expressions: (SelectedFields) -> [SQL]) -> SelectQuery {
    ordered(expressions(SelectedFields(selection: selection, isNamed: true)))
  }

  func ordered(_ expressions: [SQL]) -> SelectQuery {
    changed { plan in
      if plan.operations.isEmpty {
        plan.ordering = expressions
      } else {
        plan.operations[plan.operations.count - 1].ordering = expressions
      }
    }
  }

  /// The most rows to answer.
  public func limit(_ bound: RowBound) -> SelectQuery {
    changed { plan in
      if plan.operations.isEmpty {
        plan.limit = bound.bound
      } else {
        plan.operations[plan.operations.count - 1].limit = bound.bound
      }
    }
  }

  /// The most rows to answer. A negative number is refused.
  public func limit(_ rows: Int) -> SelectQuery { limit(.rows(rows)) }

  /// How many rows to leave out first. SQLite takes an offset only with a limit.
  public func offset(_ bound: RowBound) -> SelectQuery {
    changed { plan in
      if plan.operations.isEmpty {
        plan.offset = bound.bound
      } else {
        plan.operations[plan.operations.count - 1].offset = bound.bound
      }
    }
  }

  /// How many rows to leave out first.
  public func offset(_ rows: Int) -> SelectQuery { offset(.rows(rows)) }

  /// Locks the rows until the transaction ends (PostgreSQL).
  public func `for`(
    _ strength: LockStrength, of tables: [SQLTable] = [], wait: LockWait? = nil
  ) -> SelectQuery {
    changed { $0.lock = RowLock(strength: strength, tables: tables, wait: wait) }
  }

  /// Adds a comment to the statement, for the database's own logs.
  public func comment(_ text: String) -> SelectQuery {
    changed { $0.comment = QueryComment.text(text) }
  }

  /// Adds keys and values as a comment.
  public func comment(_ tags: [String: String?]) -> SelectQuery {
    changed { $0.comment = QueryComment.text(tags) }
  }
}

/// The fields of a select, for clauses that refer to them.
public struct SelectedFields: Sendable {
  let selection: Selection
  let isNamed: Bool

  /// The field of a key: in orders and groups by its name where it has one, in conditions the
  /// expression itself.
  public subscript(key: String) -> SQL {
    guard let field = selection[key] else {
      return .failure(
        PrivataError(.unknownField, "the query selects no field '\(key)'", fields: [key]))
    }
    return isNamed ? field.named : field.repeated
  }
}

/// Rows to change.
///
/// ```swift
/// try await db.update(users).set(["firstName": "Ada"]).where(eq(users["id"], 1)).run()
/// // update "users" set "first_name" = $1, "updated_at" = $2 where "users"."id" = $3
/// ```
///
/// Columns that updates fill in come along. An update that says nothing about its rows is refused:
/// say `.where(.all)` for all of them.
public struct UpdateQuery: RunnableQuery {
  var plan: UpdatePlan
  /// What the query runs on.
  public let database: DatabaseHandle?

  /// The query.
  public var body: QueryBody {
    QueryBody(statement: .update(plan), selection: plan.returning ?? Selection([]))
  }

  private func changed(_ change: (inout UpdatePlan) -> Void) -> UpdateQuery {
    var copy = self
    change(&copy.plan)
    return copy
  }

  /// What the columns are set to, by their keys.
  public func set(_ values: [String: SQLValue]) -> UpdateQuery { changed { $0.set = values } }

  /// Changes the rows that fulfil the condition.
  public func `where`(_ condition: SQL) -> UpdateQuery {
    changed { $0.condition = .matching(condition) }
  }

  /// Changes all rows.
  public func `where`(_ rows: AllRows) -> UpdateQuery { changed { $0.condition = .all } }

  /// Adds a source for the condition and the values.
  public func from(_ source: some QuerySource) -> UpdateQuery {
    changed { $0.from = source.source }
  }

  /// Joins to the source of ``from(_:)``.
  public func innerJoin(_ source: some QuerySource, on condition: SQL?) -> UpdateQuery {
    changed { $0.joins.append(.init(kind: .inner, source: source.source, on: condition)) }
  }

  /// Joins to the source of ``from(_:)``, keeping its rows without a match.
  public func leftJoin(_ source: some QuerySource, on condition: SQL?) -> UpdateQuery {
    changed { $0.joins.append(.init(kind: .left, source: source.source, on: condition)) }
  }

  /// Joins to the source of ``from(_:)``, keeping all rows of the new one.
  public func rightJoin(_ source: some QuerySource, on condition: SQL?) -> UpdateQuery {
    changed { $0.joins.append(.init(kind: .right, source: source.source, on: condition)) }
  }

  /// Joins to the source of ``from(_:)``, keeping all rows of both.
  public func fullJoin(_ source: some QuerySource, on condition: SQL?) -> UpdateQuery {
    changed { $0.joins.append(.init(kind: .full, source: source.source, on: condition)) }
  }

  /// Which rows come first, where there is a limit (SQLite).
  public func orderBy(_ expressions: any SQLConvertible...) -> UpdateQuery { orderBy(expressions) }

  /// As ``orderBy(_:)-(SQLConvertible...)``, of a list.
  public func orderBy(_ expressions: [any SQLConvertible]) -> UpdateQuery {
    changed { $0.ordering = expressions.map(\.sql) }
  }

  /// The most rows to change (SQLite).
  public func limit(_ bound: RowBound) -> UpdateQuery { changed { $0.limit = bound.bound } }

  /// Answers the changed rows; with a source of ``from(_:)`` also its row, under its name
  /// (PostgreSQL).
  public func returning() -> UpdateQuery {
    changed { plan in
      var fields = SQLSource.table(plan.table).selection
      for source in [plan.from].compactMap({ $0 }) + plan.joins.map(\.source) {
        guard let key = source.resultKey else { continue }
        fields.fields.append((key, .nested(source.selection)))
      }
      plan.returning = fields
    }
  }

  /// Answers fields of the changed rows.
  public func returning(_ fields: Selection) -> UpdateQuery { changed { $0.returning = fields } }

  /// Adds a comment to the statement.
  public func comment(_ text: String) -> UpdateQuery {
    changed { $0.comment = QueryComment.text(text) }
  }

  /// Adds keys and values as a comment.
  public func comment(_ tags: [String: String?]) -> UpdateQuery {
    changed { $0.comment = QueryComment.text(tags) }
  }
}

/// All rows of a table, said on purpose.
public enum AllRows: Sendable { case all }

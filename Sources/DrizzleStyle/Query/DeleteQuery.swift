/// Rows to remove.
///
/// ```swift
/// try await db.delete(sessions).where(eq(sessions["id"], "s3")).run()
/// // delete from "sessions" where "sessions"."id" = $1
/// ```
///
/// A delete that says nothing about its rows is refused: say `.where(.all)` for all of them.
public struct DeleteQuery: RunnableQuery {
  var plan: DeletePlan
  /// What the query runs on.
  public let database: DatabaseHandle?

  /// The query.
  public var body: QueryBody {
    QueryBody(statement: .delete(plan), selection: plan.returning ?? Selection([]))
  }

  private func changed(_ change: (inout DeletePlan) -> Void) -> DeleteQuery {
    var copy = self
    change(&copy.plan)
    return copy
  }

  /// Removes the rows that fulfil the condition.
  public func `where`(_ condition: SQL) -> DeleteQuery {
    changed { $0.condition = .matching(condition) }
  }

  /// Removes all rows.
  public func `where`(_ rows: AllRows) -> DeleteQuery { changed { $0.condition = .all } }

  /// Which rows come first, where there is a limit (SQLite).
  public func orderBy(_ expressions: any SQLConvertible...) -> DeleteQuery { orderBy(expressions) }

  /// As ``orderBy(_:)-(SQLConvertible...)``, of a list.
  public func orderBy(_ expressions: [any SQLConvertible]) -> DeleteQuery {
    changed { $0.ordering = expressions.map(\.sql) }
  }

  /// The most rows to remove (SQLite).
  public func limit(_ bound: RowBound) -> DeleteQuery { changed { $0.limit = bound.bound } }

  /// Answers the removed rows.
  public func returning() -> DeleteQuery {
    changed { $0.returning = SQLSource.table($0.table).selection }
  }

  /// Answers fields of the removed rows.
  public func returning(_ fields: Selection) -> DeleteQuery { changed { $0.returning = fields } }

  /// Adds a comment to the statement.
  public func comment(_ text: String) -> DeleteQuery {
    changed { $0.comment = QueryComment.text(text) }
  }

  /// Adds keys and values as a comment.
  public func comment(_ tags: [String: String?]) -> DeleteQuery {
    changed { $0.comment = QueryComment.text(tags) }
  }
}

/// Rows to add to a table.
///
/// ```swift
/// let new = try await db.insert(tags).values(["name": "new"]).returning().all()
/// // postgres: insert into "tags" ("id", "name", "category") values (default, $1, default) returning …
/// ```
///
/// A key that is no column is refused; so is an insert of no rows.
public struct InsertQuery: RunnableQuery {
  var plan: InsertPlan
  /// What the query runs on.
  public let database: DatabaseHandle?

  /// The query.
  public var body: QueryBody {
    QueryBody(statement: .insert(plan), selection: plan.returning ?? Selection([]))
  }

  private func changed(_ change: (inout InsertPlan) -> Void) -> InsertQuery {
    var copy = self
    change(&copy.plan)
    return copy
  }

  /// One row: values by the keys of columns. Columns that are not named get their defaults.
  public func values(_ row: [String: SQLValue]) -> InsertQuery { values([row]) }

  /// Rows, which may name different columns.
  public func values(_ rows: [[String: SQLValue]]) -> InsertQuery {
    changed { $0.rows = .values(rows) }
  }

  /// The rows of a query; its keys are the columns that are filled.
  public func select(_ query: some SQLQuery) -> InsertQuery {
    let keys = query.selection.fields.map(\.key)
    let statement = query.statement
    return changed { $0.rows = .select(statement, keys: keys) }
  }

  /// The rows of SQL text, which yields all columns in order.
  public func select(_ fragment: SQL) -> InsertQuery { changed { $0.rows = .raw(fragment) } }

  /// Lets the insert give values for columns that the database numbers itself (PostgreSQL).
  public func overridingSystemValue() -> InsertQuery { changed { $0.overridesIdentity = true } }

  /// Skips rows whose unique values are taken: those of the target, or any.
  public func onConflictDoNothing(
    _ target: SQLColumn..., where condition: SQL? = nil
  ) -> InsertQuery {
    onConflictDoNothing(target: target.map(\.sql), where: condition)
  }

  /// As ``onConflictDoNothing(_:where:)``, of columns and expressions.
  public func onConflictDoNothing(target: [SQL], where condition: SQL? = nil) -> InsertQuery {
    changed { $0.conflicts.append(.init(target: target, targetCondition: condition, set: nil)) }
  }

  /// Changes the row that is there where the unique values of the target are taken.
  ///
  /// ```swift
  /// db.insert(tags).values(rows).onConflictDoUpdate(tags["name"], set: ["category": .sql("excluded.category")])
  /// ```
  ///
  /// `targetWhere` names a partial index, `setWhere` decides whether the row changes.
  public func onConflictDoUpdate(
    _ target: SQLColumn..., set: [String: SQLValue], targetWhere: SQL? = nil,
    setWhere: SQL? = nil
  ) -> InsertQuery {
    onConflictDoUpdate(
      target: target.map(\.sql), set: set, targetWhere: targetWhere, setWhere: setWhere)
  }

  /// As ``onConflictDoUpdate(_:set:targetWhere:setWhere:)``, of columns and expressions.
  public func onConflictDoUpdate(
    target: [SQL], set: [String: SQLValue], targetWhere: SQL? = nil, setWhere: SQL? = nil
  ) -> InsertQuery {
    changed {
      $0.conflicts.append(
        .init(target: target, targetCondition: targetWhere, set: set, condition: setWhere))
    }
  }

  /// Answers the new rows.
  public func returning() -> InsertQuery {
    changed { $0.returning = SQLSource.table($0.table).selection }
  }

  /// Answers fields of the new rows.
  public func returning(_ fields: Selection) -> InsertQuery { changed { $0.returning = fields } }

  /// Adds a comment to the statement.
  public func comment(_ text: String) -> InsertQuery {
    changed { $0.comment = QueryComment.text(text) }
  }

  /// Adds keys and values as a comment.
  public func comment(_ tags: [String: String?]) -> InsertQuery {
    changed { $0.comment = QueryComment.text(tags) }
  }
}

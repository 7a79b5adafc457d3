extension SelectQuery {
  /// Adds the rows of another source that fulfil the condition.
  ///
  /// ```swift
  /// db.select().from(sessions).innerJoin(users, on: eq(sessions["userId"], users["id"]))
  /// // rows: {sessions: {...}, users: {...}}
  /// ```
  public func innerJoin(_ source: some QuerySource, on condition: SQL?) -> SelectQuery {
    joined(.inner, source.source, condition)
  }

  /// As ``innerJoin(_:on:)``, but keeps rows without a match: the other side is null there.
  public func leftJoin(_ source: some QuerySource, on condition: SQL?) -> SelectQuery {
    joined(.left, source.source, condition)
  }

  /// Keeps all rows of the new source: what was joined before is null where nothing matches.
  public func rightJoin(_ source: some QuerySource, on condition: SQL?) -> SelectQuery {
    joined(.right, source.source, condition)
  }

  /// Keeps all rows of both sides.
  public func fullJoin(_ source: some QuerySource, on condition: SQL?) -> SelectQuery {
    joined(.full, source.source, condition)
  }

  /// Pairs every row with every row.
  public func crossJoin(_ source: some QuerySource) -> SelectQuery {
    joined(.cross, source.source, nil)
  }

  /// Joins a subquery that may refer to the tables before it (PostgreSQL).
  public func leftJoinLateral(_ source: some QuerySource, on condition: SQL) -> SelectQuery {
    joined(.left, source.source, condition, isLateral: true)
  }

  /// As ``leftJoinLateral(_:on:)``, only where it answers a row.
  public func innerJoinLateral(_ source: some QuerySource, on condition: SQL) -> SelectQuery {
    joined(.inner, source.source, condition, isLateral: true)
  }

  /// As ``innerJoinLateral(_:on:)``, without a condition.
  public func crossJoinLateral(_ source: some QuerySource) -> SelectQuery {
    joined(.cross, source.source, nil, isLateral: true)
  }

  private func joined(
    _ kind: SelectPlan.JoinKind, _ source: SQLSource, _ condition: SQL?, isLateral: Bool = false
  ) -> SelectQuery {
    changed {
      $0.joins.append(
        .init(kind: kind, isLateral: isLateral, source: source, on: condition))
    }
  }

  // MARK: - Set operators

  /// The rows of both queries, each once.
  ///
  /// ```swift
  /// first.union(second).orderBy(users["id"])
  /// // postgres: (select ...) union (select ...) order by "id"
  /// ```
  ///
  /// Both sides select the same keys in the same order; orders and pages that follow belong to the
  /// combined rows.
  public func union(_ other: SelectQuery) -> SelectQuery { combined("union", other) }

  /// The rows of both queries.
  public func unionAll(_ other: SelectQuery) -> SelectQuery { combined("union all", other) }

  /// The rows that both queries answer.
  public func intersect(_ other: SelectQuery) -> SelectQuery { combined("intersect", other) }

  /// As ``intersect(_:)``, keeping repeated rows (PostgreSQL).
  public func intersectAll(_ other: SelectQuery) -> SelectQuery {
    combined("intersect all", other)
  }

  /// The rows that the other query does not answer.
  public func except(_ other: SelectQuery) -> SelectQuery { combined("except", other) }

  /// As ``except(_:)``, keeping repeated rows (PostgreSQL).
  public func exceptAll(_ other: SelectQuery) -> SelectQuery { combined("except all", other) }

  private func combined(_ kind: String, _ other: SelectQuery) -> SelectQuery {
    changed { $0.operations.append(.init(kind: kind, right: other.plan)) }
  }
}

/// The rows of all queries, each once.
public func union(_ first: SelectQuery, _ rest: SelectQuery...) -> SelectQuery {
  rest.reduce(first) { $0.union($1) }
}

/// The rows of all queries.
public func unionAll(_ first: SelectQuery, _ rest: SelectQuery...) -> SelectQuery {
  rest.reduce(first) { $0.unionAll($1) }
}

/// The rows that all queries answer.
public func intersect(_ first: SelectQuery, _ rest: SelectQuery...) -> SelectQuery {
  rest.reduce(first) { $0.intersect($1) }
}

/// The rows of the first query that no other answers.
public func except(_ first: SelectQuery, _ rest: SelectQuery...) -> SelectQuery {
  rest.reduce(first) { $0.except($1) }
}

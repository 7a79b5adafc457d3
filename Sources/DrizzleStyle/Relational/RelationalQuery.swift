internal import PrivataCore

/// A relational query before its verb.
public struct RelationalStart: Sendable {
  let key: String
  let database: DatabaseHandle

  /// The rows with what is related to them, in one statement whatever the depth.
  ///
  /// ```swift
  /// let rows = try await db.query("users").findMany(
  ///   .init(with: ["sessions": .init(orderBy: ["startedAt": .descending], limit: 3)])).all()
  /// ```
  public func findMany(_ config: RelationalConfig = .all) -> RelationalQuery {
    RelationalQuery(key: key, config: config, isFirst: false, database: database)
  }

  /// The first row with what is related to it.
  public func findFirst(_ config: RelationalConfig = .all) -> RelationalQuery {
    RelationalQuery(key: key, config: config, isFirst: true, database: database)
  }
}

/// A query of rows and what is related to them.
public struct RelationalQuery: RunnableQuery {
  let key: String
  let config: RelationalConfig
  let isFirst: Bool
  /// What the query runs on.
  public let database: DatabaseHandle?
  var note: String?

  /// The query.
  public var body: QueryBody {
    QueryBody(statement: plan, selection: Selection([]))
  }

  private var plan: Statement {
    guard let relations = database?.session?.relations, let source = relations.sources[key] else {
      return .raw(
        .failure(
          PrivataError(
            .badArgument, "no table '\(key)' among the relations of the connection", model: key)))
    }
    return .relational(
      RelationalPlan(
        relations: relations, key: key, source: source.source, config: config, isFirst: isFirst,
        comment: note))
  }

  /// Adds a comment to the statement.
  public func comment(_ text: String) -> RelationalQuery {
    var copy = self
    copy.note = QueryComment.text(text)
    return copy
  }

  /// Adds keys and values as a comment.
  public func comment(_ tags: [String: String?]) -> RelationalQuery {
    var copy = self
    copy.note = QueryComment.text(tags)
    return copy
  }
}

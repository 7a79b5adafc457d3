public import PrivataCore

/// What one query of a batch answered.
public enum BatchAnswer: Sendable {
  case rows([Document])
  case result(RunResult)
}

extension Database {
  /// Runs queries as one unit: all of them, or none.
  ///
  /// ```swift
  /// let answers = try await db.batch([
  ///   db.insert(tags).values(["name": "new"]), db.select().from(tags),
  /// ])
  /// ```
  ///
  /// - Throws: the first error; nothing has changed then.
  public func batch(_ queries: [any RunnableQuery]) async throws(PrivataError) -> [BatchAnswer] {
    do {
      return try await transaction { tx in
        var answers: [BatchAnswer] = []
        for query in queries { answers.append(try await query.answer(in: tx)) }
        return answers
      }
    } catch {
      throw error as? PrivataError
        ?? PrivataError(.rejectedByStore, "the batch failed", underlying: error)
    }
  }
}

extension RunnableQuery {
  /// Runs the query in a transaction rather than where it was built.
  fileprivate func answer(in transaction: Transaction) async throws(PrivataError) -> BatchAnswer {
    let session = transaction.session
    let rendered = try toSQL(session.dialect)
    if answersRows { return .rows(try await session.cached(rendered, .off)) }
    return .result(try await session.result(rendered))
  }
}

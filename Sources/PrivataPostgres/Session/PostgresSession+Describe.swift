internal import PrivataCore
internal import PrivataSQL

extension PostgresSession {
  /// Asks the server once for the types of statements that do not state them.
  func describe(
    _ statements: OneOrMore<SQLStatement>, until deadline: MonotonicTime
  ) async throws(PrivataError) {
    for statement in statements.all {
      let shape = context.shape(of: statement.template)
      if shape.types == nil { try await describe(shape, until: deadline) }
    }
  }

  private func describe(
    _ shape: PostgresShape, until deadline: MonotonicTime
  ) async throws(PrivataError) {
    let commands = OneOrMore(PostgresCommand(describing: shape))
    var outcome = try await send(commands, until: deadline, Terms(isRead: true))
    if case .skipped = outcome, lease == nil {
      outcome = try await send(commands, until: deadline, Terms(isRead: true, isAlone: true))
    }
    guard case .results(let results) = outcome, let result = results.first else {
      throw await error(outcome)
    }
    shape.types = PostgresShape.Types(
      parameters: (0..<result.parameterCount).map { result.parameterType($0) },
      isBinary: (0..<result.columnCount).allSatisfy { result.type($0).form != .other })
  }
}

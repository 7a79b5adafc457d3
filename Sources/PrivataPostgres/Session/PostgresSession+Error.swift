internal import PrivataCore
internal import PrivataSQL

extension PostgresSession {
  /// The error that callers see; names the columns of a broken constraint.
  func error(_ outcome: PostgresOutcome) async -> PrivataError {
    switch outcome {
    case .failure(let failure, _):
      let fields = await columns(of: failure).flatMap { KeyedIndex.fields(ofColumn: $0) ?? [$0] }
      var error = failure.error(at: context.place, fields: fields, model: nil)
      error.underlying = SQLFailure(
        code: failure.state.description, constraint: failure.constraint, table: failure.table)
      return error
    case .unavailable(let reason): return reason.error(at: context.place)
    case .stopped(let stop): return stop.error(at: context.place)
    case .lost where context.pool.isClosed, .skipped where context.pool.isClosed:
      return PostgresUnavailable.closed.error(at: context.place)
    case .lost, .skipped, .results:
      return PrivataError(
        .connection, "lost the connection to \(context.place)", isRetriable: true)
    }
  }

  private func columns(of failure: PostgresFailure) async -> [String] {
    if let column = failure.column { return [column] }
    guard let constraint = failure.constraint else { return [] }
    let name = PostgresConstraints.Name(schema: failure.schema ?? "", name: constraint)
    if let known = context.constraints.columns(of: name) { return known }
    // The lookup needs a connection; the owner of the last one must not wait for it.
    guard lease == nil || context.options.connections > 1 else { return [] }
    let terms = Terms(isRead: true, isCancellable: false, milliseconds: 1000)
    let learned = try? await PostgresSession(context)
      .constraintColumns(in: failure.schema, terms)
    guard let learned else { return [] }
    context.constraints.learn(learned)
    return context.constraints.columns(of: name) ?? []
  }
}

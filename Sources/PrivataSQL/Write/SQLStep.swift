package import PrivataCore

/// What a write asks of its driver next. Writes are state machines without input or output: the
/// driver runs what they ask for, inline in SQLite, over a socket in Postgres.
package enum SQLStep: Sendable {
  /// All that follows is one transaction; the driver begins one where none is open, and commits it
  /// after ``done(_:)``. Answered by no results.
  case transaction
  /// Run the statements in order and answer their results. `collecting`: go on after a failure and
  /// answer it in its place; otherwise the first failure ends the write.
  case run([SQLStatement], collecting: Bool)
  /// The write is over.
  case done(WriteOutcome)
}

/// A write on its way.
package protocol SQLWriteMachine: Sendable {
  /// The next step; `results` answer the last one, empty at first.
  ///
  /// - Throws: what is wrong with the write; the driver then rolls back.
  mutating func next(
    _ results: [Result<SQLResult, PrivataError>]
  ) throws(PrivataError) -> SQLStep

  /// True after a ``SQLStep/run(_:collecting:)`` that only ``SQLStep/done(_:)`` follows, so that the
  /// commit can go with it.
  var isLastRun: Bool { get }
}

extension SQLWriteMachine {
  package var isLastRun: Bool { false }
}

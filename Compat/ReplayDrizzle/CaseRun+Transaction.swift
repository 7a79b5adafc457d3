import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit
import Synchronization

/// What a transaction's steps answered, in order.
final class StepAnswers: Sendable {
  private let list = Mutex<[Value]>([])

  func add(_ value: Value) { list.withLock { $0.append(value) } }

  var all: [Value] { list.withLock { $0 } }
}

/// Records the statements that were sent.
final class StatementLogger: QueryLogger {
  private let texts = Mutex<[String]>([])

  func willRun(_ query: LoggedQuery) { texts.withLock { $0.append(query.sql) } }

  var all: [String] { texts.withLock { $0 } }
}

/// What a case's program throws by itself.
struct ProgramError: Error {
  var message: String
}

extension CaseRun {
  mutating func transaction() async throws {
    guard let plan = json["transaction"] else { throw ReplayFailure("no transaction") }
    let answers = StepAnswers()
    let logger = StatementLogger()
    let scope = try scope()
    let expected = json["outcome"]?.recorded(dialect)
    do {
      try await db.logging(to: logger).transaction(config(plan["config"])) { tx in
        try await steps(plan, tx, scope, answers)
      }
      if expected?.has("error") == true { throw ReplayFailure("expected the transaction to fail") }
    } catch let error as PrivataError {
      guard let recorded = expected?["error"] else { throw error }
      try Self.check(error, recorded)
    } catch let error as ProgramError {
      guard expected?["error"]?["message"]?.string == error.message else { throw error }
    }
    if let recorded = json["rows"]?.recorded(dialect) {
      try compare(recorded.elements ?? [], answers.all)
    }
    let texts = json["log"]?.recorded(dialect)?.elements?.compactMap { $0["sql"]?.string } ?? []
    let same =
      texts.count == logger.all.count
      && zip(texts, logger.all).allSatisfy { Match.sameText($0, $1) }
    if !same { otherTexts += logger.all }
  }

  func compare(_ recorded: [JSON], _ answers: [Value]) throws {
    guard recorded.count == answers.count else {
      throw ReplayFailure("expected \(recorded.count) answers, got \(answers.count)")
    }
    for (index, expected) in recorded.enumerated() {
      if expected.has("caught") {
        guard case .document(let document) = answers[index], document["caught"] != nil else {
          throw ReplayFailure("rows/\(index): expected a caught error")
        }
      } else if let found = match.difference(expected, answers[index], at: "rows/\(index)") {
        throw ReplayFailure(found)
      }
    }
  }

  func config(_ json: JSON?) -> TransactionConfig {
    let isolation: TransactionOptions.Isolation? =
      switch json?["isolationLevel"]?.string {
      case "read uncommitted": .readUncommitted
      case "read committed": .readCommitted
      case "repeatable read": .repeatableRead
      case "serializable": .serializable
      default: nil
      }
    return TransactionConfig(
      isolation: isolation,
      access: json?["accessMode"]?.string.flatMap { TransactionConfig.Access(rawValue: $0) },
      isDeferrable: json?["deferrable"]?.bool,
      behavior: json?["behavior"]?.string.flatMap { TransactionConfig.Behavior(rawValue: $0) })
  }

  func steps(
    _ plan: JSON, _ tx: Transaction, _ scope: Scope, _ answers: StepAnswers
  ) async throws {
    for step in plan["steps"]?.elements ?? [] {
      if let call = step["call"]?.elements {
        let inner = try self.scope(step["let"] ?? JSON(parsing: "[]"), scope)
        answers.add(try await inner.build(call, tx).run(tx).value(dialect))
      } else if let nested = step["transaction"] {
        try await self.nested(nested, step["catch"]?.bool == true, tx, scope, answers)
      } else if step.has("rollback") {
        try tx.rollback()
      } else if let message = step["throw"]?.string {
        throw ProgramError(message: message)
      } else if let config = step["setTransaction"] {
        try await tx.setTransaction(self.config(config))
      }
    }
  }

  private func nested(
    _ plan: JSON, _ isCaught: Bool, _ tx: Transaction, _ scope: Scope, _ answers: StepAnswers
  ) async throws {
    do {
      try await tx.transaction { inner in try await steps(plan, inner, scope, answers) }
    } catch {
      guard isCaught else { throw error }
      answers.add(["caught": .string("\(error)")])
    }
  }
}

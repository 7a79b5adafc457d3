import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit
import Synchronization

/// Records which node each statement went to.
final class RoutingLog: Sendable {
  private let list = Mutex<[(node: String, sql: String)]>([])

  func add(_ node: String, _ sql: String) { list.withLock { $0.append((node, sql)) } }

  var all: [(node: String, sql: String)] { list.withLock { $0 } }
}

private struct NodeLogger: QueryLogger {
  let node: String
  let log: RoutingLog

  func willRun(_ query: LoggedQuery) { log.add(node, query.sql) }
}

extension CaseRun {
  func replicas() async throws {
    let log = RoutingLog()
    let node = { (name: String) in db.logging(to: NodeLogger(node: name, log: log)) }
    let replicated = ReplicatedDatabase(
      primary: node("primary"), replicas: [node("replica1"), node("replica2")])
    let answers = StepAnswers()
    for step in json["steps"]?.elements ?? [] {
      let scope = try scope(step["let"] ?? JSON(parsing: "[]"))
      if let plan = step["transaction"] {
        try await replicated.transaction { tx in try await steps(plan, tx, scope, answers) }
        continue
      }
      let target: any QueryInterface =
        step["on"]?.string == "$primary" ? replicated.primary : replicated
      let built = try scope.build(step["call"]?.elements ?? [], target)
      answers.add(try await built.run(target).value(dialect))
    }
    try compare(json["rows"]?.recorded(dialect)?.elements ?? [], answers.all)
    let routing = json["routing"]?.recorded(dialect)?.elements ?? []
    let nodes = routing.compactMap { $0["node"]?.string }
    if nodes != log.all.map(\.node) {
      throw ReplayFailure("routing: went to \(log.all.map(\.node).joined(separator: ", "))")
    }
  }

  /// All calls at once, all or none.
  func batch() async throws {
    let expected = json["error"]?.recorded(dialect)
    let scope = try scope()
    do {
      var queries: [any RunnableQuery] = []
      var verbs: [String] = []
      for call in (json["batch"] ?? json["calls"] ?? json["steps"])?.elements ?? [] {
        let chain = call["call"]?.elements ?? call.elements ?? []
        queries.append(try runnable(try scope.build(chain, db)))
        verbs.append((chain.first?.elements?.first?.string ?? "").uppercased())
      }
      let answers = zip(try await db.batch(queries), verbs).map { answer, verb in
        switch answer {
        case .rows(let rows): CallAnswer.rows(rows).value(dialect)
        case .result(let result): CallAnswer.result(result, verb: verb).value(dialect)
        }
      }
      if let expected { throw ReplayFailure("expected the error \(Self.name(expected))") }
      try compare(json["rows"]?.recorded(dialect)?.elements ?? [], answers)
    } catch let error as PrivataError {
      guard expected != nil else { throw error }
    }
  }

  private func runnable(_ built: Built) throws -> any RunnableQuery {
    switch built {
    case .select(let query): query
    case .insert(let query): query
    case .update(let query): query
    case .delete(let query): query
    case .relational(let query, _): query
    case .method(let inner, _): try runnable(inner)
    default: throw ReplayFailure("a call that is not batched")
    }
  }
}

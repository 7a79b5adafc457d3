import MongoStyle
import PrivataCore
import ReplayKit
import Synchronization

/// Runs the call or the steps of one case and keeps what they bound and recorded.
final class Flow: Sendable {
  let connection: MongoConnection
  let trace: HookTrace
  private let state = Mutex(State())

  private struct State {
    var bound: [String: Thing] = [:]
    var recorded: [Thing.Member] = []
  }

  init(_ connection: MongoConnection, _ trace: HookTrace) {
    self.connection = connection
    self.trace = trace
  }

  /// What steps recorded so far, by label.
  var recorded: [Thing.Member] { state.withLock { $0.recorded } }

  var reader: ArgumentReader { ArgumentReader(bound: state.withLock { $0.bound }) }

  func bind(_ name: String, _ thing: Thing) { state.withLock { $0.bound[name] = thing } }

  func thing(_ name: String) throws -> Thing { try reader.variable(name) }

  // MARK: - Steps

  func run(_ steps: [JSON]) async throws { for step in steps { try await run(step) } }

  private func run(_ step: JSON) async throws {
    do {
      let thing = try await perform(step)
      if let name = step["as"]?.string { bind(name, thing) }
      if let label = step["out"]?.string { record(label, try Rendering.rendered(thing)) }
    } catch {
      guard let label = step["catch"]?.string, !(error is ReplayFailure) else { throw error }
      record(label, .failure(error))
    }
  }

  private func record(_ label: String, _ thing: Thing) {
    state.withLock { $0.recorded.append(.init(key: label, thing: thing)) }
  }

  private func perform(_ step: JSON) async throws -> Thing {
    if let model = step["new"]?.string {
      return .document(
        try ModelCalls.make(try connection.model(model), try reader.things(step["args"])))
    }
    if let call = step["call"] { return try await perform(call: call) }
    if let query = step["query"] { return try await started(query) }
    if step["session"] != nil { return try await session(step) }
    if let name = step["on"]?.string { return try await method(name, step) }
    if let name = step["exec"]?.string {
      return try await settled(try chained(try thing(name), step["chain"]))
    }
    if step["doc"] != nil { return try await DocumentStep(flow: self, json: step).perform() }
    return try await control(step)
  }

  /// A method of a bound query, which changes it.
  private func method(_ name: String, _ step: JSON) async throws -> Thing {
    let op = step["op"]?.string ?? ""
    let answer = try chained(op, try reader.things(step["args"]), try thing(name))
    guard case .query(let query) = answer else { return answer }
    bind(name, answer)
    return op == "projection" ? .value(.document(query.plan.projection)) : answer
  }

  private func control(_ step: JSON) async throws -> Thing {
    if let steps = step["transaction"]?.elements {
      try await connection.transaction { session in
        self.bind("session", .session(session))
        try await self.run(steps)
      }
    } else if let steps = step["parallel"]?.elements {
      try await together(steps)
    } else if let message = step["throw"]?.string {
      throw NamedError(name: "StepError", message: message)
    } else if let milliseconds = step["wait"]?.int {
      try await Task.sleep(for: .milliseconds(milliseconds))
    } else if let text = step["mark"]?.string {
      trace.append("-- " + text)
    } else {
      throw ReplayFailure("a step that is none of the notation's")
    }
    return .undefined
  }

  /// Starts the steps in order, each as far as it runs without waiting, and waits for all.
  private func together(_ steps: [JSON]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for step in steps {
        group.addImmediateTask { try await self.run(step) }
      }
      try await group.waitForAll()
    }
  }

  private func session(_ step: JSON) async throws -> Thing {
    let action = step["session"]?.string ?? ""
    if action == "start" { return .session(connection.startSession()) }
    guard let name = step["on"]?.string, case .session(let session) = try thing(name) else {
      throw ReplayFailure("no session")
    }
    switch action {
    case "startTransaction": try await session.startTransaction()
    case "commit": try await session.commitTransaction()
    case "abort": try await session.abortTransaction()
    case "end": await session.end()
    default: throw ReplayFailure("no session step '\(action)'")
    }
    return .undefined
  }

  // MARK: - Calls

  /// Carries out a call with its chain and awaits the whole.
  func perform(call: JSON) async throws -> Thing { try await settled(try await started(call)) }

  private func started(_ call: JSON) async throws -> Thing {
    let model = try connection.model(call["model"]?.string ?? "")
    let start = try await ModelCalls.start(
      model, call["op"]?.string ?? "", try reader.things(call["args"]))
    return try chained(start, call["chain"])
  }

  func chained(_ thing: Thing, _ chain: JSON?) throws -> Thing {
    var thing = thing
    for link in chain?.elements ?? [] {
      guard let parts = link.elements, let method = parts.first?.string else { continue }
      let arguments = parts.count > 1 ? try reader.things(parts[1]) : []
      thing = try chained(method, arguments, thing)
    }
    return thing
  }

  private func chained(_ method: String, _ arguments: [Thing], _ thing: Thing) throws -> Thing {
    switch thing {
    case .query(let query): return try QueryChain.apply(method, arguments, to: query)
    case .aggregate(let plan): return try AggregateChain.apply(method, arguments, to: plan)
    default: throw ReplayFailure("no chain method '\(method)' of what came back")
    }
  }

  /// Runs what was only built.
  func settled(_ thing: Thing) async throws -> Thing {
    switch thing {
    case .query(let query): return Rendering.thing(try await query.exec())
    case .aggregate(let aggregate): return try await AggregateChain.run(aggregate)
    case .cursor(let query, let batchSize):
      var things: [Thing] = []
      for try await answer in query.cursor(batchSize: batchSize) {
        things.append(Rendering.thing(answer))
      }
      return Thing(list: things)
    default: return thing
    }
  }
}

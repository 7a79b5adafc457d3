internal import PrivataCore
internal import Synchronization

/// What a table says, as this process has it in memory: its own changes at once, those of other
/// processes when the table is read again.
///
/// A read takes time. An answer that was asked for before a change here, or before a newer answer,
/// would undo it: it is thrown away, and the table is asked again.
final class TableMirror<State: Sendable>: Sendable {
  private struct Memory: Sendable {
    var state: State
    /// How often the state changed.
    var changes = 0
    var isBehind = false
  }

  private let memory: Mutex<Memory>

  init(_ state: State) { memory = Mutex(Memory(state: state)) }

  var state: State { memory.withLock { $0.state } }

  /// What the state says to one question, without a copy of it.
  func ask<Answer>(_ question: (State) -> Answer) -> Answer {
    memory.withLock { question($0.state) }
  }

  /// True where the last read was given up, because changes here kept overtaking it.
  var isBehind: Bool { memory.withLock { $0.isBehind } }

  /// Makes a change of this process, which the table has already; answers the state after it.
  @discardableResult
  func change(_ body: (inout State) -> Void) -> State {
    memory.withLock { memory in
      body(&memory.state)
      memory.changes += 1
      return memory.state
    }
  }

  /// Reads the table, again where something changed meanwhile, at most twenty times.
  func reload(_ read: () async throws(PrivataError) -> State) async throws(PrivataError) {
    for _ in 0..<20 {
      let before = memory.withLock { $0.changes }
      let answer = try await read()
      let isTaken = memory.withLock { memory in
        memory.isBehind = memory.changes != before
        guard !memory.isBehind else { return false }
        memory.state = answer
        memory.changes += 1
        return true
      }
      if isTaken { return }
    }
  }
}

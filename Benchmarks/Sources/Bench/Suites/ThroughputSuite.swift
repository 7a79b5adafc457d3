import BenchKit
import Foundation
import PrivataCore

/// As many tasks as raw threads, with the same number of connections: nanoseconds per call, all
/// tasks together.
struct ThroughputSuite<Raw: RawStore, Style: StyleOperations>: Sendable {
  let operations: OperationSuite<Raw, Style>
  private let pool: RawPool<Raw>

  static var levels: [Int] { [1, 8, 64, 512] }

  init(_ operations: OperationSuite<Raw, Style>) throws {
    self.operations = operations
    pool = RawPool(try (0..<Place.connections).map { _ in try operations.raw.another() })
  }

  var reads: [Comparison] { Self.levels.map(findById) }
  var writes: [Comparison] { Self.levels.map(insert) }

  private func findById(_ level: Int) -> Comparison {
    let (pool, privata, users) = (pool, operations.privata, operations.users)
    var comparison = operations.comparison(
      "findById ×\(level)",
      answers: (
        { try operations.raw.findById(BenchUser.id(7)) },
        { try await privata.findById(BenchUser.id(7)) }
      )
    ) { n in
      try await threads(level) { thread in
        for i in 0..<(n / level) {
          let id = BenchUser.id((i + thread * 131) * 7919 % users)
          guard try pool.use({ try $0.findById(id) }) != nil else { throw missing }
        }
      }
    } privata: { n in
      try await tasks(level) { task in
        for i in 0..<(n / level) {
          let id = BenchUser.id((i + task * 131) * 7919 % users)
          guard try await privata.findById(id) != nil else { throw missing }
        }
      }
    }
    comparison.step = level
    comparison.slice = .milliseconds(200)
    return comparison
  }

  private func insert(_ level: Int) -> Comparison {
    let rows = Rows()
    let (pool, privata) = (pool, operations.privata)
    var comparison = operations.comparison(
      "insert ×\(level)",
      answers: ({ try operations.raw.total() }, { try await privata.total() })
    ) { n in
      let users = rows.users
      try await threads(level) { thread in
        for i in 0..<(n / level) { try pool.use { try $0.insert(users[thread * (n / level) + i]) } }
      }
    } privata: { n in
      let users = rows.users
      try await tasks(level) { task in
        for i in 0..<(n / level) { try await privata.insert(users[task * (n / level) + i]) }
      }
    }
    comparison.step = level
    comparison.slice = .milliseconds(200)
    comparison.prepare = { _, n in rows.users = Numbers.take(n).map(BenchUser.sample) }
    return comparison
  }

  private var missing: RawFailure { RawFailure(message: "throughput: a user is missing") }
}

/// Runs a body on that many tasks and waits for all.
private func tasks(
  _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void
) async throws {
  try await withThrowingTaskGroup { group in
    for index in 0..<count { group.addTask { try await body(index) } }
    try await group.waitForAll()
  }
}

/// Runs a body on that many threads and waits for all.
func threads(
  _ count: Int, _ body: @escaping @Sendable (Int) throws -> Void
) async throws {
  try await withThrowingTaskGroup { group in
    for index in 0..<count {
      group.addTask {
        try await withCheckedThrowingContinuation { done in
          let thread = Thread { done.resume(with: Result { try body(index) }) }
          thread.stackSize = 512 << 10
          thread.start()
        }
      }
    }
    try await group.waitForAll()
  }
}

/// Connections that threads lease.
// Safe: the list is only touched under the condition's lock.
final class RawPool<Raw: RawStore>: @unchecked Sendable {
  private let condition = NSCondition()
  private var free: [Raw]

  init(_ connections: [Raw]) { free = connections }

  func use<R>(_ body: (Raw) throws -> R) rethrows -> R {
    condition.lock()
    while free.isEmpty { condition.wait() }
    let connection = free.removeLast()
    condition.unlock()
    defer {
      condition.lock()
      free.append(connection)
      condition.signal()
      condition.unlock()
    }
    return try body(connection)
  }
}

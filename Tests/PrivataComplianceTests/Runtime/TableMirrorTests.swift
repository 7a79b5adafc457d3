import PrivataCore
import Synchronization
import Testing

@testable import PrivataCompliance

@Suite struct TableMirrorTests {
  /// A table of which each read can be overtaken.
  private final class Table: Sendable {
    let rows = Mutex<[Int]>([])
    let mirror = TableMirror<[Int]>([])

    func add(_ row: Int) {
      rows.withLock { $0.append(row) }
      mirror.change { $0.append(row) }
    }
  }

  @Test func aChangeMadeWhileTheTableIsReadIsNotUndone() async throws {
    let table = Table()
    let isFirst = Mutex(true)
    try await table.mirror.reload { () async throws(PrivataError) in
      let answer = table.rows.withLock { $0 }
      if isFirst.withLock({ first in
        defer { first = false }
        return first
      }) {
        table.add(7)
      }
      return answer
    }
    #expect(table.mirror.state == [7])
    #expect(!table.mirror.isBehind)
  }

  @Test func anOlderAnswerDoesNotReplaceANewerOne() async throws {
    let table = Table()
    let isFirst = Mutex(true)
    try await table.mirror.reload { () async throws(PrivataError) in
      let answer = table.rows.withLock { $0 }
      if isFirst.withLock({ first in
        defer { first = false }
        return first
      }) {
        // Another process's row, which a newer read of this one sees.
        table.rows.withLock { $0.append(1) }
        try await table.mirror.reload { () async throws(PrivataError) in
          table.rows.withLock { $0 }
        }
      }
      return answer
    }
    #expect(table.mirror.state == [1])
  }

  @Test func aReadThatIsAlwaysOvertakenIsGivenUpAndSaysSo() async throws {
    let table = Table()
    let reads = Mutex(0)
    try await table.mirror.reload { () async throws(PrivataError) in
      let answer = table.rows.withLock { $0 }
      table.add(
        reads.withLock { reads in
          reads += 1
          return reads
        })
      return answer
    }
    #expect(table.mirror.state == Array(1...20))
    #expect(table.mirror.isBehind)
    try await table.mirror.reload { () async throws(PrivataError) in table.rows.withLock { $0 } }
    #expect(!table.mirror.isBehind)
  }

  @Test func aReadThatFailsChangesNothing() async throws {
    let table = Table()
    table.add(1)
    await #expect(throws: PrivataError.self) {
      try await table.mirror.reload { () async throws(PrivataError) in
        throw PrivataError(.connection, "no answer")
      }
    }
    #expect(table.mirror.state == [1])
  }
}

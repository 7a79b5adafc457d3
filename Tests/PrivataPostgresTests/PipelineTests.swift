import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataPostgres

private let clock = ContinuousClock()

/// Reads that travel in one group over one connection, of which one goes wrong.
@Suite(.serialized, .timeLimit(.minutes(1))) struct PipelineTests {
  /// Runs `count` reads that go as one group, of which one has a text of its own. Answers what came
  /// back, in their order, and cancels that one after the time.
  private func group(
    _ store: PostgresStore, odd text: String, at index: Int, count: Int = 10,
    cancelsAfter pause: Duration? = nil
  ) async throws -> [Result<Value?, PrivataError>] {
    // Holds the connection, so that the reads gather.
    let holder = Task { try await store.query("SELECT pg_sleep(0.15)") }
    try await Task.sleep(for: .milliseconds(50))
    let tasks = (0..<count).map { number in
      Task { () async -> Result<Value?, PrivataError> in
        let even = SQLTemplate(
          "SELECT $1::int4", kind: "find", parameters: [.int32], columns: [.int32])
        let odd = SQLTemplate(
          "\(text) WHERE $1::int4 > 0", kind: "find", parameters: [.int32], columns: [.string])
        let statement = SQLStatement(number == index ? odd : even, [.int32(Int32(number))])
        do throws(PrivataError) {
          let read = PostgresSession.Terms(isRead: true)
          let rows = try await store.session.rows(of: statement, read)
          return .success(rows.value(row: 0, column: 0))
        } catch { return .failure(error) }
      }
    }
    if let pause {
      try await Task.sleep(for: pause)
      tasks[index].cancel()
    }
    var answers: [Result<Value?, PrivataError>] = []
    for task in tasks { answers.append(await task.value) }
    _ = try await holder.value
    return answers
  }

  private func expect(
    _ answers: [Result<Value?, PrivataError>], _ code: PrivataError.Code, at index: Int
  ) {
    for (number, answer) in answers.enumerated() {
      switch answer {
      case .success(let value):
        #expect(value == .int32(Int32(number)))
        #expect(number != index)
      case .failure(let error):
        #expect(number == index, "\(number): \(error)")
        #expect(error.code == code)
      }
    }
  }

  @Test func aCancelledOneInTheMiddleEndsAlone() async throws {
    try await TestServer.withStore("middle", { $0.connections = 1 }) { store in
      let start = clock.now
      let answers = try await group(
        store, odd: "SELECT pg_sleep(20)::text", at: 4, cancelsAfter: .milliseconds(300))
      expect(answers, .cancelled, at: 4)
      #expect(clock.now - start < .seconds(5))
      #expect(try await store.query("SELECT 1") == [[.int32(1)]])
    }
  }

  @Test(arguments: [1, 5, 9]) func aFailureReachesItsCallerAlone(_ index: Int) async throws {
    try await TestServer.withStore("failing", { $0.connections = 1 }) { store in
      let answers = try await group(store, odd: "SELECT (1 / ($1::int4 * 0))::text", at: index)
      expect(answers, .wrongType, at: index)
    }
  }

  @Test func oneThatBreaksTheConnectionBreaksItForItselfAlone() async throws {
    try await TestServer.withStore("breaking", { $0.connections = 1 }) { store in
      let answers = try await group(
        store, odd: "SELECT pg_terminate_backend(pg_backend_pid())::text", at: 3)
      expect(answers, .connection, at: 3)
      #expect(try await store.query("SELECT 1") == [[.int32(1)]])
    }
  }

  @Test func aStatementThatFailsToPrepareHarmsNobody() async throws {
    try await TestServer.withStore("preparing", { $0.connections = 1 }) { store in
      let answers = try await group(store, odd: "SELECT nothing FROM nowhere", at: 5)
      expect(answers, .rejectedByStore, at: 5)
    }
  }

  @Test func statementsThatTheServerForgotArePreparedAgain() async throws {
    try await TestServer.withStore("forgotten", { $0.connections = 1 }) { store in
      #expect(try await store.query("SELECT $1::int4", .int32(1)) == [[.int32(1)]])
      try await store.query("DEALLOCATE ALL")
      #expect(try await store.query("SELECT $1::int4", .int32(2)) == [[.int32(2)]])
    }
  }
}

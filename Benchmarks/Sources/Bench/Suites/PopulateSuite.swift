import BenchKit
import PrivataCore

/// What only MongoStyle is asked: populate of a list, hydrated documents beside plain ones.
extension OperationSuite where Style: PopulatingOperations {
  /// Ten sessions for each of the first 100 users on both sides, in place of two.
  func addSessions() async throws {
    let further = (0..<800).map(BenchSession.further)
    try raw.insertMany(further)
    try await privata.insertMany(further)
  }

  /// 100 users with ten sessions each: two statements on both sides, grouped in the program.
  var populateLists: Comparison {
    let sorted: @Sendable ([UserWithSessions]) -> [UserWithSessions] = { all in
      all.map { one in
        UserWithSessions(user: one.user, sessions: one.sessions.sorted { $0._id < $1._id })
      }
    }
    return comparison(
      "populate 100x10",
      answers: (
        { sorted(try raw.usersWithSessions(limit: 100)) },
        { sorted(try await privata.usersWithSessions(limit: 100)) }
      )
    ) { n in
      for _ in 0..<n { try expect(try raw.usersWithSessions(limit: 100)[99].sessions.count == 10) }
    } privata: { n in
      for _ in 0..<n {
        let found = try await privata.usersWithSessions(limit: 100)
        try expect(found.count == 100 && found[99].sessions.count == 10)
      }
    }
  }
}

extension OperationSuite where Style == MongoLeanOperations {
  /// Hydrated documents; the side that they are measured against is `lean()`, not the driver.
  var hydrated: Comparison {
    let sorted: @Sendable ([BenchUser]) -> [BenchUser] = { all in
      all.sorted { $0._id < $1._id }
    }
    return Comparison(
      suite, "mongo-hydrated", store, "hydrate 1000", conditions: conditions,
      answers: (
        { sorted(try await privata.find(role: "patient", limit: 1000)) },
        { sorted(try await privata.hydrated(role: "patient", limit: 1000)) }
      )
    ) { n in
      for _ in 0..<n {
        try expect(try await privata.find(role: "patient", limit: 1000).count == 1000)
      }
    } privata: { n in
      for _ in 0..<n {
        try expect(try await privata.hydrated(role: "patient", limit: 1000).count == 1000)
      }
    }
  }
}

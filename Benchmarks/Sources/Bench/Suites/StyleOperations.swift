import PrivataCore

/// The benchmark's operations in one query style, answering the same structs as the raw side.
protocol StyleOperations: Sendable {
  func findById(_ id: ObjectID) async throws -> BenchUser?
  func find(role: String, limit: Int) async throws -> [BenchUser]
  func sessionsWithUsers(limit: Int) async throws -> Int
  func insert(_ user: BenchUser) async throws
  func insertMany(_ users: [BenchUser]) async throws
  func insertMany(_ sessions: [BenchSession]) async throws
  func updateAge(_ id: ObjectID, _ age: Int) async throws
  func delete(_ id: ObjectID) async throws
  func count(role: String) async throws -> Int
}

import PrivataCore

/// The benchmark's operations in one query style, answering the same structs as the raw side.
protocol StyleOperations: Sendable {
  /// How the style loads sessions with their users; `nil` where it has no verb for it.
  static var loading: Loading? { get }

  func findById(_ id: ObjectID) async throws -> BenchUser?
  func find(role: String, limit: Int) async throws -> [BenchUser]
  func first(_ limit: Int) async throws -> [BenchUser]
  func sessionsWithUsers(limit: Int) async throws -> [SessionOfUser]
  /// Reads of the identity half alone.
  func identity(_ id: ObjectID) async throws -> BenchIdentity?
  func identities(role: String, limit: Int) async throws -> [BenchIdentity]
  func insert(_ user: BenchUser) async throws
  func insertMany(_ users: [BenchUser]) async throws
  func insertMany(_ sessions: [BenchSession]) async throws
  func updateAge(_ id: ObjectID, _ age: Int) async throws
  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws
  func delete(_ id: ObjectID) async throws
  func count(role: String) async throws -> Int
}

/// A style that loads a list of related records for each record.
protocol PopulatingOperations: StyleOperations {
  func usersWithSessions(limit: Int) async throws -> [UserWithSessions]
}

extension StyleOperations {
  func total() async throws -> Int {
    try await count(role: "patient") + count(role: "clinician")
  }
}

/// How related records are loaded.
enum Loading: String {
  /// Two statements.
  case populate, include
  /// One statement.
  case join
}

import BenchKit
import PrivataCore

/// The operations as an expert writes them against the C driver: cached statements, binary formats,
/// decoding straight into the struct, no copy that need not be.
protocol RawStore: AnyObject, Sendable {
  /// A further connection to the same tables.
  func another() throws -> Self
  /// Makes the tables anew and fills them with that many users, and twice as many sessions.
  func fill(users: Int) throws
  /// When writes are durable, what is checked, how much is cached.
  func conditions() throws -> Conditions
  func findById(_ id: ObjectID) throws -> BenchUser?
  func find(role: String, limit: Int) throws -> [BenchUser]
  func first(_ limit: Int) throws -> [BenchUser]
  func findByIds(_ ids: [ObjectID]) throws -> [BenchUser]
  func sessions(limit: Int) throws -> [BenchSession]
  /// The sessions of these users, by the index of that field.
  func sessions(of users: [ObjectID]) throws -> [BenchSession]
  func insertMany(_ sessions: [BenchSession]) throws
  /// Sessions with their users by one statement; `nil` where the database has no such statement.
  func joined(limit: Int) throws -> [SessionOfUser]?
  func identity(_ id: ObjectID) throws -> BenchIdentity?
  func identities(role: String, limit: Int) throws -> [BenchIdentity]
  func insert(_ user: BenchUser) throws
  func insertMany(_ users: [BenchUser]) throws
  func updateAge(_ id: ObjectID, _ age: Int) throws
  func updateHeight(_ id: ObjectID, _ heightCm: Double) throws
  func delete(_ id: ObjectID) throws
  func count(role: String) throws -> Int
}

extension RawStore {
  /// Sessions with their users by two statements, as `populate` and `include` load them.
  func populated(limit: Int) throws -> [SessionOfUser] {
    let sessions = try sessions(limit: limit)
    var seen: Set<ObjectID> = []
    let found = try findByIds(sessions.map(\.user).filter { seen.insert($0).inserted })
    let byId = Dictionary(found.map { ($0._id, $0) }) { first, _ in first }
    return sessions.map { SessionOfUser(session: $0, user: byId[$0.user]) }
  }

  /// The first users with their sessions by two statements.
  func usersWithSessions(limit: Int) throws -> [UserWithSessions] {
    let users = try first(limit)
    var sessions: [ObjectID: [BenchSession]] = [:]
    for session in try self.sessions(of: users.map(\._id)) {
      sessions[session.user, default: []].append(session)
    }
    return users.map { UserWithSessions(user: $0, sessions: sessions[$0._id] ?? []) }
  }

  func total() throws -> Int { try count(role: "patient") + count(role: "clinician") }
}

/// A raw driver call that failed: ends the benchmark.
struct RawFailure: Error { var message: String }

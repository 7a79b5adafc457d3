import PrismaStyle
import PrivataCore

/// The operations as a PrismaStyle program writes them: typed.
struct PrismaOperations: StyleOperations {
  static let loading: Loading? = .include

  let users: TypedClient<BenchUser>
  let sessions: TypedClient<BenchSession>

  init(_ store: any Store) throws(PrivataError) {
    let client = PrismaClient(store: store, try PrismaSchema([]))
    users = client[BenchUser.self]
    sessions = client[BenchSession.self]
  }

  func findById(_ id: ObjectID) async throws -> BenchUser? { try await users.findUnique(\._id, id) }

  func find(role: String, limit: Int) async throws -> [BenchUser] {
    try await users.findMany(where: \.role == role, take: limit)
  }

  func first(_ limit: Int) async throws -> [BenchUser] { try await users.findMany(take: limit) }

  func sessionsWithUsers(limit: Int) async throws -> [SessionOfUser] {
    try await sessions.findMany(take: limit, include: ToMany(\BenchUser.Fields._id, \.user))
      .map { SessionOfUser(session: $0, user: $1.first) }
  }

  func identity(_ id: ObjectID) async throws -> BenchIdentity? {
    try await identities(\._id == id, 1).first
  }

  func identities(role: String, limit: Int) async throws -> [BenchIdentity] {
    try await identities(\.role == role, limit)
  }

  private func identities(
    _ condition: Condition<BenchUser>, _ limit: Int
  ) async throws -> [BenchIdentity] {
    let rows = try await users.findMany(
      where: condition, take: limit, select: \._id, \.email, \.firstName, \.lastName, \.role, \.age)
    return rows.map {
      BenchIdentity(
        _id: $0.0, email: $0.1, firstName: $0.2, lastName: $0.3, role: $0.4, age: $0.5)
    }
  }

  func insert(_ user: BenchUser) async throws { try await users.create(user) }
  func insertMany(_ all: [BenchUser]) async throws { try await users.createMany(all) }
  func insertMany(_ all: [BenchSession]) async throws { try await sessions.createMany(all) }

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    try await users.update(\._id, id, [.set(\.age, age)])
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws {
    try await users.update(\._id, id, [.set(\.heightCm, heightCm)])
  }

  func delete(_ id: ObjectID) async throws { try await users.delete(\._id, id) }
  func count(role: String) async throws -> Int { try await users.count(where: \.role == role) }
}

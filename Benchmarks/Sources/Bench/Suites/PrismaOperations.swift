import PrismaStyle
import PrivataCore

/// The operations as a PrismaStyle program writes them.
struct PrismaOperations: StyleOperations {
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

  func sessionsWithUsers(limit: Int) async throws -> Int {
    try await sessions.findMany(take: limit, include: ToMany(\BenchUser.Fields._id, \.user)).count
  }

  func insert(_ user: BenchUser) async throws { try await users.create(user) }
  func insertMany(_ all: [BenchUser]) async throws { try await users.createMany(all) }
  func insertMany(_ all: [BenchSession]) async throws { try await sessions.createMany(all) }

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    try await users.update(\._id, id, [.set(\.age, age)])
  }

  func delete(_ id: ObjectID) async throws { try await users.delete(\._id, id) }
  func count(role: String) async throws -> Int { try await users.count(where: \.role == role) }
}

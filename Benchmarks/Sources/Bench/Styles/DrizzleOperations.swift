import DrizzleStyle
import PrivataCore

/// The operations as a DrizzleStyle program writes them: typed, queries built anew for each call.
struct DrizzleOperations: StyleOperations {
  static let loading: Loading? = .join

  let db: DrizzleStyle.Database

  init(_ store: any Store) async throws { db = try await DrizzleStyle.connect(.store(store)) }

  func findById(_ id: ObjectID) async throws -> BenchUser? {
    try await db.select().from(BenchUser.self).where(\._id == id).first()
  }

  func find(role: String, limit: Int) async throws -> [BenchUser] {
    try await db.select().from(BenchUser.self).where(\.role == role).limit(limit).all()
  }

  func first(_ limit: Int) async throws -> [BenchUser] {
    try await db.select().from(BenchUser.self).limit(limit).all()
  }

  func sessionsWithUsers(limit: Int) async throws -> [SessionOfUser] {
    let sessions = BenchSession.table
    let users = BenchUser.table
    return try await db.select().from(sessions).innerJoin(users, on: sessions.user == users._id)
      .limit(limit).all().map { SessionOfUser(session: $0, user: $1) }
  }

  func identity(_ id: ObjectID) async throws -> BenchIdentity? {
    let users = BenchUser.table
    return try await db.select(
      users._id, users.email, users.firstName, users.lastName, users.role, users.age
    ).from(users).where(users._id == id).limit(1).all().first.map(Self.identity)
  }

  func identities(role: String, limit: Int) async throws -> [BenchIdentity] {
    let users = BenchUser.table
    return try await db.select(
      users._id, users.email, users.firstName, users.lastName, users.role, users.age
    ).from(users).where(users.role == role).limit(limit).all().map(Self.identity)
  }

  private static func identity(
    _ row: (ObjectID, String, String, String, String, Int)
  ) -> BenchIdentity {
    BenchIdentity(
      _id: row.0, email: row.1, firstName: row.2, lastName: row.3, role: row.4, age: row.5)
  }

  func insert(_ user: BenchUser) async throws {
    try await db.insert(BenchUser.self).values(user).run()
  }

  func insertMany(_ all: [BenchUser]) async throws {
    try await db.insert(BenchUser.self).values(all).run()
  }

  func insertMany(_ all: [BenchSession]) async throws {
    try await db.insert(BenchSession.self).values(all).run()
  }

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    try await db.update(BenchUser.self).set { $0.age = .value(age) }.where(\._id == id).run()
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws {
    try await db.update(BenchUser.self).set { $0.heightCm = .value(heightCm) }.where(\._id == id)
      .run()
  }

  func delete(_ id: ObjectID) async throws {
    try await db.delete(BenchUser.self).where(\._id == id).run()
  }

  func count(role: String) async throws -> Int {
    try await db.count(BenchUser.self, where: \.role == role)
  }
}

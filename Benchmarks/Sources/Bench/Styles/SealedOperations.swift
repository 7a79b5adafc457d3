import PrismaStyle
import PrivataCore

/// A user whose personal fields and height are encrypted under keys of their own.
struct SealedUser: Model, Equatable {
  var user: BenchUser

  struct Fields: Sendable {
    let _id = Field<SealedUser, ObjectID>("_id", at: 0)
    let role = Field<SealedUser, String>("role", at: 4)
    let age = Field<SealedUser, Int>("age", at: 5)
    let heightCm = Field<SealedUser, Double>("heightCm", at: 6)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "SealedUser", collection: "sealed_users",
    fields: BenchUser.schema.fields.map { field in
      var field = field
      if field.name == "email" { field.encryption = .encrypted(index: .equality) }
      if ["firstName", "lastName", "heightCm"].contains(field.name) {
        field.encryption = .encrypted
      }
      return field
    })

  init(_ user: BenchUser) { self.user = user }

  init(from row: RowView) throws(PrivataError) { user = try BenchUser(from: row) }

  func write(to row: inout RowWriter) throws(PrivataError) { try user.write(to: &row) }
}

/// The operations of PrismaStyle on encrypted users.
struct SealedOperations: StyleOperations {
  static let loading: Loading? = nil

  let users: TypedClient<SealedUser>

  init(_ store: any Store) throws(PrivataError) {
    users = PrismaClient(store: store, try PrismaSchema([]))[SealedUser.self]
  }

  func findById(_ id: ObjectID) async throws -> BenchUser? {
    try await users.findUnique(\._id, id)?.user
  }

  func find(role: String, limit: Int) async throws -> [BenchUser] {
    try await users.findMany(where: \.role == role, take: limit).map(\.user)
  }

  func first(_ limit: Int) async throws -> [BenchUser] {
    try await users.findMany(take: limit).map(\.user)
  }

  func sessionsWithUsers(limit: Int) async throws -> [SessionOfUser] { [] }

  func identity(_ id: ObjectID) async throws -> BenchIdentity? {
    try await findById(id).map(BenchIdentity.init)
  }

  func identities(role: String, limit: Int) async throws -> [BenchIdentity] {
    try await find(role: role, limit: limit).map(BenchIdentity.init)
  }

  func insert(_ user: BenchUser) async throws { try await users.create(SealedUser(user)) }

  func insertMany(_ all: [BenchUser]) async throws {
    try await users.createMany(all.map { SealedUser($0) })
  }

  func insertMany(_ all: [BenchSession]) async throws {}

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    try await users.update(\._id, id, [.set(\.age, age)])
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws {
    try await users.update(\._id, id, [.set(\.heightCm, heightCm)])
  }

  func delete(_ id: ObjectID) async throws { try await users.delete(\._id, id) }
  func count(role: String) async throws -> Int { try await users.count(where: \.role == role) }
}

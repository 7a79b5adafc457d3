import MongoStyle
import PrivataCore

/// The operations as a MongoStyle program writes them, with dictionary literals; every field of a
/// plain document is read. Writes go through documents: defaults, casting, validation.
struct MongoLeanOperations: PopulatingOperations {
  static let loading: Loading? = .populate

  let users: MongoModel
  let sessions: MongoModel
  private static let identityFields: Value = .string(
    BenchIdentity.names.joined(separator: " "))

  init(_ store: any Store) throws {
    let mongo = MongoConnection(store: store)
    users = try mongo.model("BenchUser", MongoSchemas.user)
    sessions = try mongo.model("BenchSession", MongoSchemas.session)
  }

  /// The models as stores see them.
  var models: [ModelSchema] { [sessions.lowered, users.lowered] }

  func findById(_ id: ObjectID) async throws -> BenchUser? {
    try await users.findById(id).lean().exec().map { try BenchUser($0) }
  }

  func find(role: String, limit: Int) async throws -> [BenchUser] {
    try await users.find(["role": .string(role)]).limit(limit).lean().exec()
      .map { try BenchUser($0) }
  }

  func first(_ limit: Int) async throws -> [BenchUser] {
    try await users.find().limit(limit).lean().exec().map { try BenchUser($0) }
  }

  func sessionsWithUsers(limit: Int) async throws -> [SessionOfUser] {
    try await sessions.find().limit(limit).populate("user").lean().exec()
      .map { try SessionOfUser($0) }
  }

  func usersWithSessions(limit: Int) async throws -> [UserWithSessions] {
    try await users.find().limit(limit).populate("sessions").lean().exec()
      .map { try UserWithSessions($0) }
  }

  /// Hydrated documents, every field of which is read.
  func hydrated(role: String, limit: Int) async throws -> [BenchUser] {
    try await users.find(["role": .string(role)]).limit(limit).exec().map { try BenchUser($0) }
  }

  func identity(_ id: ObjectID) async throws -> BenchIdentity? {
    try await users.findById(.objectID(id), Self.identityFields).lean().exec()
      .map { try BenchIdentity($0) }
  }

  func identities(role: String, limit: Int) async throws -> [BenchIdentity] {
    try await users.find(["role": .string(role)], Self.identityFields).limit(limit).lean().exec()
      .map { try BenchIdentity($0) }
  }

  func insert(_ user: BenchUser) async throws { try await users.create(user.document) }

  func insertMany(_ all: [BenchUser]) async throws {
    try await users.insertMany(all.map(\.document))
  }

  func insertMany(_ all: [BenchSession]) async throws {
    try await sessions.insertMany(all.map(\.document))
  }

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    try await users.updateOne(["_id": .objectID(id)], ["age": .int64(Int64(age))]).exec()
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws {
    try await users.updateOne(["_id": .objectID(id)], ["heightCm": .double(heightCm)]).exec()
  }

  func delete(_ id: ObjectID) async throws {
    try await users.deleteOne(["_id": .objectID(id)]).exec()
  }

  func count(role: String) async throws -> Int {
    try await users.countDocuments(["role": .string(role)]).exec()
  }
}

/// The operations as a MongoStyle program writes them with typed models.
struct MongoTypedOperations: PopulatingOperations {
  static let loading: Loading? = nil

  let users: TypedModel<BenchUser>
  let sessions: TypedModel<BenchSession>

  init(_ store: any Store) throws {
    let mongo = MongoConnection(store: store)
    users = try mongo.model(BenchUser.self)
    sessions = try mongo.model(BenchSession.self)
  }

  func findById(_ id: ObjectID) async throws -> BenchUser? { try await users.findById(id).exec() }

  func find(role: String, limit: Int) async throws -> [BenchUser] {
    try await users.find(\.role == role).limit(limit).exec()
  }

  func first(_ limit: Int) async throws -> [BenchUser] {
    try await users.find().limit(limit).exec()
  }

  func sessionsWithUsers(limit: Int) async throws -> [SessionOfUser] { [] }

  func usersWithSessions(limit: Int) async throws -> [UserWithSessions] {
    try await users.find().limit(limit).populate(sessions, by: \.user).exec()
      .map { UserWithSessions(user: $0, sessions: $1) }
  }

  func identity(_ id: ObjectID) async throws -> BenchIdentity? { nil }

  func identities(role: String, limit: Int) async throws -> [BenchIdentity] { [] }

  func insert(_ user: BenchUser) async throws { try await users.create(user) }

  func insertMany(_ all: [BenchUser]) async throws { try await users.insertMany(all) }

  func insertMany(_ all: [BenchSession]) async throws { try await sessions.insertMany(all) }

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    try await users.updateOne(\._id == id, .set(\.age, age))
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws {
    try await users.updateOne(\._id == id, .set(\.heightCm, heightCm))
  }

  func delete(_ id: ObjectID) async throws { try await users.deleteOne(\._id == id) }

  func count(role: String) async throws -> Int {
    try await users.countDocuments(\.role == role).exec()
  }
}

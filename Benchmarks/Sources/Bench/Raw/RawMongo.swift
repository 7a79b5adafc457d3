import BenchKit
import CRawMongo
import PrivataCore

/// libmongoc, one client, collection handles kept.
// Safe: each client is used by one thread at a time.
final class RawMongo: RawStore, @unchecked Sendable {
  private let url: String
  private let client: OpaquePointer
  private let users: OpaquePointer
  private let sessionsHandle: OpaquePointer

  init(url: String) throws(RawFailure) {
    mongoc_init()
    guard let made = mongoc_client_new(url) else {
      throw RawFailure(message: "cannot read the MongoDB URL")
    }
    self.url = url
    client = made
    users = mongoc_client_get_collection(made, "bench_raw", "users")
    sessionsHandle = mongoc_client_get_collection(made, "bench_raw", "sessions")
  }

  deinit {
    mongoc_collection_destroy(users)
    mongoc_collection_destroy(sessionsHandle)
    mongoc_client_destroy(client)
  }

  func another() throws -> RawMongo { try RawMongo(url: url) }

  func conditions() throws -> Conditions {
    let concern = mongoc_collection_get_write_concern(users)
    let isDefault = mongoc_write_concern_is_default(concern)
    return ["writeConcern": isDefault ? "server's default" : "own"]
  }

  func fill(users count: Int) throws {
    mongoc_collection_drop(users, nil)
    mongoc_collection_drop(sessionsHandle, nil)
    for start in stride(from: 0, to: count, by: 1000) {
      try insertMany((start..<min(start + 1000, count)).map(BenchUser.sample))
    }
    raw_create_index(users, "role")
    try insertMany((0..<(2 * count)).map(BenchSession.sample))
    raw_create_index(sessionsHandle, "user")
  }

  func insertMany(_ sessions: [BenchSession]) throws {
    for session in sessions {
      let done = session._id.withBytes { id in
        session.user.withBytes { user in
          raw_insert_session(
            sessionsHandle, id, user, Int64(session.minutes), session.startedAt.milliseconds)
        }
      }
      guard done else { throw RawFailure(message: "raw MongoDB insert failed") }
    }
  }

  func findById(_ id: ObjectID) throws -> BenchUser? {
    try collect { rows, context in id.withBytes { raw_find_id(users, $0, false, rows, context) } }
      .first
  }

  func find(role: String, limit: Int) throws -> [BenchUser] {
    try collect { rows, context in raw_find_role(users, role, Int64(limit), false, rows, context) }
  }

  func findByIds(_ ids: [ObjectID]) throws -> [BenchUser] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(12 * ids.count)
    for id in ids {
      id.withBytes { bytes.append(contentsOf: UnsafeBufferPointer(start: $0, count: 12)) }
    }
    return try collect { rows, context in
      raw_find_ids(users, bytes, Int32(ids.count), rows, context)
    }
  }

  func first(_ limit: Int) throws -> [BenchUser] {
    try collect { rows, context in raw_find_role(users, nil, Int64(limit), false, rows, context) }
  }

  func joined(limit: Int) throws -> [SessionOfUser]? { nil }

  func identity(_ id: ObjectID) throws -> BenchIdentity? {
    try collect { rows, context in id.withBytes { raw_find_id(users, $0, true, rows, context) } }
      .first.map(BenchIdentity.init)
  }

  func identities(role: String, limit: Int) throws -> [BenchIdentity] {
    try collect { rows, context in raw_find_role(users, role, Int64(limit), true, rows, context) }
      .map(BenchIdentity.init)
  }

  func sessions(limit: Int) throws -> [BenchSession] {
    try sessions(limit) { raw_find_sessions(sessionsHandle, Int64(limit), $0, $1) }
  }

  func sessions(of users: [ObjectID]) throws -> [BenchSession] {
    let bytes = users.flatMap(\.bytes)
    return try sessions(10 * users.count) {
      raw_find_sessions_of(sessionsHandle, bytes, Int32(users.count), $0, $1)
    }
  }

  private func sessions(
    _ expected: Int, _ find: (raw_session_row, UnsafeMutableRawPointer) -> Int32
  ) throws -> [BenchSession] {
    var found: [BenchSession] = []
    found.reserveCapacity(expected)
    let count = withUnsafeMutablePointer(to: &found) { list in
      find(
        { session, context in
          let s = session!.pointee
          context!.assumingMemoryBound(to: [BenchSession].self).pointee.append(
            BenchSession(
              _id: withUnsafePointer(to: s.id) { ObjectID(reading: $0) },
              user: withUnsafePointer(to: s.user) { ObjectID(reading: $0) },
              minutes: Int(s.minutes), startedAt: DateTime(milliseconds: s.started)))
        }, list)
    }
    if count < 0 { throw RawFailure(message: "raw MongoDB find failed") }
    return found
  }

  func insert(_ user: BenchUser) throws {
    guard user.withRaw({ raw_insert(users, $0) }) else {
      throw RawFailure(message: "raw MongoDB insert failed")
    }
  }

  func insertMany(_ all: [BenchUser]) throws {
    guard BenchUser.withRaw(all, { raw_insert_many(users, $0, Int32(all.count)) }) else {
      throw RawFailure(message: "raw MongoDB insertMany failed")
    }
  }

  func updateAge(_ id: ObjectID, _ age: Int) throws {
    guard id.withBytes({ raw_update_age(users, $0, Int64(age)) }) else {
      throw RawFailure(message: "raw MongoDB update failed")
    }
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) throws {
    guard id.withBytes({ raw_update_height(users, $0, heightCm) }) else {
      throw RawFailure(message: "raw MongoDB update failed")
    }
  }

  func delete(_ id: ObjectID) throws {
    guard id.withBytes({ raw_delete(users, $0) }) else {
      throw RawFailure(message: "raw MongoDB delete failed")
    }
  }

  func count(role: String) throws -> Int {
    let count = raw_count(users, role)
    if count < 0 { throw RawFailure(message: "raw MongoDB count failed") }
    return Int(count)
  }

  private func collect(
    _ body: (raw_user_row, UnsafeMutableRawPointer) -> Int32
  ) throws(RawFailure) -> [BenchUser] {
    var found: [BenchUser] = []
    let count = withUnsafeMutablePointer(to: &found) { list in
      body(
        { user, context in
          context!.assumingMemoryBound(to: [BenchUser].self).pointee.append(
            BenchUser(user!.pointee))
        }, list)
    }
    if count < 0 { throw RawFailure(message: "raw MongoDB find failed") }
    return found
  }
}

// MARK: - Between the struct and its C form

extension BenchIdentity {
  init(_ user: BenchUser) {
    self.init(
      _id: user._id, email: user.email, firstName: user.firstName, lastName: user.lastName,
      role: user.role, age: user.age)
  }
}

extension BenchUser {
  fileprivate init(_ raw: raw_user) {
    func text(_ pointer: UnsafePointer<CChar>?, _ count: UInt32) -> String {
      String(decoding: UnsafeRawBufferPointer(start: pointer, count: Int(count)), as: UTF8.self)
    }
    self.init(
      _id: withUnsafePointer(to: raw.id) { ObjectID(reading: $0) },
      email: text(raw.text.0, raw.length.0), firstName: text(raw.text.1, raw.length.1),
      lastName: text(raw.text.2, raw.length.2), role: text(raw.text.3, raw.length.3),
      age: Int(raw.age), heightCm: raw.height, active: raw.active,
      createdAt: DateTime(milliseconds: raw.created))
  }

  fileprivate func withRaw<R>(_ body: (UnsafePointer<raw_user>) -> R) -> R {
    Self.withRaw([self], body)
  }

  /// The C form of users; all texts lie in one buffer while the body runs.
  fileprivate static func withRaw<R>(
    _ users: [BenchUser], _ body: (UnsafePointer<raw_user>) -> R
  ) -> R {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(users.count * 80)
    for user in users {
      for text in [user.email, user.firstName, user.lastName, user.role] {
        bytes.append(contentsOf: text.utf8)
      }
    }
    return bytes.withUnsafeBytes { buffer in
      var next = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
      func take(_ text: String) -> (UnsafePointer<CChar>?, UInt32) {
        let taken = (Optional(UnsafePointer(next)), UInt32(text.utf8.count))
        next += text.utf8.count
        return taken
      }
      let raw = users.map { user in
        var raw = raw_user()
        user._id.withBytes { id in
          withUnsafeMutableBytes(of: &raw.id) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: id, count: 12))
          }
        }
        (raw.text.0, raw.length.0) = take(user.email)
        (raw.text.1, raw.length.1) = take(user.firstName)
        (raw.text.2, raw.length.2) = take(user.lastName)
        (raw.text.3, raw.length.3) = take(user.role)
        raw.age = Int64(user.age)
        raw.height = user.heightCm
        raw.active = user.active
        raw.created = user.createdAt.milliseconds
        return raw
      }
      return raw.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
  }
}

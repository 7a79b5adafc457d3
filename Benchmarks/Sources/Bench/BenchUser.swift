import PrivataCore

/// The record of every comparison: nine columns, decoded into this struct by both sides.
struct BenchUser: Model, Equatable {
  var _id: ObjectID
  var email: String
  var firstName: String
  var lastName: String
  var role: String
  var age: Int
  var heightCm: Double
  var active: Bool
  var createdAt: DateTime

  struct Fields: Sendable {
    let _id = Field<BenchUser, ObjectID>("_id", at: 0)
    let email = Field<BenchUser, String>("email", at: 1)
    let firstName = Field<BenchUser, String>("firstName", at: 2)
    let lastName = Field<BenchUser, String>("lastName", at: 3)
    let role = Field<BenchUser, String>("role", at: 4)
    let age = Field<BenchUser, Int>("age", at: 5)
    let heightCm = Field<BenchUser, Double>("heightCm", at: 6)
    let active = Field<BenchUser, Bool>("active", at: 7)
    let createdAt = Field<BenchUser, DateTime>("createdAt", at: 8)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "BenchUser", collection: "bench_users",
    fields: [
      FieldSchema("_id", as: ObjectID.self), FieldSchema("email", as: String.self, privacy: .pii),
      FieldSchema("firstName", as: String.self, privacy: .pii),
      FieldSchema("lastName", as: String.self, privacy: .pii),
      FieldSchema("role", as: String.self, isIndexed: true), FieldSchema("age", as: Int.self),
      FieldSchema("heightCm", as: Double.self, privacy: .phi), FieldSchema("active", as: Bool.self),
      FieldSchema("createdAt", as: DateTime.self),
    ])
}

extension BenchUser {
  // As `@Model` writes it.
  init(from row: borrowing RowView) throws(PrivataError) {
    let cell0: ObjectID = try row.decode(at: 0)
    let cell1: String = try row.decode(at: 1)
    let cell2: String = try row.decode(at: 2)
    let cell3: String = try row.decode(at: 3)
    let cell4: String = try row.decode(at: 4)
    let cell5: Int = try row.decode(at: 5)
    let cell6: Double = try row.decode(at: 6)
    let cell7: Bool = try row.decode(at: 7)
    let cell8: DateTime = try row.decode(at: 8)
    self._id = cell0
    self.email = cell1
    self.firstName = cell2
    self.lastName = cell3
    self.role = cell4
    self.age = cell5
    self.heightCm = cell6
    self.active = cell7
    self.createdAt = cell8
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(_id)
    row.append(email)
    row.append(firstName)
    row.append(lastName)
    row.append(role)
    row.append(age)
    row.append(heightCm)
    row.append(active)
    row.append(createdAt)
  }

  /// The n-th made-up user; one in ten is a clinician.
  static func sample(_ n: Int) -> BenchUser {
    BenchUser(
      _id: id(n), email: "user\(n)@example.org", firstName: "First\(n)", lastName: "Last\(n % 997)",
      role: n % 10 == 0 ? "clinician" : "patient", age: 18 + n % 70,
      heightCm: 150.5 + Double(n % 50), active: n % 3 != 0,
      createdAt: DateTime(milliseconds: 1_700_000_000_000 + Int64(n)))
  }

  static func id(_ n: Int) -> ObjectID {
    ObjectID(high: 0x60A0_0000_0000_0000, low: UInt32(n))
  }
}

/// What the identity half holds of a user.
struct BenchIdentity: Equatable, Sendable {
  var _id: ObjectID
  var email: String
  var firstName: String
  var lastName: String
  var role: String
  var age: Int

  static let names = ["_id", "email", "firstName", "lastName", "role", "age"]
}

/// A user with the sessions that name it.
struct UserWithSessions: Equatable, Sendable {
  var user: BenchUser
  var sessions: [BenchSession]
}

/// A session with the user whom it names.
struct SessionOfUser: Equatable, Sendable {
  var session: BenchSession
  var user: BenchUser?
}

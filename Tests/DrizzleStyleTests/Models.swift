import PrivataCore

/// What `@Table` writes for a patient's account.
struct User: Model, Equatable {
  var id: Int64
  var name: String
  var email: String?
  var age: Int32
  var isActive: Bool
  var joined: DateTime
  var diagnosis: String?

  struct Fields: Sendable {
    let id = Field<User, Int64>("id", at: 0)
    let name = Field<User, String>("name", at: 1)
    let email = Field<User, String?>("email", at: 2)
    let age = Field<User, Int32>("age", at: 3)
    let isActive = Field<User, Bool>("isActive", at: 4)
    let joined = Field<User, DateTime>("joined", at: 5)
    let diagnosis = Field<User, String?>("diagnosis", at: 6)
  }
  static let fields = Fields()
  static let schema = ModelSchema(
    name: "User", collection: "users",
    fields: [
      .init("id", .int64, isOptional: false),
      .init("name", .string, isOptional: false, privacy: .pii),
      .init("email", .string, isUnique: true, privacy: .pii),
      .init("age", .int32, isOptional: false),
      .init("isActive", .bool, column: "is_active", isOptional: false),
      .init("joined", .date, isOptional: false),
      .init("diagnosis", .string, privacy: .phi),
    ])

  init(
    id: Int64, name: String, email: String? = nil, age: Int32 = 30, isActive: Bool = true,
    joined: DateTime = DateTime(milliseconds: 1_700_000_000_000), diagnosis: String? = nil
  ) {
    self.id = id
    self.name = name
    self.email = email
    self.age = age
    self.isActive = isActive
    self.joined = joined
    self.diagnosis = diagnosis
  }

  init(from row: RowView) throws(PrivataError) {
    id = try row.decode(at: 0)
    name = try row.decode(at: 1)
    email = try row.decode(at: 2)
    age = try row.decode(at: 3)
    isActive = try row.decode(at: 4)
    joined = try row.decode(at: 5)
    diagnosis = try row.decode(at: 6)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(id)
    row.append(name)
    row.append(email)
    row.append(age)
    row.append(isActive)
    row.append(joined)
    row.append(diagnosis)
  }
}

/// What `@Table` writes for a session of a user.
struct Session: Model, Equatable {
  var id: String
  var userID: Int64
  var kind: String?
  var minutes: Int32?

  struct Fields: Sendable {
    let id = Field<Session, String>("id", at: 0)
    let userID = Field<Session, Int64>("userID", at: 1)
    let kind = Field<Session, String?>("kind", at: 2)
    let minutes = Field<Session, Int32?>("minutes", at: 3)
  }
  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Session", collection: "sessions",
    fields: [
      .init("id", .string, isOptional: false),
      .init(
        "userID", .int64, column: "user_id", isOptional: false, reference: Reference("User")),
      .init("kind", .string),
      .init("minutes", .int32, privacy: .phi),
    ])

  init(id: String, userID: Int64, kind: String? = nil, minutes: Int32? = nil) {
    self.id = id
    self.userID = userID
    self.kind = kind
    self.minutes = minutes
  }

  init(from row: RowView) throws(PrivataError) {
    id = try row.decode(at: 0)
    userID = try row.decode(at: 1)
    kind = try row.decode(at: 2)
    minutes = try row.decode(at: 3)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(id)
    row.append(userID)
    row.append(kind)
    row.append(minutes)
  }
}

enum Sample {
  static let users = [
    User(id: 1, name: "Ada", email: "ada@x.test", age: 36, diagnosis: "none"),
    User(id: 2, name: "Bo", age: 17, isActive: false),
    User(id: 3, name: "Cy", email: "cy@x.test", age: 52, diagnosis: "asthma"),
  ]
  static let sessions = [
    Session(id: "s1", userID: 1, kind: "video", minutes: 30),
    Session(id: "s2", userID: 1, kind: nil, minutes: nil),
    Session(id: "s3", userID: 3, kind: "phone", minutes: 20),
  ]
}

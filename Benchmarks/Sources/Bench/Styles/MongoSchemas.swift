import MongoStyle
import PrivataCore

/// The record as a MongoStyle program states it. Without `__v`, which the raw side does not keep.
enum MongoSchemas {
  private static let options = SchemaOptions { $0.versionKey = nil }

  static let user: Schema = {
    var schema = Schema(
      [
        "_id": .objectID, "email": .string(.pii), "firstName": .string(.pii),
        "lastName": .string(.pii), "role": .string(.index), "age": .bigInt,
        "heightCm": .double(.phi), "active": .boolean, "createdAt": .date,
      ], options: options)
    schema.virtual(
      "sessions",
      VirtualPopulation(ref: "BenchSession", localField: "_id", foreignField: "user"))
    return schema
  }()

  static let session = Schema(
    [
      "_id": .objectID, "user": .ref("BenchUser", .index), "minutes": .bigInt(.phi),
      "startedAt": .date,
    ],
    options: options)
}

extension BenchUser {
  /// The record as a document.
  var document: Document {
    [
      "_id": .objectID(_id), "email": .string(email), "firstName": .string(firstName),
      "lastName": .string(lastName), "role": .string(role), "age": .int64(Int64(age)),
      "heightCm": .double(heightCm), "active": .bool(active), "createdAt": .date(createdAt),
    ]
  }

  /// Reads every field of a hydrated document.
  init(_ document: MongoDocument) throws {
    guard let id = document["_id"]?.asObjectID, let email = document["email"]?.asString,
      let firstName = document["firstName"]?.asString,
      let lastName = document["lastName"]?.asString, let role = document["role"]?.asString,
      let age = document["age"]?.asInt, let heightCm = document["heightCm"]?.asDouble,
      let active = document["active"]?.asBool, let createdAt = document["createdAt"]?.asDate
    else { throw RawFailure(message: "a document is not a user") }
    self.init(
      _id: id, email: email, firstName: firstName, lastName: lastName, role: role, age: age,
      heightCm: heightCm, active: active, createdAt: createdAt)
  }

  /// Reads every field of a plain document.
  init(_ document: Document) throws {
    guard let id = document["_id"]?.asObjectID, let email = document["email"]?.asString,
      let firstName = document["firstName"]?.asString,
      let lastName = document["lastName"]?.asString, let role = document["role"]?.asString,
      let age = document["age"]?.asInt, let heightCm = document["heightCm"]?.asDouble,
      let active = document["active"]?.asBool, let createdAt = document["createdAt"]?.asDate
    else { throw RawFailure(message: "a document is not a user") }
    self.init(
      _id: id, email: email, firstName: firstName, lastName: lastName, role: role, age: age,
      heightCm: heightCm, active: active, createdAt: createdAt)
  }
}

extension BenchIdentity {
  init(_ document: Document) throws {
    guard let id = document["_id"]?.asObjectID, let email = document["email"]?.asString,
      let firstName = document["firstName"]?.asString,
      let lastName = document["lastName"]?.asString, let role = document["role"]?.asString,
      let age = document["age"]?.asInt
    else { throw RawFailure(message: "a document is not an identity") }
    self.init(
      _id: id, email: email, firstName: firstName, lastName: lastName, role: role, age: age)
  }
}

extension BenchSession {
  var document: Document {
    [
      "_id": .objectID(_id), "user": .objectID(user), "minutes": .int64(Int64(minutes)),
      "startedAt": .date(startedAt),
    ]
  }
}

extension BenchSession {
  init(_ document: Document) throws {
    guard let id = document["_id"]?.asObjectID, let user = document["user"]?.asObjectID,
      let minutes = document["minutes"]?.asInt, let startedAt = document["startedAt"]?.asDate
    else { throw RawFailure(message: "a document is not a session") }
    self.init(_id: id, user: user, minutes: minutes, startedAt: startedAt)
  }
}

extension UserWithSessions {
  /// Reads a plain document whose `sessions` are populated.
  init(_ document: Document) throws {
    user = try BenchUser(document)
    sessions = try (document["sessions"]?.asArray ?? []).map { value in
      guard case .document(let session) = value else {
        throw RawFailure(message: "a user's sessions are not populated")
      }
      return try BenchSession(session)
    }
  }
}

extension SessionOfUser {
  /// Reads a plain document whose `user` is populated.
  init(_ document: Document) throws {
    guard let id = document["_id"]?.asObjectID, case .document(let user)? = document["user"],
      let minutes = document["minutes"]?.asInt, let startedAt = document["startedAt"]?.asDate
    else { throw RawFailure(message: "a document is not a session with its user") }
    let owner = try BenchUser(user)
    session = BenchSession(_id: id, user: owner._id, minutes: minutes, startedAt: startedAt)
    self.user = owner
  }
}

extension Value {
  fileprivate var asDate: DateTime? { if case .date(let date) = self { date } else { nil } }
}

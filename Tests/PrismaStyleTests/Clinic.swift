import PrismaStyle
import PrivataCore
import PrivataTesting

/// A small clinic: users with a profile, sessions, tags and mentors.
enum Clinic {
  static let user = PrismaModel(
    ModelSchema(
      name: "User", collection: "User",
      fields: [
        FieldSchema("id", .string, isOptional: false),
        FieldSchema("email", .string, isOptional: false, isUnique: true, privacy: .pii),
        FieldSchema("role", .string, isOptional: false, allowed: ["patient", "clinician"]),
        FieldSchema("age", .int32), FieldSchema("mentorId", .string),
      ]),
    relations: [
      .one(
        "mentor", "User", fields: "mentorId", references: "id", label: "Mentor", onDelete: .setNull),
      .many("mentees", "User", label: "Mentor"), .one("profile", "Profile"),
      .many("sessions", "Session"), .many("tags", "Tag"),
    ],
    defaults: ["id": .cuid, "role": .value("patient")])

  static let profile = PrismaModel(
    ModelSchema(
      name: "Profile", collection: "Profile",
      fields: [
        FieldSchema("id", .string, isOptional: false), FieldSchema("bio", .string, privacy: .phi),
        FieldSchema("settings", .json),
        FieldSchema("userId", .string, isOptional: false, isUnique: true),
      ]),
    relations: [.one("user", "User", fields: "userId", references: "id", onDelete: .cascade)],
    defaults: ["id": .cuid])

  static let session = PrismaModel(
    ModelSchema(
      name: "Session", collection: "Session",
      fields: [
        FieldSchema("id", .string, isOptional: false),
        FieldSchema("kind", .string, isOptional: false),
        FieldSchema("minutes", .int32, isOptional: false),
        FieldSchema("userId", .string, isOptional: false),
      ]),
    relations: [.one("user", "User", fields: "userId", references: "id", onDelete: .cascade)],
    defaults: ["id": .cuid, "minutes": .value(0)],
    uniques: [PrismaUnique(["userId", "kind"])])

  static let tag = PrismaModel(
    ModelSchema(
      name: "Tag", collection: "Tag",
      fields: [
        FieldSchema("id", .string, isOptional: false),
        FieldSchema("label", .string, isOptional: false, isUnique: true),
      ]),
    relations: [.many("users", "User")], defaults: ["id": .cuid])

  static func schema() throws -> PrismaSchema {
    try PrismaSchema([user, profile, session, tag])
  }

  /// A client over an empty store in memory with three users.
  static func client() async throws -> PrismaClient {
    try await filled(try await PrismaClient.connect(.store(MemoryStore()), try schema()))
  }

  /// The same client with the three users.
  static func filled(_ db: PrismaClient) async throws -> PrismaClient {
    try await db["User"].create([
      "data": [
        "id": "grace", "email": "grace@example.org", "role": "clinician", "age": 45,
        "tags": ["create": ["id": "vip", "label": "vip"]],
      ]
    ])
    try await db["User"].create([
      "data": [
        "id": "ada", "email": "ada@example.org", "age": 36, "mentor": ["connect": ["id": "grace"]],
        "profile": ["create": ["bio": "runner", "settings": ["theme": "dark"]]],
        "sessions": [
          "create": [["id": "s1", "kind": "video", "minutes": 30], ["id": "s2", "kind": "chat"]]
        ],
        "tags": ["connect": ["label": "vip"]],
      ]
    ])
    try await db["User"].create(["data": ["id": "ben", "email": "ben@example.org"]])
    return db
  }
}

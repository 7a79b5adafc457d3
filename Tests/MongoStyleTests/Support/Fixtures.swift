import MongoStyle
import PrivataCore

/// A connection over a fresh store in memory, or one on Postgres: see ``DocumentStore``.
func memory(_ profile: Profile = .mongoose) -> MongoConnection {
  MongoConnection(store: DocumentStore.memory(), profile: profile)
}

/// A patient of a clinic, with every kind of path that the tests need.
func patientSchema() -> Schema {
  Schema(
    [
      "name": .string(.required, .pii),
      "email": .string(.pii, .lowercase, .trim),
      "age": .number(.min(0), .max(130)),
      "visits": .number,
      "status": .string(.enum(["new", "active", "closed"]), .default("new")),
      "seenAt": .date,
      "active": .boolean,
      "clinic": .ref("Clinic"),
      "tags": [.string],
      "scores": [.number],
      "allergies": [
        .document(["name": .string(.required), "severity": .number(.min(1), .max(5))])
      ],
      "profile": ["city": .string, "zip": .string],
      "meta": .mixed,
      "labels": .map(of: .string),
      "createdBy": .string(.default("system"), .immutable),
    ], options: SchemaOptions { $0.collection = "patients" })
}

extension Error {
  /// Mongoose's name of the error.
  var mongoName: String? { (self as? PrivataError)?.mongoStyle?.name }
}

/// The error that the body throws.
func thrown(_ body: () async throws -> Void) async -> (any Error)? {
  do {
    try await body()
    return nil
  } catch { return error }
}

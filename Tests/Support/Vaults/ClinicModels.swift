public import PrivataCore

/// Models of a clinic in which every way of dividing occurs.
public struct ClinicModels: Sendable {
  public let patient: ModelSchema
  public let session: ModelSchema
  public let clinic: ModelSchema
  /// A closed model, for the layout of cells.
  public let staff: ModelSchema

  public init(suffix: String = "") {
    patient = ModelSchema(
      name: "Patient", collection: "patients" + suffix,
      fields: [
        FieldSchema("_id", .objectID, isOptional: false),
        FieldSchema("name", .string, privacy: .pii),
        FieldSchema("email", .string, isUnique: true, privacy: .pii),
        FieldSchema("address", .document, privacy: .pii),
        FieldSchema("role", .string, isIndexed: true), FieldSchema("age", .number),
        FieldSchema("createdAt", .date), FieldSchema("tags", .array(.string)),
        FieldSchema("ward", .string, placement: .clinical),
        FieldSchema("level", .int32, placement: .both),
        FieldSchema("diagnosis", .string, privacy: .phi),
        FieldSchema("weight", .double, privacy: .phi),
        FieldSchema("allergies", .array(.string), privacy: .phi),
        FieldSchema("notes", .array(.document), privacy: .phi),
      ], isOpen: true)
    session = ModelSchema(
      name: "Session", collection: "sessions" + suffix,
      fields: [
        FieldSchema("_id", .objectID, isOptional: false),
        FieldSchema("patient", .objectID, reference: Reference("Patient")),
        FieldSchema("team", .array(.objectID), reference: Reference("Patient")),
        FieldSchema("clinic", .objectID, reference: Reference("Clinic")),
        FieldSchema("at", .date), FieldSchema("minutes", .int32),
        FieldSchema("summary", .string, privacy: .phi),
      ], isOpen: true)
    clinic = ModelSchema(
      name: "Clinic", collection: "clinics" + suffix,
      fields: [
        FieldSchema("_id", .objectID, isOptional: false), FieldSchema("city", .string),
        FieldSchema("beds", .int32),
      ], isOpen: true)
    staff = ModelSchema(
      name: "Staff", collection: "staff" + suffix,
      fields: [
        FieldSchema("id", .int64, isOptional: false),
        FieldSchema("name", .string, isOptional: false, privacy: .pii),
        FieldSchema("grade", .int32), FieldSchema("since", .date),
        FieldSchema("vaccinated", .bool, privacy: .phi),
        FieldSchema("blood", .string, privacy: .phi), FieldSchema("dose", .double, privacy: .phi),
      ], primaryKey: ["id"])
  }

  public var all: [ModelSchema] { [patient, session, clinic, staff] }
}

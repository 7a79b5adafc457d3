import PrivataCore
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct SeparationTests {
  private let models = ClinicModels()

  private func separation(_ model: ModelSchema) throws -> Separation {
    let registry = SeparationRegistry(names: PhysicalNames(clinicalSuffix: "", usesIDKey: false))
    registry.register(models.all)
    return try registry.separation(of: model)
  }

  @Test func dividesFieldsByClass() throws {
    let patient = try separation(models.patient)
    #expect(patient.shape == .split)
    #expect(
      patient.identity?.fields.map(\.name) == [
        "_id", "name", "email", "address", "role", "age", "createdAt", "tags", "level", "pseudonym",
      ])
    #expect(
      patient.clinical?.fields.map(\.name) == [
        "pseudonym", "ward", "level", "diagnosis", "weight", "allergies", "notes", "_unlinked",
      ])
    #expect(patient.clinical?.key.name == "pseudonym")
  }

  @Test func keepsModelsWithoutOneClassInOneStore() throws {
    #expect(try separation(models.session).shape == .clinicalOnly)
    #expect(try separation(models.clinic).shape == .identityOnly)
    #expect(try separation(models.clinic).identity === models.clinic)
    #expect(try separation(models.clinic).link == nil)
  }

  @Test func storesReferencesToPeopleAsText() throws {
    let session = try separation(models.session)
    #expect(session.references.keys.sorted() == ["patient", "team"])
    #expect(session.clinical?.field("patient")?.type == .string)
    #expect(session.clinical?.field("team")?.type == .array(.string))
    #expect(session.clinical?.field("clinic")?.type == .objectID)
  }

  /// The example of the requirements, and that nothing is lost or in two places.
  @Test func separatesARecord() throws {
    let record: Document = [
      "_id": 1, "name": "Ada", "diagnosis": "J45", "role": "patient", "level": 2, "unknown": [1],
      "email": .null,
    ]
    let parts = try separation(models.patient).separate(record)
    #expect(parts.identity.keys == ["_id", "name", "role", "level", "unknown", "email"])
    #expect(parts.clinical.keys == ["diagnosis", "level"])
  }

  @Test func refusesAClassInTheWrongStore() {
    for (privacy, placement) in [
      (Privacy.pii, Placement.clinical), (.phi, .identity), (.pii, .both),
    ] {
      let model = ModelSchema(
        name: "M", collection: "m",
        fields: [
          FieldSchema("id", .int32),
          FieldSchema("x", .string, privacy: privacy, placement: placement),
        ])
      let error = #expect(throws: PrivataError.self) { try separation(model) }
      #expect(error?.code == .badArgument && error?.fields == ["x"])
    }
  }

  @Test func refusesAUniqueIndexOverBothStores() {
    let model = ModelSchema(
      name: "M", collection: "m",
      fields: [
        FieldSchema("id", .int32), FieldSchema("a", .string, privacy: .pii),
        FieldSchema("b", .string, privacy: .phi),
      ], indexes: [IndexSchema(parts: [.init("a"), .init("b")], isUnique: true)])
    #expect(throws: PrivataError.self) { try separation(model) }
  }

  @Test func asksForTheModelsThatAreReferredTo() {
    let model = ModelSchema(
      name: "M", collection: "m",
      fields: [
        FieldSchema("id", .int32), FieldSchema("x", .string, privacy: .phi),
        FieldSchema("y", .objectID, reference: Reference("Nobody")),
      ])
    let error = #expect(throws: PrivataError.self) { try separation(model) }
    #expect(error?.code == .unknownModel)
  }

  @Test func aReferenceToAClinicalRecordLivesBesideIt() throws {
    let registry = SeparationRegistry(
      names: PhysicalNames(clinicalSuffix: "_clinical", usesIDKey: true))
    let person = ModelSchema(
      name: "Person", collection: "people",
      fields: [
        FieldSchema("_id", .objectID), FieldSchema("name", .string, privacy: .pii),
        FieldSchema("sessions", .array(.objectID), reference: Reference("Session")),
      ], isOpen: true)
    registry.register(models.all + [person])
    let separation = try registry.separation(of: person)
    #expect(separation.shape == .split)
    #expect(separation.clinical?.fields.map(\.name) == ["_id", "sessions", "_unlinked"])
    #expect(separation.clinical?.collection == "people_clinical")
  }
}

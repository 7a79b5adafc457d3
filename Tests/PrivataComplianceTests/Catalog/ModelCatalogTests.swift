import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct ModelCatalogTests {
  static let types: [FieldType] = [
    .bool, .int32, .int64, .double, .number, .decimal(), .decimal(precision: 10, scale: 2),
    .string, .varchar(20), .date, .objectID, .uuid, .binary, .document, .json, .any,
    .array(.string), .array(.array(.varchar(3))),
  ]

  @Test(arguments: types) func everyTypeComesBack(_ type: FieldType) {
    #expect(FieldType(catalog: type.catalogText) == type)
  }

  @Test(arguments: ["", "text", "varchar(x)", "array(", "array(text)", "decimal(1)"])
  func anotherTextIsNoType(_ text: String) { #expect(FieldType(catalog: text) == nil) }

  @Test func allOfAModelComesBack() throws {
    var mail = FieldSchema(
      "email", .string, column: "mail", isOptional: false, isUnique: true, privacy: .pii,
      encryption: .encrypted(index: .equality(bits: 20), normalising: [.trim, .lowercase]))
    mail.placement = .identity
    let model = ModelSchema(
      name: "User", collection: "users", namespace: "app",
      fields: [
        FieldSchema("id", .uuid, isOptional: false), mail,
        FieldSchema(
          "doctor", .uuid, privacy: .phi,
          reference: Reference("User", field: "id", onDelete: .setNull, isEnforced: true)),
      ], primaryKey: ["id"], isOpen: true)
    let text = model.catalogDocument.extendedJSON(.relaxed)
    let back = try #require(ModelSchema(catalog: try Document(extendedJSON: text)))
    #expect(back.name == "User" && back.collection == "users" && back.namespace == "app")
    #expect(back.fields == model.fields && back.primaryKey == [0] && back.isOpen)
  }

  @Test func aVaultRecordsItsModelsAndNoValue() async throws {
    let clinic = try await Clinic()
    let recorded = try await clinic.vault.recordedModels()
    #expect(recorded.map(\.name) == clinic.models.all.map(\.name).sorted())
    for model in recorded {
      let own = try #require(clinic.models.all.first { $0.name == model.name })
      #expect(model.fields.map(\.name) == own.fields.map(\.name))
      #expect(model.fields.map(\.privacy) == own.fields.map(\.privacy))
      #expect(model.fields.map(\.reference) == own.fields.map(\.reference))
    }
    for row in try await Clinic.raw("privata_models", in: clinic.memory.identity) {
      #expect(!String(decoding: row.bson, as: UTF8.self).lowercased().contains("canary"))
    }
  }

  /// A tool without models opens a vault and answers for a person.
  @Test func aToolWithoutModelsAnswersForAPerson() async throws {
    let clinic = try await Clinic()
    let own = try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess(Clinic.ada)
    var options = Folders.options(clinic.memory.directory + "-tool")
    options.journal.directory = clinic.memory.directory + "-tool"
    let tool = try await Vault(
      identity: .store(clinic.memory.identity), clinical: .store(clinic.memory.clinical),
      options: options)
    let models = try await tool.recordedModels()
    tool.register(models)
    let patient = try #require(models.first { $0.name == "Patient" })
    let report = try await tool.gdpr(for: patient).rightToAccess(Clinic.ada)
    #expect(report.records.map(\.model) == own.records.map(\.model))
    #expect(report.records.map(\.records) == own.records.map(\.records))
  }

  @Test func aChangedModelIsRecordedAnew() async throws {
    let memory = try await MemoryVault()
    let first = ModelSchema(
      name: "Note", collection: "notes", fields: [FieldSchema("_id", .string)])
    let second = ModelSchema(
      name: "Note", collection: "notes",
      fields: [FieldSchema("_id", .string), FieldSchema("text", .string, privacy: .phi)])
    for model in [first, second, second] { try await memory.vault.store.prepare([model]) }
    let recorded = try await memory.vault.recordedModels()
    #expect(recorded.map(\.fieldNames) == [["_id", "text"]])
  }

  @Test func aDamagedRecordIsRefused() async throws {
    let clinic = try await Clinic()
    _ = try await clinic.memory.identity.write(
      .update(
        Update(
          ModelCatalog.schema, where: .compare("_id", .equal, "Patient"),
          .assign([Assignment("schema", "{")]), layout: .cells)))
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.vault.recordedModels()
    }
    #expect(error?.code == .corrupt && error?.message.contains("Patient") == true)
  }
}

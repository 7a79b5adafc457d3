import PrivataCore
import Testing

@testable import PrivataCompliance

/// Who can write to a store can move ciphertext about: it opens nowhere but where it was sealed.
@Suite struct TamperTests {
  private func raw(_ collection: String) -> ModelSchema {
    ModelSchema(
      name: "Raw", collection: collection, fields: [FieldSchema("_id", .any)], isOpen: true)
  }

  private func set(
    _ id: Value, _ fields: Document, in collection: String, of store: any Store
  ) async throws {
    let update = Update(
      raw(collection), where: .document(["_id": id]), .operators(["$set": .document(fields)]))
    #expect(try await store.write(.update(update)).matched == 1)
  }

  private func code(
    _ clinic: SealedClinic, _ model: ModelSchema? = nil
  ) async throws -> PrivataError? {
    do {
      _ = try await clinic.find(model ?? clinic.patient)
      return nil
    } catch let error as PrivataError {
      return error
    }
  }

  @Test func aValueFromAnotherRecordIsFound() async throws {
    let clinic = try await SealedClinic()
    let rows = try await clinic.raw("patients", in: clinic.places.identity)
    let bobs = try #require(rows.first { $0["_id"] == .objectID(SealedClinic.bob) }?["name"])
    try await set(
      .objectID(SealedClinic.ada), ["name": bobs], in: "patients", of: clinic.places.identity)
    let error = try await code(clinic)
    #expect(error?.code == .tampered && error?.fields == ["name"])
    #expect(error?.message.contains("Bob") == false)
    let audited = try await clinic.vault.audit.count(matching: .init(model: "Patient"))
    #expect(audited > 0)
  }

  @Test func aValueFromAnotherFieldIsFound() async throws {
    let clinic = try await SealedClinic()
    let rows = try await clinic.raw("patients", in: clinic.places.identity)
    let zip = try #require(rows.first { $0["_id"] == .objectID(SealedClinic.ada) }?["zip"])
    try await set(
      .objectID(SealedClinic.ada), ["name": zip], in: "patients", of: clinic.places.identity)
    #expect(try await code(clinic)?.code == .tampered)
  }

  @Test func aValueFromTheOtherStoreIsFound() async throws {
    let clinic = try await SealedClinic()
    let clinical = try await clinic.raw("patients", in: clinic.places.clinical)
    let any = try #require(clinical.first?["diagnosis"])
    try await set(
      .objectID(SealedClinic.ada), ["name": any], in: "patients", of: clinic.places.identity)
    #expect(try await code(clinic)?.code == .tampered)
  }

  @Test func everyFlippedBitIsFound() async throws {
    let clinic = try await SealedClinic()
    let visits = try await clinic.raw("visits", in: clinic.places.clinical)
    let good = try #require(visits.first { $0["_id"] == 1 }?["summary"]?.asBytes)
    for index in stride(from: 0, to: good.count, by: 7) {
      var bytes = good
      bytes[index] ^= 0x10
      try await set(
        1, ["summary": .binary(Binary(bytes))], in: "visits", of: clinic.places.clinical)
      let code = try await code(clinic, clinic.visit)?.code
      switch index {
      case 1: #expect(code == .unsupported)
      case 2..<18: #expect(code == .unknownKey)
      default: #expect(code == .tampered, "byte \(index)")
      }
    }
    try await set(1, ["summary": "plain"], in: "visits", of: clinic.places.clinical)
    #expect(try await code(clinic, clinic.visit)?.code == .tampered)
  }

  @Test func anotherRegionDoesNotOpen() async throws {
    let places = SealedClinic.Places.memory()
    _ = try await SealedClinic(places)
    let other = try await places.vault { $0.encryption?.region = "us" }
    try await other.store.prepare([SealedClinic.patient])
    let error = await #expect(throws: PrivataError.self) {
      try await other.store.rows(for: Query(SealedClinic.patient))
    }
    #expect(error?.code == .tampered)
  }

  @Test func renamedFieldsStayReadable() async throws {
    let places = SealedClinic.Places.memory()
    let clinic = try await SealedClinic(places)
    let renamed = ModelSchema(
      name: "Person", collection: "patients",
      fields: [
        FieldSchema("_id", .objectID),
        FieldSchema(
          "name", .string, privacy: .pii,
          encryption: FieldEncryption(stableID: "Patient.name")),
      ], isOpen: true)
    _ = clinic
    let vault = try await places.vault()
    try await vault.store.prepare([renamed])
    let query = Query(renamed, projection: .fields(["name"]))
    let names = try await vault.store.rows(for: query).documents.compactMap { $0["name"] }
    #expect(Set(names) == ["Ada Canary", "Bob Canary"])
  }
}

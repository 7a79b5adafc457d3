import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct ReferenceTests {
  @Test func storesAPseudonymAndAnswersTheID() async throws {
    let clinic = try await Clinic()
    let raw = try await Clinic.raw("sessions", in: clinic.memory.clinical)
    #expect(raw.allSatisfy { $0["patient"]?.asString?.hasPrefix("pseu_") == true })
    let found = try await clinic.find(
      clinic.models.session, ["patient": .objectID(Clinic.ada)])
    #expect(found.map { $0["_id"] } == [1])
    #expect(found.first?["patient"] == .objectID(Clinic.ada))
    let team = try await clinic.find(clinic.models.session, ["team": .objectID(Clinic.bob)])
    #expect(team.first?["team"] == [.objectID(Clinic.ada), .objectID(Clinic.bob)])
  }

  @Test func refusesAReferenceToNobody() async throws {
    let clinic = try await Clinic()
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.insert(
        clinic.models.session, [["_id": 9, "patient": .objectID(ObjectID())]])
    }
    #expect(error?.code == .foreignKey && error?.fields == ["patient"])
    #expect(try await clinic.find(clinic.models.session, ["_id": 9]).isEmpty)
  }

  @Test(
    arguments: [
      ["$set": ["patient": .objectID(Clinic.bob)]], ["$push": ["team": .objectID(Clinic.bob)]],
      ["$addToSet": ["team": ["$each": [.objectID(Clinic.bob)]]]],
      ["$set": ["team": [.objectID(Clinic.bob)]]],
    ] as [Document])
  func translatesChanges(_ change: Document) async throws {
    let clinic = try await Clinic()
    _ = try await clinic.store.write(
      .update(
        Update(clinic.models.session, where: .document(["_id": 1]), .operators(change))))
    let raw = try await Clinic.raw("sessions", in: clinic.memory.clinical)
    #expect(!raw.contains { $0.extendedJSON(.canonical).contains(Clinic.bob.description) })
    let found = try await clinic.find(clinic.models.session, ["_id": 1])
    let text = found.first?.extendedJSON(.canonical) ?? ""
    #expect(text.contains(Clinic.bob.description))
  }

  @Test func pullsOnlyTheOneWhoIsNamed() async throws {
    let clinic = try await Clinic()
    for id in [ObjectID(), Clinic.ada] {
      _ = try await clinic.store.write(
        .update(
          Update(
            clinic.models.session, where: .document(["_id": 2]),
            .operators(["$pull": ["team": .objectID(id)]]))))
    }
    let found = try await clinic.find(clinic.models.session, ["_id": 2])
    #expect(found.first?["team"] == [.objectID(Clinic.bob)])
  }

  @Test func aDeletedPersonLeavesNull() async throws {
    let clinic = try await Clinic()
    _ = try await clinic.store.write(
      .delete(Delete(clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]))))
    let found = try await clinic.find(clinic.models.session, ["_id": 1])
    #expect(found.first?["patient"] == .null)
    #expect(try await Clinic.raw("patients", in: clinic.memory.clinical).count == 1)
  }
}

import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct ErasureTests {
  private let request = ErasureRequest(
    requestedBy: Clinic.ada, reason: "asked by letter", legalBasis: .article17)

  @Test func deletesTheIdentityAndUnlinksTheClinicalHalf() async throws {
    let clinic = try await Clinic()
    let before = try await Clinic.raw("patients", in: clinic.memory.identity)
    let link = try #require(
      before.first { $0["_id"] == .objectID(Clinic.ada) }?["pseudonym"]?.asString)
    let result = try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToErasure(Clinic.ada, request)
    #expect(result.success && result.identityDeleted && result.clinicalPreserved)
    let fresh = try #require(result.pseudonym).text
    #expect(fresh != link)

    let identity = try await Clinic.raw("patients", in: clinic.memory.identity)
    #expect(identity.count == 1)
    let clinical = try await Clinic.raw("patients", in: clinic.memory.clinical)
    #expect(clinical.contains { $0["pseudonym"] == .string(fresh) })
    #expect(clinical.first { $0["pseudonym"]?.asString == fresh }?["diagnosis"] == "canary-disease")
    let sessions = try await Clinic.raw("sessions", in: clinic.memory.clinical)
    #expect(sessions.first { $0["_id"] == 1 }?["patient"]?.asString == fresh)
    #expect(sessions.allSatisfy { !$0.extendedJSON(.canonical).contains(link) })
    for store in [clinic.memory.identity, clinic.memory.clinical] {
      for name in ["patients", "sessions", "privata_audit_events", "privata_erasures"] {
        let text = try await Clinic.raw(name, in: store).map { $0.extendedJSON(.canonical) }
          .joined()
        #expect(!text.contains("Ada Canary") && !text.contains("ada.canary"), "\(name)")
        #expect(!text.contains(link), "\(name) still has the pseudonym")
      }
    }
  }

  @Test func leavesNoRecordThroughTheModel() async throws {
    let clinic = try await Clinic()
    _ = try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure(Clinic.ada, request)
    #expect(try await clinic.find(clinic.models.patient).count == 1)
    #expect(try await clinic.find(clinic.models.patient, ["diagnosis": "canary-disease"]).isEmpty)
    let count = Query(
      clinic.models.patient, where: .document(["diagnosis": "canary-disease"]), answer: .count)
    #expect(try await clinic.store.rows(for: count).value(row: 0, column: 0) == .int64(0))
    let session = try await clinic.find(clinic.models.session, ["_id": 1])
    #expect(session.first?["patient"] == .null)
    #expect(session.first?["summary"] == "canary-note")
  }

  @Test func deletesTheClinicalHalfOnDemand() async throws {
    let clinic = try await Clinic()
    var request = request
    request.clinical = .erase
    let result = try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToErasure(Clinic.ada, request)
    #expect(!result.clinicalPreserved && result.pseudonym == nil)
    #expect(try await Clinic.raw("patients", in: clinic.memory.clinical).count == 1)
    let sessions = try await Clinic.raw("sessions", in: clinic.memory.clinical)
    #expect(sessions.count == 1)
    #expect(sessions.first?["team"]?.asArray?.count == 1)
  }

  @Test func answersTheSameCertificateAgain() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    let first = try await gdpr.rightToErasure(Clinic.ada, request)
    let second = try await gdpr.rightToErasure(Clinic.ada, request)
    #expect(!first.wasErasedBefore && second.wasErasedBefore)
    #expect(first.certificate == second.certificate)
    #expect(second.pseudonym == nil)
  }

  @Test func certificateVerifiesOfflineAndShowsChanges() async throws {
    let clinic = try await Clinic()
    let result = try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToErasure(Clinic.ada, request)
    let key = clinic.vault.audit.publicKey
    let text = result.certificate.json
    #expect(try ErasureCertificate(json: text).isValid(publicKey: key))
    let forged = text.replacing("fresh pseudonym", with: "other pseudonym")
    #expect(forged != text)
    #expect(try !ErasureCertificate(json: forged).isValid(publicKey: key))
    #expect(!text.contains("Ada") && !text.contains(Clinic.ada.description))
    #expect(throws: PrivataError.self) { try ErasureCertificate(json: "{}") }
  }

  @Test func twentyCallersShareOneSaga() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    let request = request
    let results = try await withThrowingTaskGroup(of: ErasureResult.self) { group in
      for _ in 0..<20 { group.addTask { try await gdpr.rightToErasure(Clinic.ada, request) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(results.map(\.sagaID)).count == 1)
    #expect(Set(results.map(\.certificate)).count == 1)
    #expect(results.filter { !$0.wasErasedBefore }.count == 1)
  }

  @Test func fiftyPeopleAtOnce() async throws {
    let clinic = try await Clinic()
    let ids = (100..<150).map { ObjectID(high: 2, low: UInt32($0)) }
    try await clinic.insert(
      clinic.models.patient,
      ids.map { ["_id": .objectID($0), "email": .string("\($0)@x.org"), "diagnosis": "X"] })
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    let results = try await withThrowingTaskGroup(of: ErasureResult.self) { group in
      for id in ids {
        group.addTask {
          try await gdpr.rightToErasure(
            id, .init(requestedBy: "office", reason: "r", legalBasis: .noLongerNecessary))
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.count == 50)
    #expect(results.allSatisfy { $0.success && $0.identityDeleted && $0.clinicalPreserved })
    #expect(try await Clinic.raw("patients", in: clinic.memory.identity).count == 2)
  }

  @Test func refusesWhatItCannotDo() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    let unknown = await #expect(throws: PrivataError.self) {
      try await gdpr.rightToErasure(ObjectID(), request)
    }
    #expect(unknown?.code == .notFound)
    let reasonless = await #expect(throws: PrivataError.self) {
      try await gdpr.rightToErasure(
        Clinic.ada, .init(requestedBy: Clinic.ada, reason: "", legalBasis: .article17))
    }
    #expect(reasonless?.code == .badArgument)
    #expect(try await clinic.find(clinic.models.patient).count == 2)
  }

  @Test func writesDuringAnErasureLeaveNothing() async throws {
    for round in 0..<20 {
      let clinic = try await Clinic()
      let models = clinic.models
      let store = clinic.store
      let gdpr = clinic.vault.gdpr(for: models.patient)
      let request = request
      await withTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for step in 0..<10 {
              let number = Value.int(1_000 + round * 1_000 + writer * 10 + step)
              _ = try? await store.write(
                .insert(
                  Insert(
                    models.session,
                    .documents([["_id": number, "patient": .objectID(Clinic.ada)]]))))
              _ = try? await store.write(
                .update(
                  Update(
                    models.patient, where: .document(["_id": .objectID(Clinic.ada)]),
                    .operators(["$set": ["name": "Ada Late", "diagnosis": "late"]]))))
            }
          }
        }
        group.addTask { _ = try? await gdpr.rightToErasure(Clinic.ada, request) }
      }
      let identity = try await Clinic.raw("patients", in: clinic.memory.identity)
      #expect(identity.allSatisfy { $0["_id"] != .objectID(Clinic.ada) })
      let links = Set(identity.compactMap { $0["pseudonym"]?.asString })
      let clinical = try await Clinic.raw("patients", in: clinic.memory.clinical)
      // Every clinical row is Bob's, or kept and marked as nobody's.
      for row in clinical {
        let isLinked = row["pseudonym"]?.asString.map(links.contains) ?? false
        #expect(isLinked || row["_unlinked"] == true)
      }
    }
  }
}

import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@Suite struct FieldPolicyTests {
  private func clinic() async throws -> Clinic {
    var policy = FieldPolicy()
    policy.allow(
      role: "billing", purpose: "payment", on: "Patient", fields: ["name", "email", "address"])
    policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
    policy.restrict("Session")
    policy.emergencyRoles = ["clinician"]
    return try await Clinic { $0.fieldPolicy = policy }
  }

  private func acting(
    _ clinic: Clinic, _ role: String, _ purpose: String, reason: String? = nil
  ) -> any Store {
    clinic.vault.acting(
      as: .init(actor: .user("u"), role: role, purpose: purpose, reason: reason)
    ).store
  }

  @Test func deniedFieldsAreNotAskedFor() async throws {
    let clinic = try await clinic()
    let billing = acting(clinic, "billing", "payment")
    let query = Query(clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]))
    let ada = try #require(try await billing.rows(for: query).documents.first)
    #expect(ada["name"] == "Ada Canary" && ada["role"] == "patient")
    #expect(!ada.contains("diagnosis") && !ada.contains("weight"))
    let clinician = acting(clinic, "clinician", "treatment")
    #expect(try await clinician.rows(for: query).documents.first?["diagnosis"] == "canary-disease")
    #expect(try await clinic.store.rows(for: query).documents.first?["diagnosis"] != nil)
    let other = acting(clinic, "clinician", "research")
    #expect(try await other.rows(for: query).documents.first?.contains("name") == false)
    let exclusion = Query(
      clinic.models.patient, where: query.filter, projection: .document(["name": 0]))
    let less = try #require(try await billing.rows(for: exclusion).documents.first)
    #expect(!less.contains("name") && !less.contains("diagnosis") && less.contains("email"))
  }

  /// What may not be read may not be found out either.
  @Test func nothingIsLearntByAsking() async throws {
    let clinic = try await clinic()
    let billing = acting(clinic, "billing", "payment")
    let model = clinic.models.patient
    let refused: [Query] = [
      Query(model, where: .document(["diagnosis": "J45"])),
      Query(model, where: .document(["$or": [["role": "x"], ["diagnosis": ["$gt": "A"]]]])),
      Query(model, where: .document(["diagnosis": "J45"]), answer: .count),
      Query(model, where: .compare("diagnosis", .equal, "J45"), answer: .exists),
      Query(model, where: .document(["$expr": ["$eq": ["$diagnosis", "J45"]]])),
      Query(model, sort: [SortKey("diagnosis")]), Query(model, answer: .distinct("diagnosis")),
      Query(model, projection: .fields(["diagnosis"])),
      Query(model, projection: .document(["diagnosis": 1])), Query(model, layout: .cells),
      Query(model, where: .document(["$jsonSchema": [:]])),
    ]
    for query in refused {
      let error = await #expect(throws: PrivataError.self) { try await billing.rows(for: query) }
      #expect(error?.code == .accessDenied && error?.fields.contains("diagnosis") == true)
    }
    let stream = try #require(billing as? any StreamingStore)
    await #expect(throws: PrivataError.self) { try await stream.stream(refused[0], batchSize: 1) }
    let pipelines = try #require(billing as? any AggregatingStore)
    await #expect(throws: PrivataError.self) {
      try await pipelines.aggregate(
        [["$match": ["diagnosis": "J45"]]], on: model, options: nil)
    }
    let denials = try await clinic.vault.audit.count(matching: .init(outcome: .refused))
    #expect(denials >= refused.count)
  }

  @Test func changesAreHeldToItToo() async throws {
    let clinic = try await clinic()
    let billing = acting(clinic, "billing", "payment")
    let model = clinic.models.patient
    let refused: [Write] = [
      .update(Update(model, where: .all, .operators(["$set": ["diagnosis": "x"]]))),
      .update(
        Update(model, where: .document(["diagnosis": "J45"]), .operators(["$set": ["name": "x"]]))),
      .update(Update(model, where: .all, .replacement(["name": "x"]))),
      .delete(Delete(model, where: .document(["diagnosis": "J45"]))),
      .bulk([.delete(Delete(model, where: .document(["diagnosis": "J45"])))], isOrdered: true),
    ]
    for write in refused {
      let error = await #expect(throws: PrivataError.self) { try await billing.write(write) }
      #expect(error?.code == .accessDenied)
    }
    let own = Update(
      model, where: .document(["name": "Bob Canary"]), .operators(["$set": ["email": "b@x.org"]]),
      returning: .after)
    let after = try await billing.write(.update(own)).rows?.documents.first
    #expect(after?["email"] == "b@x.org" && after?.contains("diagnosis") == false)
    #expect(try await clinic.find(model).count == 2)
  }

  @Test func breakingTheGlassIsRecordedFirst() async throws {
    let clinic = try await clinic()
    let query = Query(clinic.models.session, where: .document(["_id": 1]))
    let without = acting(clinic, "clinician", "emergency")
    #expect(try await without.rows(for: query).documents.first?.contains("summary") == false)
    let wrong = acting(clinic, "billing", "emergency", reason: "curious")
    #expect(try await wrong.rows(for: query).documents.first?.contains("summary") == false)
    let emergency = acting(clinic, "clinician", "emergency", reason: "unconscious")
    #expect(try await emergency.rows(for: query).documents.first?["summary"] == "canary-note")
    let events = try await clinic.vault.audit.count(matching: .init(action: .breakGlass))
    #expect(events == 1)
  }

  @Test func recordsOfProcessingNameWhatWasUsed() async throws {
    let clinic = try await clinic()
    let query = Query(clinic.models.patient, where: .document(["name": "Bob Canary"]))
    _ = try await acting(clinic, "billing", "payment").rows(for: query)
    let records = try await clinic.vault.processingRecords()
    let patient = try #require(records.activities.first { $0.model == "Patient" })
    #expect(patient.identifying.contains("email") && patient.health.contains("diagnosis"))
    #expect(patient.purposes.contains("payment") && patient.roles.contains("billing"))
    #expect(!records.activities.contains { $0.model == "Clinic" })
    #expect(records.csv.contains("Patient") && !records.json.contains("Bob"))
  }
}

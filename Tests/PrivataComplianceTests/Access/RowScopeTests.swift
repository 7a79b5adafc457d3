import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct RowScopeTests {
  private func clinic(_ change: (inout FieldPolicy) -> Void) async throws -> KeyedClinic {
    var policy = FieldPolicy()
    policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
    policy.allow(role: "clinician", purpose: "treatment", on: "Visit")
    policy.allow(role: "clinician", purpose: "statistics", on: "Patient", fields: ["weight"])
    policy.statisticalPurposes = ["statistics"]
    change(&policy)
    return try await KeyedClinic { $0.fieldPolicy = policy }
  }

  private func count(_ store: any Store, _ model: ModelSchema) async throws -> Int? {
    try await store.rows(for: Query(model, answer: .count)).value(row: 0, column: 0)?.asInt
  }

  private func ward(_ wards: Set<String>) -> AccessDetails {
    var details = AccessDetails()
    details.attributes = ["ward": wards]
    return details
  }

  @Test func countsAndPagesAreOfWhatMayBeSeen() async throws {
    let clinic = try await clinic {
      $0.scope("Patient", role: "clinician", to: .attribute("ward", "ward"))
    }
    let model = clinic.models.patient
    for number in 3..<23 {
      let ward = number.isMultiple(of: 2) ? "north" : "south"
      try await clinic.insert(
        model, [["_id": .string("p\(number)"), "ward": .string(ward), "weight": .int(number)]])
    }
    let north = clinic.acting("dr-7", "clinician", "treatment", ward(["north"])).store
    #expect(try await count(north, model) == 11)
    let page = Query(
      model, projection: .document(["ward": 1]), sort: [SortKey("_id")], skip: 5, limit: 10)
    let wards = try await north.rows(for: page).documents.compactMap { $0["ward"] }
    #expect(wards == Array(repeating: "north", count: 6))
    let pipelines = try #require(north as? any AggregatingStore)
    let groups = try await pipelines.aggregate(
      [["$group": ["_id": "$ward", "n": ["$sum": 1]]]], on: model, options: nil)
    #expect(groups.documents == [["_id": "north", "n": 11]])
    #expect(try await count(clinic.acting("d", "clinician", "treatment").store, model) == 0)
    let both = clinic.acting("d", "clinician", "treatment", ward(["north", "south"])).store
    #expect(try await count(both, model) == 22)
    await clinic.vault.close()
  }

  /// A record that may not be seen answers as one that is not there.
  @Test func forbiddenIsAsAbsent() async throws {
    let clinic = try await clinic {
      $0.scope("Patient", role: "clinician", to: .attribute("ward", "ward"))
    }
    let model = clinic.models.patient
    let north = clinic.acting("dr-7", "clinician", "treatment", ward(["north"])).store
    for id in ["p2", "nobody"] {
      let one = Filter.document(["_id": .string(id)])
      #expect(try await north.rows(for: Query(model, where: one)).isEmpty)
      let exists = try await north.rows(for: Query(model, where: one, answer: .exists))
      #expect(exists.value(row: 0, column: 0)?.asBool == false)
      let update = Update(model, where: one, .operators(["$set": ["name": "x"]]))
      #expect(try await north.write(.update(update)).matched == 0)
      #expect(try await north.write(.delete(Delete(model, where: one))).deleted == 0)
    }
    #expect(try await count(clinic.vault.store, model) == 2)
    await clinic.vault.close()
  }

  @Test func ownRecordsAndOwnPatients() async throws {
    let clinic = try await clinic {
      $0.scope("Visit", role: "clinician", to: .isActor("doctor"))
      $0.scope(
        "Patient", role: "clinician", to: .related("Visit", record: "patient", actor: "doctor"))
    }
    let seven = clinic.acting("dr-7", "clinician", "treatment").store
    let visits = try await seven.rows(for: Query(clinic.models.visit)).documents
    #expect(visits.map { $0["_id"] } == ["v1"])
    let patients = try await seven.rows(for: Query(clinic.models.patient)).documents
    #expect(patients.map { $0["_id"] } == ["p1"])
    let eight = clinic.acting("dr-8", "clinician", "treatment").store
    #expect(try await count(eight, clinic.models.patient) == 2)
    #expect(
      try await count(clinic.acting("x", "clinician", "treatment").store, clinic.models.patient)
        == 0)
    await clinic.vault.close()
  }

  @Test func smallGroupsAreLeftOut() async throws {
    let clinic = try await clinic { _ in }
    let model = clinic.models.patient
    for number in 3..<10 {
      try await clinic.insert(
        model, [["_id": .string("p\(number)"), "ward": "north", "weight": .int(number)]])
    }
    let store = clinic.acting("s", "clinician", "statistics").store
    #expect(await code { _ = try await store.rows(for: Query(model)) } == .accessDenied)
    #expect(try await count(store, model) == 9)
    let south = Query(model, where: .document(["ward": "south"]), answer: .count)
    #expect(try await store.rows(for: south).value(row: 0, column: 0)?.asInt == 0)
    let pipelines = try #require(store as? any AggregatingStore)
    let groups = try await pipelines.aggregate(
      [
        ["$group": ["_id": "$ward", "mean": ["$avg": "$weight"]]], ["$sort": ["_id": 1]],
      ], on: model, options: nil)
    #expect(groups.documents.map { $0["_id"] } == ["north"])
    #expect(groups.documents.first?.keys == ["_id", "mean"])
    for stages: [Document] in [
      [["$match": ["ward": "north"]]], [["$unwind": "$ward"], ["$count": "n"]],
      [["$facet": ["a": [["$limit": 1]]]]],
    ] {
      let refused = await code {
        _ = try await pipelines.aggregate(stages, on: model, options: nil)
      }
      #expect(refused == .accessDenied)
    }
    await clinic.vault.close()
  }
}

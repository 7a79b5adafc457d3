import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

/// An erasure reaches every model that refers to the person, and what refers to those records.
@Suite struct RelatedRecordTests {
  @Test func everyModelAsItDeclares() async throws {
    let dossier = try await DossierVault(people: 4)
    let models = dossier.models
    let friend = Update(
      models.person, where: .document(["_id": 4]), .operators(["$set": ["friends": [2, 3]]]))
    _ = try await dossier.store.write(.update(friend))
    let result = try await dossier.gdpr.rightToErasure(Int64(2), DossierModels.request)
    for model in [models.person, models.letter, models.page, models.invoice] {
      #expect(try await dossier.count(model) == 3, "\(model.name)")
    }
    // A list loses the one name, a record of somebody else stays.
    let four = try await dossier.find(models.person, .document(["_id": 4]))
    #expect(four.first?["friends"] == [3])
    #expect(four.first?["name"] == .string("name \(DossierModels.canary(4))"))
    // Health records stay, of nobody, and can be read.
    let visits = try await dossier.find(models.visit)
    #expect(visits.count == 4)
    let kept = visits.first { $0["_id"]?.asInt == 2 }
    #expect(kept?["person"] == .null && kept?["team"]?.asArray?.contains(2) == false)
    #expect(kept?["summary"] == .string("summary \(DossierModels.canary(2))"))
    let letters = try await Clinic.raw("letters", in: dossier.clinical)
    #expect(letters.count == 4 && letters.count { $0["_unlinked"] == true } == 1)
    let links = letters.compactMap { $0["pseudonym"]?.asString }
    #expect(links.allSatisfy { Pseudonym($0) != nil })
    #expect(result.certificate.statement["destroyedKeys"]?.asArray?.count ?? 0 >= 5)
  }

  @Test func manyRecordsGoInBatches() async throws {
    let dossier = try await DossierVault(people: 2) { $0.joinBatch = 7 }
    let models = dossier.models
    let letters = (100..<130).map { number -> Document in
      [
        "_id": .int(number), "person": 2, "subject": .string("letter-\(number)"),
        "body": .string("body-\(number)"),
      ]
    }
    let pages = (100..<160).map { number -> Document in
      ["_id": .int(number), "letter": .int(100 + number % 30), "text": .string("page-\(number)")]
    }
    let visits = (100..<125).map { number -> Document in
      ["_id": .int(number), "person": 2, "summary": .string("visit-\(number)")]
    }
    for (model, records) in [
      (models.letter, letters), (models.page, pages), (models.visit, visits),
    ] {
      let outcome = try await dossier.store.write(.insert(Insert(model, .documents(records))))
      #expect(outcome.failures.isEmpty)
    }
    var request = DossierModels.request
    request.clinical = .erase
    _ = try await dossier.gdpr.rightToErasure(Int64(2), request)
    for model in [models.person, models.letter, models.page, models.visit, models.invoice] {
      #expect(try await dossier.count(model) == 1, "\(model.name)")
    }
    #expect(try await Clinic.raw("letters", in: dossier.clinical).count == 1)
    // The keys of all that went are destroyed: two persons' records had 60, one person's are left.
    let live = try await Clinic.raw("privata_keys", in: dossier.keys)
      .filter { $0["state"] == "active" && $0["store"] != "index" }
    #expect(live.count <= 6)
  }
}

import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@Suite struct AccessCompletenessTests {
  /// Every value of the person is in the report, none of another.
  @Test func everyValueOfThePersonAndNoOther() async throws {
    let dossier = try await DossierVault(people: 5)
    for person in 1...5 {
      let report = try await dossier.gdpr.rightToAccess(Int64(person))
      #expect(report.isComplete && report.missing.isEmpty)
      let text = report.json
      for word in ["name", "diagnosis", "subject", "body", "text", "summary", "address"] {
        #expect(text.contains("\(word) \(DossierModels.canary(person))"), "\(word)")
      }
      for other in 1...5 where other != person {
        #expect(!text.contains(DossierModels.canary(other)))
      }
      #expect(!text.contains("pseu_"))
      #expect(
        Set(report.records.map(\.model))
          .isSuperset(of: ["Person", "Letter", "Page", "Visit", "Invoice"]))
    }
  }

  /// Also what is restricted belongs to the person.
  @Test func restrictedDataIsInIt() async throws {
    let dossier = try await DossierVault()
    try await dossier.gdpr.rightToRestriction(Int64(2), ground: .accuracyContested)
    let report = try await dossier.gdpr.rightToAccess(Int64(2))
    #expect(report.json.contains("name \(DossierModels.canary(2))"))
    #expect(report.metadata.restrictions == ["accuracyContested"])
  }

  @Test func tellsWhatTheLawAsksFor() async throws {
    let clinic = try await Clinic {
      $0.retention.rules = [
        .after("createdAt", .years(10), DataScope("Patient"), then: .erase),
        .obligation("at", .years(6), DataScope("Session"), ground: .hipaaSixYears),
      ]
      $0.consentPurposes = ["research"]
    }
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    try await gdpr.grantConsent(
      Clinic.ada, Consent(purpose: "research", notice: "study-7", version: 3, method: .signature))
    let context = AccessContext(actor: .user("dr-7"), role: "clinician", purpose: "treatment")
    _ = try await clinic.vault.acting(as: context).store.rows(
      for: Query(clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)])))
    let report = try await gdpr.rightToAccess(Clinic.ada)
    let metadata = report.metadata
    #expect(metadata.purposes.contains("treatment"))
    #expect(metadata.categories == ["Patient: identity, health", "Session: health"])
    #expect(metadata.retention.contains("Patient: 10 years from createdAt"))
    #expect(metadata.retention.contains { $0.hasPrefix("Session: 6 years from at; kept by") })
    #expect(metadata.rights.count == 9 && metadata.rights.contains { $0.contains("Article 77") })
    #expect(metadata.consents.count == 1 && metadata.consents[0].hasPrefix("research: given"))
    let block = try #require(report.document["metadata"]?.asDocument)
    for name in [
      "purposes", "categories", "recipients", "retention", "rights", "source",
      "automatedDecisions", "transfers",
    ] { #expect(block[name]?.asArray != nil, "\(name)") }
    // A model whose rule was taken away makes no report where rules are required.
    let strict = try await Clinic {
      $0.retention = RetentionPolicy(
        [("Patient", "createdAt"), ("Session", "at"), ("Staff", "since")].map {
          .after($0.1, .years(1), DataScope($0.0), then: .review)
        }, isRequired: true)
    }
    _ = try await strict.vault.gdpr(for: strict.models.patient).rightToAccess(Clinic.ada)
  }

  /// Five hundred accesses by twenty people: all are counted, nobody is named.
  @Test func accessesAreCountedAndNobodyIsNamed() async throws {
    let clinic = try await Clinic()
    let query = Query(
      clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]),
      projection: .document(["name": 1]))
    for number in 0..<500 {
      let context = AccessContext(
        actor: .user("actor-\(number % 20)"), role: "role-\(number % 3)", purpose: "treatment")
      _ = try await clinic.vault.acting(as: context).store.rows(for: query)
    }
    let others = Query(
      clinic.models.patient, where: .document(["_id": .objectID(Clinic.bob)]))
    _ = try await clinic.vault.acting(
      as: .init(actor: .user("x"), role: "other-role", purpose: "treatment")
    ).store.rows(for: others)
    let report = try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess(Clinic.ada)
    let reads = report.accesses.filter { $0.purpose == "treatment" }
    #expect(reads.count == 500 && Set(reads.compactMap(\.role)).count == 3)
    #expect(!report.json.contains("actor-") && !report.json.contains("other-role"))
  }

  /// Fields that tell of others are left out, and the person sees that they are.
  @Test func whatTellsOfOthersIsWithheld() async throws {
    let clinic = try await Clinic {
      $0.fieldFacts = [FieldFact(DataScope("Session", ["summary"]), concernsOthers: true)]
    }
    let report = try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess(Clinic.ada)
    #expect(!report.json.contains("canary-note"))
    let withheld = report.withheld.map { "\($0.model).\($0.field) \($0.reason)" }
    #expect(withheld == ["Session.summary rightsOfOthers"])
    #expect(report.document["withheld"]?.asArray?.count == 1)
  }
}

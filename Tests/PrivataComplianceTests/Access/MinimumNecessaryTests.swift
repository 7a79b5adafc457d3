import Foundation
import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct MinimumNecessaryTests {
  private func clinic() async throws -> KeyedClinic {
    var policy = FieldPolicy()
    policy.allow(role: "billing", purpose: "payment", on: "Patient", fields: ["name", "weight"])
    policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
    policy.allow(role: "auditor", purpose: "operations", on: "Patient")
    return try await KeyedClinic { $0.fieldPolicy = policy }
  }

  /// What the caller may not see is not in the statement.
  @Test func theStatementAsksForTheFieldsOnly() async throws {
    let clinic = try await clinic()
    let billing = clinic.acting("b", "billing", "payment").store
    let query = Query(clinic.models.patient, where: .document(["_id": "p1"]))
    var keys: [String] = []
    let sent = try await SentStatements.during {
      keys = try await billing.rows(for: query).documents.first?.keys ?? []
    }
    #expect(Set(keys) == ["_id", "name", "ward", "weight"])
    #expect(
      sent.contains { $0.contains("\"name\"") } && sent.contains { $0.contains("\"weight\"") })
    for text in sent {
      let asked = text.components(separatedBy: "FROM").first ?? ""
      #expect(!asked.contains("\"phone\"") && !asked.contains("\"email\""))
      #expect(!asked.contains("\"diagnosis\""))
    }
    await clinic.vault.close()
  }

  @Test func wholeRecordsNeedAReason() async throws {
    let clinic = try await clinic()
    let query = Query(clinic.models.patient, where: .document(["_id": "p1"]))
    let without = clinic.acting("a", "auditor", "operations").store
    #expect(await code { _ = try await without.rows(for: query) } == .accessDenied)
    let some = Query(
      clinic.models.patient, where: query.filter, projection: .document(["name": 1]))
    #expect(try await without.rows(for: some).documents.first?["name"] == "Ada Canary")
    let with = clinic.acting("a", "auditor", "operations", reason: "complaint 17").store
    #expect(try await with.rows(for: query).documents.first?["diagnosis"] == "canary-disease")
    await clinic.vault.close()
  }

  @Test func exceptionsAreRecordedAsSuch() async throws {
    let clinic = try await clinic()
    let query = Query(clinic.models.patient, where: .document(["_id": "p1"]))
    let treating = clinic.acting("dr-7", "clinician", "treatment").store
    #expect(try await treating.rows(for: query).documents.first?["phone"] == "030 1234567")
    _ = try await clinic.acting("b", "billing", "payment").store.rows(for: query)
    var rules: [String: String] = [:]
    for try await event in clinic.vault.audit.events(matching: .init(model: "Patient")) {
      rules[event.actor.id] = event.rule
    }
    #expect(rules["dr-7"] == "v1 exception" && rules["b"] == "v1 minimum")
    await clinic.vault.close()
  }
}

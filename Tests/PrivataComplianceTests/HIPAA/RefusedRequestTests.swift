import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// Requests that lack something are refused by what they lack, and leave nothing behind.
@Suite struct RefusedRequestTests {
  private let past = DateTime(milliseconds: 0)

  private func hipaa(_ clinic: KeyedClinic) -> HIPAA {
    clinic.vault.hipaa(for: clinic.models.patient)
  }

  @Test func amendments() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = hipaa(clinic)
    #expect(
      await code {
        _ = try await hipaa.requestAmendment("p1", "diagnosis", proposed: "x", reason: "")
      } == .badArgument)
    #expect(
      await code {
        _ = try await hipaa.requestAmendment("nobody", "diagnosis", proposed: "x", reason: "y")
      } == .notFound)
    #expect(
      await code {
        _ = try await hipaa.requestAmendment("p1", "nothing", proposed: "x", reason: "y")
      } == .unknownField)
    let asked = try await hipaa.requestAmendment("p1", "diagnosis", proposed: "x", reason: "y")
    _ = try await hipaa.denyAmendment(asked.id, .accurateAndComplete)
    #expect(
      await code { _ = try await hipaa.denyAmendment(asked.id, .accurateAndComplete) }
        == .badArgument)
    #expect(
      await code { _ = try await hipaa.rebut(amendment: asked.id, statement: "z") }
        == .badArgument)
    #expect(try await hipaa.amendments("p1").count == 1)
    await clinic.vault.close()
  }

  @Test func authorizations() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = hipaa(clinic)
    var authorization = Authorization(
      description: "diagnosis", discloser: "Clinic", recipient: "Acme", purpose: "insurance",
      expirationEvent: "end", signature: .init(signedBy: "Ada", at: .now), fields: ["diagnosis"])
    let number = try await hipaa.authorize("p1", authorization)
    try await hipaa.recordCopy(ofAuthorization: number)
    let copies = AuditEvent.Action(rawValue: "hipaa.authorization.copy")
    #expect(try await clinic.vault.audit.count(matching: .init(action: copies)) == 1)
    authorization.expires = past
    #expect(await code { _ = try await hipaa.authorize("p1", authorization) } == .badArgument)
    #expect(
      await code { try await hipaa.recordCopy(ofAuthorization: "none") } == .notFound)
    await clinic.vault.close()
  }

  @Test func restrictionsAndAddresses() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = hipaa(clinic)
    #expect(
      await code {
        try await hipaa.setCommunication("p1", .alternative(address: "", channel: .phone))
      } == .badArgument)
    #expect(try await hipaa.communication("p1") == nil)
    let wish = RestrictionRequest(fields: ["diagnosis"])
    let asked = try await hipaa.requestRestriction("p1", wish)
    #expect(
      await code {
        _ = try await hipaa.endRestriction(asked.id, personAgrees: true, toldAt: .now)
      } == .badArgument)
    _ = try await hipaa.decideRestriction(asked.id, agreed: true, toldAt: .now)
    #expect(
      await code {
        _ = try await hipaa.decideRestriction(asked.id, agreed: false, toldAt: .now)
      } == .badArgument)
    // Without the person's agreement it goes on for what there is.
    let limited = try await hipaa.endRestriction(asked.id, personAgrees: false, toldAt: .now)
    #expect(limited.state == .agreed)
    #expect(
      await code {
        _ = try await hipaa.requestRestriction(
          "p1", RestrictionRequest(items: [.init("None", "x")]))
      } == .unknownModel)
    await clinic.vault.close()
  }

  @Test func accountings() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = hipaa(clinic)
    let later = DateTime(milliseconds: DateTime.now.milliseconds + 86_400_000)
    for (agency, end) in [("", later), ("Police", past)] {
      #expect(
        await code {
          try await hipaa.suspendAccounting("p1", agency: agency, until: end, isWritten: true)
        } == .badArgument)
    }
    try await hipaa.recordDisclosure(
      "p1",
      Disclosure(
        to: .init("Health office", kind: .authority, address: "1 Main St"), what: "test of May",
        for: .publicHealth, statement: "as the law asks", by: "Billing Ltd"))
    let json = try await hipaa.accountingOfDisclosures("p1").json
    let told = try Document(extendedJSON: json)["disclosures"]?.asArray?.first?.asDocument
    #expect(told?["recipient"] == "Health office" && told?["address"] == "1 Main St")
    #expect(told?["associate"] == "Billing Ltd" && told?["count"]?.asInt == 1)
    #expect(told?["statement"] == "as the law asks" && told?["purpose"] == "publicHealth")
    await clinic.vault.close()
  }

  @Test func programs() async throws {
    let clinic = try await KeyedClinic()
    let program = clinic.vault.program
    #expect(await code { _ = try await program.openIncident("") } == .badArgument)
    #expect(
      await code {
        try await program.defineProtocol("", of: "Patient", purpose: .payment, fields: ["name"])
      } == .badArgument)
    #expect(
      await code {
        try await program.registerAssociate("Acme", agreement: "", isAgent: false)
      } == .badArgument)
    #expect(
      await code {
        _ = try await program.breachDeadline(
          reportedBy: "Nobody", discoveredAt: past, reportedAt: past)
      } == .notFound)
    // A protocol that is defined anew has the new fields.
    let hipaa = hipaa(clinic)
    for fields in [["name", "phone"], ["name"]] as [Set<String>] {
      try await program.defineProtocol(
        "claim", of: "Patient", purpose: .payment, fields: fields)
    }
    let request = DisclosureRequest(
      to: .init("Plan", kind: .healthPlan), purpose: .payment, fields: ["phone"],
      protocol: "claim")
    #expect(await code { _ = try await hipaa.disclose("p1", request) } == .accessDenied)
    let unknown = DisclosureRequest(
      to: .init("Plan", kind: .healthPlan), purpose: .payment, fields: ["name"],
      protocol: "other")
    #expect(await code { _ = try await hipaa.disclose("p1", unknown) } == .accessDenied)
    await clinic.vault.close()
  }

  @Test func disclosures() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = hipaa(clinic)
    func refused(
      _ recipient: String, _ purpose: DisclosurePurpose, related: [String: Set<String>] = [:]
    ) async -> PrivataError.Code? {
      await code {
        _ = try await hipaa.disclose(
          "p1",
          DisclosureRequest(
            to: .init(recipient, kind: .provider), purpose: purpose, fields: ["name"],
            related: related))
      }
    }
    #expect(await refused("", .treatment) == .badArgument)
    #expect(await refused("Lab", .limitedDataSet) == .accessDenied)
    #expect(await refused("Lab", .publicHealth) == .accessDenied)
    #expect(await refused("Lab", .treatment, related: ["Nothing": ["x"]]) == .unknownModel)
    #expect(await refused("Lab", .treatment) == nil)
    await clinic.vault.close()
  }
}

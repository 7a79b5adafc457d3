import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct AuthorizationTests {
  private let complete = Authorization(
    description: "diagnosis of 2025", discloser: "North Clinic", recipient: "Acme Life",
    purpose: "life insurance", expirationEvent: "end of the contract",
    signature: .init(signedBy: "Ada Canary", at: .now), fields: ["diagnosis"])

  @Test func eachElementIsNeeded() {
    #expect(complete.missing.isEmpty)
    func missing(_ change: (inout Authorization) -> Void) -> [String] {
      var authorization = complete
      change(&authorization)
      return authorization.missing
    }
    #expect(missing { $0.description = "" } == ["description"])
    #expect(missing { $0.discloser = "" } == ["discloser"])
    #expect(missing { $0.recipient = "" } == ["recipient"])
    #expect(missing { $0.purpose = "" } == ["purpose"])
    #expect(missing { $0.expirationEvent = nil } == ["expires"])
    #expect(missing { $0.signature = nil } == ["signature"])
    #expect(missing { $0.fields = [] } == ["fields"])
    for statement in [Authorization.Statement.revocation, .conditioning, .redisclosure] {
      #expect(missing { $0.statements.remove(statement) } == ["statements.\(statement.rawValue)"])
    }
    #expect(missing { $0.kind = .sale } == ["statements.remuneration"])
    #expect(
      missing {
        $0.kind = .psychotherapyNotes
        $0.combinedWith = [.general]
      } == ["combinedWith"])
    #expect(missing { $0.combinedWith = [.research] }.isEmpty)
  }

  private func disclose(
    _ clinic: KeyedClinic, _ number: String?, to name: String = "Acme Life",
    fields: Set<String> = ["diagnosis"]
  ) async -> PrivataError.Code? {
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    return await code {
      let request = DisclosureRequest(
        to: .init(name, kind: .other), purpose: .authorization, fields: fields,
        authorization: number)
      let disclosed = try await hipaa.disclose("p1", request)
      #expect(disclosed.record == ["_id": "p1", "diagnosis": "canary-disease"])
    }
  }

  @Test func whatItCoversIsDisclosed() async throws {
    let clock = TestClock()
    let clinic = try await KeyedClinic(clock) { options in
      var hipaa = HIPAAOptions()
      hipaa.clock = { clock.now }
      options.hipaa = hipaa
    }
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    var authorization = complete
    authorization.expires = DateTime(milliseconds: clock.now.milliseconds + 86_400_000)
    let number = try await hipaa.authorize("p1", authorization)
    #expect(await disclose(clinic, number) == nil)
    #expect(await disclose(clinic, nil) == .accessDenied)
    #expect(await disclose(clinic, "nothing") == .notFound)
    #expect(await disclose(clinic, number, to: "Other Life") == .accessDenied)
    #expect(await disclose(clinic, number, fields: ["diagnosis", "name"]) == .accessDenied)
    let bob = try await hipaa.authorize("p2", authorization)
    #expect(await disclose(clinic, bob) == .accessDenied)
    clock.advance(minutes: 25 * 60)
    #expect(await disclose(clinic, number) == .accessDenied)
    authorization.statements = []
    #expect(await code { _ = try await hipaa.authorize("p1", authorization) } == .badArgument)
    #expect(await code { _ = try await hipaa.authorize("nobody", complete) } == .notFound)
    await clinic.vault.close()
    #expect(try !clinic.holds("life insurance"))
  }

  @Test func aRevocationStopsTheNextPage() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    var authorization = complete
    authorization.fields = ["Visit.nothing"]
    #expect(await code { _ = try await hipaa.authorize("p1", authorization) } == .unknownField)
    authorization.fields = ["diagnosis", "Visit.summary"]
    let number = try await hipaa.authorize("p1", authorization)
    let request = DisclosureRequest(
      to: .init("Acme Life", kind: .other), purpose: .authorization, fields: [],
      related: ["Visit": ["summary"]], authorization: number)
    var sent: [Document] = []
    let found = await code {
      _ = try await hipaa.disclose("p1", request, pageSize: 1) { _, page in
        sent += page
        try await hipaa.revokeAuthorization(number, by: "p1")
      }
    }
    #expect(found == .accessDenied)
    #expect(sent == [["_id": "v1", "summary": "canary-visit-one"]])
    #expect(await code { _ = try await hipaa.disclose("p1", request) } == .accessDenied)
    #expect(
      await code { try await hipaa.revokeAuthorization(number, by: "p2") } == .badArgument)
    await clinic.vault.close()
  }

  /// Psychotherapy notes are for who wrote them, and go out under an authorization of their own.
  @Test func notesAreForWhoWroteThem() async throws {
    let clinic = try await KeyedClinic { options in
      var policy = FieldPolicy()
      policy.allow(role: "clinician", purpose: "treatment", on: "Visit")
      policy.reserve("process", on: "Visit", writtenBy: "doctor")
      options.fieldPolicy = policy
    }
    let visit = clinic.models.visit
    let seven = clinic.acting("dr-7", "clinician", "treatment").store
    let plain = try await seven.rows(for: Query(visit)).documents
    #expect(plain.count == 3 && !plain.contains { $0.contains("process") })
    let asked = Query(visit, projection: .document(["process": 1]))
    #expect(
      try await seven.rows(for: asked).documents == [["_id": "v1", "process": "canary-process"]])
    let probe = Query(visit, where: .document(["process": "x"]), answer: .count)
    #expect(try await seven.rows(for: probe).value(row: 0, column: 0)?.asInt == 0)
    let copy = try await clinic.vault.hipaa(for: clinic.models.patient).rightOfAccess("p1")
    #expect(!copy.text.contains("canary-process") && copy.text.contains("canary-visit-one"))
    let hipaa = clinic.vault.hipaa(for: visit)
    func disclose(_ number: String?) async -> PrivataError.Code? {
      await code {
        _ = try await hipaa.disclose(
          "v1",
          DisclosureRequest(
            to: .init("Acme Life", kind: .provider), purpose: .treatment, fields: ["process"],
            authorization: number))
      }
    }
    #expect(await disclose(nil) == .accessDenied)
    var authorization = complete
    authorization.fields = ["process"]
    let general = try await hipaa.authorize("v1", authorization)
    #expect(await disclose(general) == .accessDenied)
    authorization.kind = .psychotherapyNotes
    let own = try await hipaa.authorize("v1", authorization)
    #expect(await disclose(own) == nil)
    await clinic.vault.close()
  }
}

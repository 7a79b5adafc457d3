import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// The ground decides how far an erasure reaches.
@Suite struct ErasureGroundTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let ground: LegalBasis
    let scope: [DataScope]?
    /// Texts that must go from the raw stores, and texts that must stay there.
    let gone: [String]
    let stays: [String]

    var testDescription: String { ground.rawValue }
  }

  static let cases = [
    Case(
      ground: .noLongerNecessary, scope: [DataScope("Session")], gone: ["canary-note"],
      stays: ["Ada Canary", "ada.canary@example.org", "canary-disease"]),
    Case(
      ground: .consentWithdrawn, scope: [DataScope("Patient", ["email"])],
      gone: ["ada.canary@example.org"], stays: ["Ada Canary", "canary-disease", "canary-note"]),
    Case(
      ground: .objection, scope: [DataScope("Patient", ["email", "name"])],
      gone: ["ada.canary@example.org", "Ada Canary"], stays: ["canary-disease", "canary-note"]),
    Case(
      ground: .unlawfulProcessing,
      scope: [DataScope("Patient", ["diagnosis"]), DataScope("Session", ["summary"])],
      gone: ["canary-disease", "canary-note"], stays: ["Ada Canary", "ada.canary@example.org"]),
    Case(
      ground: .legalObligation, scope: [DataScope("Patient", ["name", "diagnosis"])],
      gone: ["Ada Canary", "canary-disease"], stays: ["ada.canary@example.org", "canary-note"]),
    Case(
      ground: .childService, scope: nil, gone: ["Ada Canary", "ada.canary@example.org"],
      stays: ["Bob Canary", "canary-disease"]),
  ]

  @Test(arguments: cases)
  func reachesWhatTheGroundReaches(_ one: Case) async throws {
    let clinic = try await Clinic()
    var request = ErasureRequest(requestedBy: Clinic.ada, reason: "r", legalBasis: one.ground)
    request.scope = one.scope
    let before = try await text(clinic)
    for word in one.gone + one.stays { #expect(before.contains(word), "\(word)") }
    let result = try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToErasure(Clinic.ada, request)
    #expect(result.success && result.identityDeleted == (one.scope == nil))
    let after = try await text(clinic)
    for word in one.gone { #expect(!after.contains(word), "\(word)") }
    for word in one.stays { #expect(after.contains(word), "\(word)") }
    let certificate = result.certificate
    #expect(certificate.statement["legalBasis"] == .string(one.ground.rawValue))
    #expect((certificate.statement["scope"] != nil) == (one.scope != nil))
    #expect(certificate.isValid(publicKey: clinic.vault.audit.publicKey))
    let left = try await clinic.find(clinic.models.patient).count
    #expect(left == (one.scope == nil ? 1 : 2))
    // A part was erased, so the whole can be asked for still.
    guard one.scope != nil else { return }
    request.scope = nil
    let whole = try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToErasure(Clinic.ada, request)
    #expect(!whole.wasErasedBefore && whole.identityDeleted)
  }

  @Test func refusesWhatCannotBeErasedAlone() async throws {
    let clinic = try await Clinic()
    let cases: [([DataScope], PrivataError.Code)] = [
      ([], .badArgument), ([DataScope("Patient")], .badArgument),
      ([DataScope("Patient", ["_id"])], .badArgument),
      ([DataScope("Patient", ["nothing"])], .unknownField),
      ([DataScope("Nothing")], .unknownModel),
    ]
    for (scope, code) in cases {
      var request = ErasureRequest(requestedBy: Clinic.ada, reason: "r", legalBasis: .objection)
      request.scope = scope
      let error = await #expect(throws: PrivataError.self) {
        try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure(Clinic.ada, request)
      }
      #expect(error?.code == code, "\(scope)")
    }
    #expect(try await clinic.find(clinic.models.patient).count == 2)
  }

  private func text(_ clinic: Clinic) async throws -> String {
    var text = ""
    for store in [clinic.memory.identity, clinic.memory.clinical] {
      for name in ["patients", "sessions"] {
        for row in try await Clinic.raw(name, in: store) { text += row.extendedJSON(.canonical) }
      }
    }
    return text
  }
}

import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

/// What a law or a hold has kept is kept, with its reason, away from every query; the rest goes.
@Suite struct ErasureExceptionTests {
  private let request = DossierModels.request

  private func date(_ text: String) throws -> DateTime { try #require(DateTime(iso8601: text)) }

  @Test func whatTheLawKeepsIsSealedAwayAndTheRestGoes() async throws {
    let dossier = try await DossierVault { $0.retention.rules = [DossierModels.obligation] }
    let result = try await dossier.gdpr.rightToErasure(Int64(2), request)
    #expect(result.success && result.state == .attested)
    let kept = try #require(result.retained.first)
    #expect(result.retained.count == 1)
    #expect(kept.scope == DataScope("Invoice") && kept.count == 1)
    #expect(kept.ground.rawValue == "GDPR Article 17(3)(b): tax law")
    #expect(kept.until.map { $0.year == DateTime.now.year + 10 } == true)
    for model in [dossier.models.person, dossier.models.letter, dossier.models.invoice] {
      #expect(try await dossier.count(model) == 2, "\(model.name)")
    }
    #expect(!(try await dossier.raw()).contains(DossierModels.canary(2)))
    let refused = await #expect(throws: PrivataError.self) {
      try await dossier.gdpr.retained(Int64(2))
    }
    #expect(refused?.code == .accessDenied)
    let records = try await dossier.acting("legalObligation").retained(Int64(2))
    #expect(records.map(\.model) == ["Invoice"])
    #expect(records[0].fields["address"] == .string("address \(DossierModels.canary(2))"))
    #expect(try await dossier.acting("legalObligation").retained(Int64(3)).isEmpty)
  }

  /// At the end of the period it goes without a further request.
  @Test func theEndOfThePeriodEndsTheException() async throws {
    let dossier = try await DossierVault { $0.retention.rules = [DossierModels.obligation] }
    _ = try await dossier.gdpr.rightToErasure(Int64(2), request)
    let year: Int64 = 366 * 86_400_000
    let early = DateTime(milliseconds: DateTime.now.milliseconds + 9 * year)
    let late = DateTime(milliseconds: DateTime.now.milliseconds + 11 * year)
    #expect(try await dossier.vault.retention.run(now: early).retainedErased == 0)
    #expect(try await dossier.acting("legalClaims").retained(Int64(2)).count == 1)
    #expect(try await dossier.vault.retention.run(now: late).retainedErased == 1)
    #expect(try await dossier.acting("legalClaims").retained(Int64(2)).isEmpty)
    #expect(try await Clinic.raw("privata_retained", in: dossier.identity).isEmpty)
  }

  /// An invoice from twelve years ago is kept by no law any more.
  @Test func anObligationThatEndedKeepsNothing() async throws {
    let dossier = try await DossierVault(people: 1) {
      $0.retention.rules = [DossierModels.obligation]
    }
    try await dossier.models.insert(
      2, into: dossier.store, issuedAt: DateTime(milliseconds: 1_200_000_000_000))
    let result = try await dossier.gdpr.rightToErasure(Int64(2), request)
    #expect(result.retained.isEmpty)
    #expect(try await dossier.acting("legalObligation").retained(Int64(2)).isEmpty)
    #expect(try await dossier.count(dossier.models.invoice) == 1)
  }

  /// One field of ten is kept, readable for its purpose alone; at its end it goes.
  @Test func oneFieldIsKeptAndNineGo() async throws {
    let fields = (0..<9).map { FieldSchema("f\($0)", .string, privacy: .pii) }
    let model = ModelSchema(
      name: "Account", collection: "accounts",
      fields: [FieldSchema("_id", .int64, isOptional: false)] + fields + [
        FieldSchema("taxID", .string, privacy: .pii)
      ], isOpen: true)
    let memory = try await MemoryVault()
    try await memory.vault.store.prepare([model])
    var record: Document = ["_id": 1, "taxID": "kept-value"]
    for field in fields { record[field.name] = .string("gone-value-\(field.name)") }
    _ = try await memory.vault.store.write(.insert(Insert(model, .documents([record]))))
    let end = DateTime(milliseconds: DateTime.now.milliseconds + 86_400_000)
    var request = request
    request.exceptions = [
      ErasureException(
        DataScope("Account", ["taxID"]), ground: .legalObligation("tax law"), until: end)
    ]
    let result = try await memory.vault.gdpr(for: model).rightToErasure(Int64(1), request)
    #expect(result.retained.map(\.until) == [end])
    #expect(result.certificate.json.contains("taxID"))
    #expect(try await Clinic.raw("accounts", in: memory.identity).isEmpty)
    let archive = try await Clinic.raw("privata_retained", in: memory.identity)
    let text = archive.map { $0.extendedJSON(.canonical) }.joined()
    #expect(archive.count == 1 && !text.contains("kept-value") && !text.contains("gone-value"))
    let law = memory.vault.acting(
      as: .init(actor: .user("c"), role: "clerk", purpose: "legalObligation"))
    let kept = try await law.gdpr(for: model).retained(Int64(1))
    #expect(kept.map(\.fields) == [["_id": 1, "taxID": "kept-value"]])
    let later = DateTime(milliseconds: end.milliseconds + 1)
    #expect(try await memory.vault.retention.run(now: later).retainedErased == 1)
    #expect(try await law.gdpr(for: model).retained(Int64(1)).isEmpty)
  }

  /// Six years from when a document was last in effect: what is younger stays, sealed, what is older
  /// goes.
  @Test func hipaaKeepsSixYears() async throws {
    let (memory, person) = try await clinicWithForms()
    var request = request
    request.clinical = .erase
    let result = try await memory.vault.gdpr(for: person).rightToErasure(Int64(1), request)
    #expect(result.retained.map(\.count) == [2])
    #expect(result.retained.first?.ground == .hipaaSixYears)
    #expect(try await Clinic.raw("authorisations", in: memory.clinical).isEmpty)
    let clerk = memory.vault.acting(
      as: .init(actor: .user("c"), role: "clerk", purpose: "legalObligation"))
    let kept = try await clerk.gdpr(for: person).retained(Int64(1))
    #expect(Set(kept.compactMap { $0.fields["text"]?.asString }) == ["form-1", "form-5"])
    // Health data stays in the clinical store, sealed.
    #expect(try await Clinic.raw("privata_retained", in: memory.identity).isEmpty)
    #expect(try await Clinic.raw("privata_retained", in: memory.clinical).count == 2)
  }

  /// A patient with documents that were last in effect one, five and seven years ago.
  private func clinicWithForms() async throws -> (MemoryVault, ModelSchema) {
    let person = ModelSchema(
      name: "Patient", collection: "patients",
      fields: [
        FieldSchema("_id", .int64, isOptional: false), FieldSchema("name", .string, privacy: .pii),
      ], isOpen: true)
    let form = ModelSchema(
      name: "Authorisation", collection: "authorisations",
      fields: [
        FieldSchema("_id", .int64, isOptional: false),
        FieldSchema("patient", .int64, reference: Reference("Patient", onDelete: .cascade)),
        FieldSchema("effectiveUntil", .date), FieldSchema("text", .string, privacy: .phi),
      ], isOpen: true)
    let memory = try await MemoryVault {
      $0.retention.rules = [
        .obligation(
          "effectiveUntil", .years(6), DataScope("Authorisation"), ground: .hipaaSixYears)
      ]
    }
    let store = memory.vault.store
    try await store.prepare([person, form])
    let insert = Insert(person, .documents([["_id": 1, "name": "Ada Canary"]]))
    _ = try await store.write(.insert(insert))
    let year: Int64 = 365 * 86_400_000
    let forms = [1, 5, 7].map { (age: Int64) -> Document in
      [
        "_id": .int64(age), "patient": 1, "text": .string("form-\(age)"),
        "effectiveUntil": .date(DateTime(milliseconds: DateTime.now.milliseconds - age * year)),
      ]
    }
    _ = try await store.write(.insert(Insert(form, .documents(forms))))
    return (memory, person)
  }

  // MARK: - Holds

  @Test func aHoldOnAPartKeepsThatPartUntilItIsReleased() async throws {
    let dossier = try await DossierVault()
    try await dossier.gdpr.placeHold(Int64(2), matter: "M-12", scope: [DataScope("Visit")])
    var request = request
    request.clinical = .erase
    let result = try await dossier.gdpr.rightToErasure(Int64(2), request)
    #expect(result.state == .onHold)
    #expect(result.retained.map(\.matter) == ["M-12"])
    #expect(!(try await dossier.raw()).contains(DossierModels.canary(2)))
    let kept = try await dossier.acting("legalClaims").retained(Int64(2))
    let summaries = kept.compactMap { $0.fields["summary"]?.asString }
    #expect(summaries.contains("summary \(DossierModels.canary(2))"))
    let alone = await #expect(throws: PrivataError.self) {
      try await dossier.gdpr.releaseHold(Int64(2), matter: "M-12", approvedBy: .system)
    }
    #expect(alone?.code == .accessDenied)
    try await dossier.gdpr.releaseHold(Int64(2), matter: "M-12", approvedBy: .user("judge"))
    #expect(try await dossier.acting("legalClaims").retained(Int64(2)).isEmpty)
    #expect(try await Clinic.raw("privata_retained", in: dossier.clinical).isEmpty)
  }

  @Test func anErasureUnderAHoldOnThePersonBeginsWithItsRelease() async throws {
    let dossier = try await DossierVault()
    try await dossier.gdpr.placeHold(Int64(2), matter: "M-13")
    for _ in 0..<2 {
      let held = await #expect(throws: PrivataError.self) {
        try await dossier.gdpr.rightToErasure(Int64(2), request)
      }
      #expect(held?.code == .legalHold)
    }
    let open = try await dossier.vault.erasures.open()
    #expect(open.count == 1 && open[0].isOnHold && !open[0].needsOperator)
    // Kept and nothing else.
    #expect(try await dossier.count(dossier.models.person) == 2)
    #expect(try await dossier.gdpr.restrictions(Int64(2)) == [.neededForClaims])
    #expect(try await !dossier.vault.erasures.resume(open[0].sagaID))
    try await dossier.gdpr.releaseHold(Int64(2), matter: "M-13", approvedBy: .user("judge"))
    #expect(try await dossier.vault.erasures.open().isEmpty)
    #expect(!(try await dossier.raw()).contains(DossierModels.canary(2)))
    let again = try await dossier.gdpr.rightToErasure(Int64(2), request)
    #expect(again.wasErasedBefore && again.sagaID == open[0].sagaID)
  }
}

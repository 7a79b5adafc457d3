import MongoStyle
import PrivataCompliance
import PrivataCore
import TestPlaces
import Testing

/// What a person can ask for, on every pair of stores, checked by a look into the raw stores.
@Suite(.serialized) struct PersonRightsTests {
  static let pairs = VaultPathTests.pairs

  private let request = ErasureRequest(
    requestedBy: VaultPathClinic.ada, reason: "asked by letter", legalBasis: .article17)

  @Test(arguments: pairs) func accessAnswersEverythingOfOnePerson(_ pair: Pair) async throws {
    try await VaultPathClinic.with(pair) { clinic in
      let report = try await clinic.people.gdpr.rightToAccess(VaultPathClinic.ada)
      for text in ["pii-ada", "pii-ada@example.org", "phi-asthma", "phi-first"] {
        #expect(report.json.contains(text), "\(text), \(pair)")
      }
      for text in ["phi-flu", "pseu_", "dr-7"] {
        #expect(!report.json.contains(text), "\(text), \(pair)")
      }
      let selection = AuditSelection(
        model: "Person", action: .access, actor: "dr-7", record: .objectID(VaultPathClinic.ada))
      let count = try await clinic.vault.audit.count(matching: selection)
      #expect(count == 1)
    }
  }

  @Test(arguments: pairs) func erasureLeavesNoWayBack(_ pair: Pair) async throws {
    try await VaultPathClinic.with(pair) { clinic in
      let before = RawContents.pseudonyms(try RawContents.live(clinic.places.identity))
      let result = try await clinic.people.gdpr.rightToErasure(VaultPathClinic.ada, request)
      #expect(result.success && result.identityDeleted && result.clinicalPreserved)
      #expect(result.certificate.isValid(publicKey: clinic.vault.audit.publicKey))
      let identity = try RawContents.live(clinic.places.identity)
      let clinical = try RawContents.live(clinic.places.clinical)
      let id = VaultPathClinic.ada.description
      for text in ["pii-ada", id] where text != id || pair.identity != .mongo {
        #expect(!identity.lowercased().contains(text), "\(text), \(pair)")
      }
      #expect(identity.contains("pii-bob") && clinical.contains("phi-flu"))
      // The health data is kept, and nothing leads from it to anybody.
      #expect(clinical.contains("phi-asthma") && clinical.contains("phi-first"))
      let left = RawContents.pseudonyms(identity)
      #expect(left.isSubset(of: before) && left.count == before.count - 1)
      let gone = before.subtracting(left)
      #expect(gone.allSatisfy { !clinical.contains($0) }, "the old pseudonym, \(pair)")
      let fresh = try #require(result.pseudonym).text
      #expect(clinical.contains(fresh) && !identity.contains(fresh))
      let found = try await clinic.people.find().select("name").lean().exec()
      let count = try await clinic.people.countDocuments(["diagnosis": "phi-asthma"]).exec()
      #expect(found.map { $0["name"] } == ["pii-bob"] && count == 0)
      let verification = try await clinic.vault.audit.verify()
      #expect(verification.isValid)
      // Closed, a file holds nothing of what was deleted either.
      await clinic.vault.close()
      let bytes = try RawContents.dump(clinic.places.identity)
      #expect(!bytes.contains("pii-ada"), "\(pair)")
    }
  }

  @Test(arguments: pairs) func nobodyInParticularGetsNothing(_ pair: Pair) async throws {
    try await VaultPathClinic.with(pair, isAnonymous: true) { clinic in
      let gdpr = try clinic.people.gdpr
      let access = await #expect(throws: PrivataError.self) {
        _ = try await gdpr.rightToAccess(VaultPathClinic.ada)
      }
      let erasure = await #expect(throws: PrivataError.self) {
        _ = try await gdpr.rightToErasure(VaultPathClinic.ada, request)
      }
      #expect(access?.code == .contextRequired && erasure?.code == .contextRequired)
      let refused = try await clinic.vault.audit.count(matching: .init(outcome: .refused))
      #expect(refused == 2)
      let identity = try RawContents.live(clinic.places.identity)
      #expect(identity.contains("pii-ada"))
    }
  }
}

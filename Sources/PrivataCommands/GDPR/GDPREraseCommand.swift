internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata gdpr erase`.
struct GDPREraseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase", abstract: "Erases a person and writes the certificate (Article 17).",
    discussion: """
      The clinical half is kept under a fresh pseudonym that nobody is linked to, unless \
      --with-clinical asks for its deletion. Interrupted, the same command goes on.
      """)

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var subject: SubjectOptionGroup

  @Option(help: "Who asked: subject, or the name of an office.")
  var requestedBy: String

  @Option(help: "Why, in words that name no person; kept nowhere.")
  var reason: String

  @Option(help: "The letter of Article 17(1) on which it rests, a to f.")
  var basis: String?

  @Flag(help: "Deletes the clinical half too.")
  var withClinical = false

  @Flag(help: "Adds the proof that the erasure is in the audit log to the certificate.")
  var prove = false

  @Option(help: "The file for the certificate; it is printed where nothing is said.")
  var out: String?

  func run() async throws {
    try await withVault(vault) { vault in
      if let out, Files.exists(out) {
        throw PrivataError.option("--out", "\(out) is there already; it is not written over")
      }
      let (rights, id) = try await subject.resolve(vault)
      let request = ErasureRequest(
        requestedBy: requestedBy == "subject" ? id : .string(requestedBy), reason: reason,
        legalBasis: try legalBasis(), clinical: withClinical ? .erase : nil)
      let result = try await rights.rightToErasure(id, request)
      let json =
        prove ? try await vault.proven(result.certificate).json : result.certificate.json
      if let out { try Files.write(json + "\n", to: out, "--out") }
      var answer: Document = [
        "erased": .bool(result.success), "saga": .string(result.sagaID),
        "identityDeleted": .bool(result.identityDeleted),
        "clinicalPreserved": .bool(result.clinicalPreserved),
        "erasedBefore": .bool(result.wasErasedBefore),
      ]
      answer["certificate"] = .string(out ?? json)
      say(answer, asJSON: self.vault.json)
    }
  }

  private func legalBasis() throws(PrivataError) -> LegalBasis {
    guard let basis else { return .article17 }
    let known: [String: LegalBasis] = [
      "a": .noLongerNecessary, "b": .consentWithdrawn, "c": .objection, "d": .unlawfulProcessing,
      "e": .legalObligation, "f": .childService,
    ]
    guard let known = known[basis] else {
      throw .option("--basis", "a letter of Article 17(1), a to f")
    }
    return known
  }
}

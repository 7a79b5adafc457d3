internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata report compliance`.
struct ReportComplianceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compliance",
    abstract: "What happened in a period, and what is still to be done: facts, and no score.")

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var period: PeriodOptionGroup
  @OptionGroup var output: ReportOutputGroup

  @Option(help: "json or html.")
  var format = "json"

  func run() async throws {
    try await withVault(vault) { vault in
      let (from, to) = try period.resolve()
      let facts = try await vault.complianceReport(from: from, to: to)
      let text = try report(format, ["json": { facts.json }, "html": { facts.html }])
      try output.put(
        text,
        [
          "auditIsWhole": .bool(facts.auditIsWhole),
          "openRequests": .int64(Int64(facts.openRequests)),
          "overdueRequests": .int64(Int64(facts.overdueRequests)),
        ], asJSON: self.vault.json)
    }
  }
}

/// `privata report evidence`: collects evidence, or checks what was collected.
struct ReportEvidenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence", abstract: "What shows that the law was kept, signed (Article 5(2)).",
    discussion: """
      With --verify a bundle is checked without the vault, by the public key that \
      'privata keys status' shows. What is missing is in the bundle as a gap.
      """)

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var period: PeriodOptionGroup
  @OptionGroup var output: ReportOutputGroup

  @Option(help: "A bundle to be checked.")
  var verify: String?

  @Option(help: "The vault's public key in hexadecimal digits.")
  var publicKey: String?

  func run() async throws {
    if let verify {
      try await reporting(asJSON: vault.json) { try check(verify) }
      return
    }
    try await withVault(vault) { vault in
      let (from, to) = try period.resolve()
      let bundle = try await vault.evidence(from: from, to: to)
      try output.put(bundle.json, facts(bundle), asJSON: self.vault.json)
    }
  }

  private func check(_ path: String) throws(PrivataError) {
    let key = try PublicKeyText.bytes(publicKey)
    let text = String(decoding: try Files.read(path, "--verify"), as: UTF8.self)
    let bundle = try EvidenceBundle(json: text.trimmed)
    try bundle.verify(publicKey: key)
    var answer: Document = ["valid": true]
    for element in facts(bundle).elements { answer[element.key] = element.value }
    say(answer, asJSON: vault.json)
  }

  private func facts(_ bundle: EvidenceBundle) -> Document {
    [
      "members": .array(bundle.members.map { .string($0.name) }),
      "gaps": .array(bundle.gaps.map { .string($0) }),
    ]
  }
}

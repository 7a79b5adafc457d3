internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata report records`.
struct ReportRecordsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "records", abstract: "The records of processing activities (Article 30).",
    discussion: """
      Ends with 2 where --no-drift is said and something was done that no register knows.
      """)

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var output: ReportOutputGroup

  @Option(help: "json, csv or html.")
  var format = "json"

  @Option(help: "The records of a processor in place of the controller's: Article 30(2).")
  var processor: String?

  @Flag(help: "Refuses differences between what is registered and what was done.")
  var noDrift = false

  func run() async throws {
    try await withVault(vault) { vault in
      let records = try await vault.processingRecords()
      let facts: Document = [
        "activities": .int64(Int64(records.activities.count)),
        "drift": .int64(Int64(records.drift.count)),
      ]
      try output.put(try text(records), facts, asJSON: self.vault.json)
      if noDrift, !records.drift.isEmpty { throw Exit.doesNotHold }
    }
  }

  private func text(_ records: ProcessingRecords) throws(PrivataError) -> String {
    guard let processor else {
      return try report(
        format, ["json": { records.json }, "csv": { records.csv }, "html": { records.html }])
    }
    guard let own = records.processorRecords(of: processor) else {
      throw PrivataError(.notFound, "--processor: there is no processor \(processor)")
    }
    return own.extendedJSON(.relaxed)
  }
}

/// `privata report impact`.
struct ReportImpactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "impact", abstract: "Drafts the impact assessment of a model (Article 35).",
    discussion: """
      With --check, of all models: ends with 2 where one needs an assessment and none was approved \
      for what it is now.
      """)

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var output: ReportOutputGroup

  @Option(help: "The model.")
  var model: String?

  @Flag(help: "Checks the approvals of all models.")
  var check = false

  func run() async throws {
    try await withVault(vault) { vault in
      if check {
        try await holds(asJSON: self.vault.json) { try await vault.checkImpactAssessments() }
        return
      }
      guard let model else { throw PrivataError.option("--model", "name a model, or --check") }
      let draft = try await vault.impactAssessment(
        of: try await vault.model(model, option: "--model").name)
      let facts: Document = [
        "isNeeded": .bool(draft.isNeeded), "hash": .string(draft.hash),
        "isApproved": .bool(vault.approval(of: draft.model)?.hash == draft.hash),
      ]
      try output.put(draft.json, facts, asJSON: self.vault.json)
    }
  }
}

/// `privata report posture`.
struct ReportPostureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "posture", abstract: "Which measures of protection are on (Articles 25 and 32).",
    discussion: """
      With --require, as 'encryption,separation': ends with 2 where a model lacks one of them.
      """)

  @OptionGroup var vault: VaultOptionGroup

  @Option(help: "The measures that every model must have, divided by commas.")
  var require: String?

  func run() async throws {
    try await withVault(vault) { vault in
      if let require {
        let controls = try controls(require)
        try await holds(asJSON: self.vault.json) { try vault.require(controls) }
        return
      }
      for posture in vault.posture() {
        if self.vault.json {
          say(posture.document.extendedJSON(.relaxed))
        } else {
          let off = posture.weaknesses.map(\.rawValue).joined(separator: ", ")
          say("\(posture.model)  " + (off.isEmpty ? "all measures on" : "off: \(off)"))
        }
      }
    }
  }

  private func controls(_ text: String) throws(PrivataError) -> Set<Posture.Control> {
    var controls: Set<Posture.Control> = []
    for name in text.split(separator: ",") {
      guard let control = Posture.Control(rawValue: String(name)) else {
        let known = Posture.Control.allCases.map(\.rawValue).joined(separator: ", ")
        throw .option("--require", "there is no measure \(name); there are \(known)")
      }
      controls.insert(control)
    }
    return controls
  }
}

/// `privata report notices`.
struct ReportNoticesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices", abstract: "The notices, and who is still to be told (Articles 13, 14).",
    discussion: """
      With --check: ends with 2 where a notice is overtaken, or somebody was to be told by now.
      """)

  @OptionGroup var vault: VaultOptionGroup

  @Flag(help: "Refuses notices that are overtaken, and duties that are overdue.")
  var check = false

  func run() async throws {
    try await withVault(vault) { vault in
      let notices = vault.notices
      // Without the application's options nothing is known of its rules of retention.
      let outdated = notices.outdated(
        comparingRetention: CommandEnvironment.current.openVault != nil)
      let duties = try await notices.duties()
      let overdue = duties.count { $0.dueAt.map { $0 < .now } ?? false }
      say(
        [
          "current": .array(
            notices.current.map { .string("\($0.name) \($0.version) \($0.locale)") }),
          "outdated": .array(outdated.map { .string($0) }),
          "personsToInform": .int64(Int64(duties.count)), "overdue": .int64(Int64(overdue)),
        ], asJSON: self.vault.json)
      if check, !outdated.isEmpty || overdue > 0 { throw Exit.doesNotHold }
    }
  }
}

/// Runs a check: what it finds is the answer, and ends with 2.
func holds(asJSON isJSON: Bool, _ check: () async throws -> Void) async throws {
  do {
    try await check()
    say(["holds": true], asJSON: isJSON)
  } catch let error as PrivataError where error.code == .validation {
    say(
      ["holds": false, "missing": .array(error.fields.map { .string($0) })], asJSON: isJSON)
    throw Exit.doesNotHold
  }
}

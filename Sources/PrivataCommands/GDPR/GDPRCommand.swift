internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata gdpr`.
struct GDPRCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gdpr", abstract: "The rights of persons: access, erasure, portability.",
    subcommands: [
      GDPRAccessCommand.self, GDPREraseCommand.self, GDPRExportCommand.self,
      GDPRRequestsCommand.self, GDPRVerifyCommand.self, GDPRReplayCommand.self,
    ])
}

/// The options that name a person.
struct SubjectOptionGroup: ParsableArguments {
  @Option(help: "The model that holds persons.")
  var model: String

  @Option(help: "The person's id; env:NAME keeps it out of the process list.")
  var id: String

  func resolve(_ vault: Vault) async throws(PrivataError) -> (rights: GDPR, id: Value) {
    let model = try await vault.model(model, option: "--model")
    var text = id
    if id.hasPrefix("env:") {
      let name = String(id.dropFirst(4))
      guard let value = CommandEnvironment.current.variable(name) else {
        throw .option("--id", "the environment has no variable \(name)")
      }
      text = value
    }
    return (vault.gdpr(for: model), try model.id(text, option: "--id"))
  }
}

/// `privata gdpr access`.
struct GDPRAccessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access", abstract: "Everything that is kept about a person (Article 15).")

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var subject: SubjectOptionGroup

  @Option(help: "The file for the report; it is printed where nothing is said.")
  var out: String?

  func run() async throws {
    try await withVault(vault) { vault in
      let (rights, id) = try await subject.resolve(vault)
      let report = try await rights.rightToAccess(id)
      guard let out else {
        say(report.json)
        return
      }
      try Files.write(report.json + "\n", to: out, "--out")
      let records = report.records.reduce(0) { $0 + $1.records.count }
      say(
        [
          "report": .string(out), "records": .int64(Int64(records)),
          "accesses": .int64(Int64(report.accesses.count)),
        ], asJSON: self.vault.json)
    }
  }
}

/// `privata gdpr export`.
struct GDPRExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "A person's data for another controller (Article 20).")

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var subject: SubjectOptionGroup

  @Option(help: "json, or csv for one file per model.")
  var format = "json"

  @Option(help: "The file; for csv the begin of the files' names.")
  var out: String

  func run() async throws {
    try await withVault(vault) { vault in
      guard ["json", "csv"].contains(format) else {
        throw PrivataError.option("--format", "json or csv")
      }
      let (rights, id) = try await subject.resolve(vault)
      let data = try await rights.rightToPortability(id)
      var files: [String] = []
      if format == "json" {
        try Files.write(data.json + "\n", to: out, "--out")
        files = [out]
      } else {
        for (model, text) in data.csv.sorted(by: { $0.key < $1.key }) {
          let path = "\(out).\(model).csv"
          try Files.write(text, to: path, "--out")
          files.append(path)
        }
      }
      say(["files": .array(files.map { .string($0) })], asJSON: self.vault.json)
    }
  }
}

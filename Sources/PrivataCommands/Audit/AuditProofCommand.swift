internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata audit proof`.
struct AuditProofCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proof",
    abstract: "Proves one event, or that the log only grew between two heads.",
    discussion: """
      The proof is checked by 'privata audit verify --proof file --public-key key', without the \
      vault.
      """)

  @OptionGroup var vault: VaultOptionGroup

  @Option(help: "The id of the event.")
  var event: String?

  @Option(help: "Of two heads: the writer, in hexadecimal digits.")
  var writer: String?

  @Option(help: "Of two heads: the size of the older one.")
  var fromSize: UInt64?

  @Option(help: "Of two heads: the size of the newer one; the newest by default.")
  var toSize: UInt64?

  @Option(help: "The file for the proof; it is printed where nothing is said.")
  var out: String?

  func run() async throws {
    try await withVault(vault) { vault in
      let json = try await event != nil ? inclusion(vault) : consistency(vault)
      guard let out else {
        say(json)
        return
      }
      try Files.write(json + "\n", to: out, "--out")
      say(["proof": .string(out)], asJSON: self.vault.json)
    }
  }

  private func inclusion(_ vault: Vault) async throws(PrivataError) -> String {
    guard let id = event.flatMap({ AuditEventID($0) }) else {
      throw .option("--event", "this is no event's id")
    }
    return try await vault.audit.proof(of: id).json
  }

  private func consistency(_ vault: Vault) async throws(PrivataError) -> String {
    guard let fromSize else { throw .option("--event", "name an event, or --from-size") }
    var heads = try await vault.audit.checkpoints()
    if let writer {
      guard let number = UInt64(writer, radix: 16) else {
        throw .option("--writer", "hexadecimal digits, as 'privata audit heads' shows them")
      }
      heads = heads.filter { $0.writer == number }
    } else if Set(heads.map(\.writer)).count > 1 {
      throw .option("--writer", "the log has several writers: name one")
    }
    guard let older = heads.first(where: { $0.size == fromSize }) else {
      throw .option("--from-size", "no head has this size; 'privata audit heads' shows them")
    }
    let newer = toSize.map { size in heads.first { $0.size == size } } ?? heads.last
    guard let newer else {
      throw .option("--to-size", "no head has this size; 'privata audit heads' shows them")
    }
    return try await vault.audit.consistencyProof(from: older, to: newer).json
  }
}

/// `privata audit heads`.
struct AuditHeadsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heads", abstract: "Shows the signed heads of the log.",
    discussion: "Who keeps a head elsewhere can later have it proven that nothing was changed.")

  @OptionGroup var vault: VaultOptionGroup

  @Flag(help: "Shows the whole signed note of the newest head of each writer.")
  var notes = false

  func run() async throws {
    try await withVault(vault) { vault in
      let heads = try await vault.audit.checkpoints()
      if notes {
        let newest = Dictionary(grouping: heads, by: \.writer).compactMap(\.value.last)
        for head in newest.sorted(by: { $0.writer < $1.writer }) { say(head.note) }
        return
      }
      for head in heads {
        let line: Document = [
          "writer": .string(String(head.writer, radix: 16)), "size": .int64(Int64(head.size)),
          "at": .string(head.at.iso8601),
        ]
        if self.vault.json {
          say(line.extendedJSON(.relaxed))
        } else {
          say("\(String(head.writer, radix: 16))  \(head.size)  \(head.at.iso8601)")
        }
      }
    }
  }
}

/// `privata audit purge`.
struct AuditPurgeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge", abstract: "Removes events whose six years are over.",
    discussion: "Two persons: the one who acts (--as) and the one who approved it.")

  @OptionGroup var vault: VaultOptionGroup

  @Option(help: "The first month that stays, as 2020-01.")
  var before: String

  @Option(help: "Who approved it; another person than the one who acts.")
  var approvedBy: String

  func run() async throws {
    try await withVault(vault) { vault in
      let result = try await vault.audit.removeEvents(
        before: before, approvedBy: .user(approvedBy))
      say(
        [
          "removed": .int64(Int64(result.events)), "writers": .int64(Int64(result.writers)),
        ], asJSON: self.vault.json)
    }
  }
}

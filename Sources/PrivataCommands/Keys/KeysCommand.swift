internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata keys`.
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "The master key and the keys of encrypted fields.",
    subcommands: [KeysInitCommand.self, KeysRotateCommand.self, KeysStatusCommand.self])
}

/// `privata keys init`.
struct KeysInitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Makes a master key in a new file, readable by its owner alone.")

  @Option(help: "The file; it must not be there yet.")
  var keyFile: String

  @Flag(help: "Answers are JSON.")
  var json = false

  func run() async throws {
    try await reporting(asJSON: json) {
      var random = SystemRandomNumberGenerator()
      let key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
      try Files.write(key, to: keyFile, "--key-file")
      say(["keyFile": .string(keyFile), "bytes": 32], asJSON: json)
    }
  }
}

/// `privata keys rotate`.
struct KeysRotateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Exchanges keys while the vault serves.",
    discussion: """
      root: epoch keys are wrapped anew with the key service's key of today. epoch: a new epoch; \
      data keys are wrapped anew. subjects: every value is sealed anew with a new key. \
      index: the tags by which values are found are made anew. \
      Interrupted, the same command goes on.
      """)

  @OptionGroup var vault: VaultOptionGroup

  @Option(help: "root, epoch, subjects or index.")
  var level: String

  @Option(help: "How many records, or keys, are done in a second at most.")
  var rate: Int?

  func run() async throws {
    try await withVault(vault) { vault in
      let known: [String: VaultEncryption.Level] = [
        "root": .root, "epoch": .epoch, "subjects": .subjects, "index": .index,
      ]
      guard let level = known[level] else {
        throw PrivataError.option("--level", "root, epoch, subjects or index")
      }
      if let rate, rate < 1 { throw PrivataError.option("--rate", "a number from 1 on") }
      let rotation = try await vault.encryptionKeys().rotate(level, perSecond: rate)
      say(
        [
          "made": .int64(Int64(rotation.made)), "rewrapped": .int64(Int64(rotation.rewrapped)),
          "resealed": .int64(Int64(rotation.resealed)),
          "destroyed": .int64(Int64(rotation.destroyed)),
        ], asJSON: self.vault.json)
    }
  }
}

/// `privata keys status`.
struct KeysStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "The public key of signatures, and what keys there are.")

  @OptionGroup var vault: VaultOptionGroup

  @Flag(help: "How many values each key that is out of service still seals; reads every record.")
  var remaining = false

  func run() async throws {
    try await withVault(vault) { vault in
      var answer: Document = ["publicKey": .string(PublicKeyText.text(vault.audit.publicKey))]
      if let status = try await vault.encryption?.status() {
        answer["region"] = .string(status.region)
        for count in status.keys {
          answer["\(count.store) \(count.state)"] = .int64(Int64(count.count))
        }
        answer["epochs"] = .int64(Int64(status.epochs.filter { $0.state == "active" }.count))
        answer["epochDue"] = .bool(status.isEpochDue)
      }
      if remaining {
        for (key, count) in try await vault.encryptionKeys().remaining().sorted(by: {
          $0.key < $1.key
        }) {
          answer["retired \(key)"] = .int64(Int64(count))
        }
      }
      say(answer, asJSON: self.vault.json)
    }
  }
}

extension Vault {
  /// The keys of encrypted fields.
  ///
  /// - Throws: `badArgument` where no key store was named.
  fileprivate func encryptionKeys() throws(PrivataError) -> VaultEncryption {
    if let encryption { return encryption }
    throw .option("--key-store", "name the key store, or PRIVATA_KEYS_URL")
  }
}

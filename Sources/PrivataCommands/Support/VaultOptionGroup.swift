internal import ArgumentParser
internal import Foundation
internal import PrivataCompliance
internal import PrivataCore

/// The options by which a command finds the vault.
struct VaultOptionGroup: ParsableArguments {
  @Option(help: "The identity store: a SQLite file, postgres://, mongodb:// or env:NAME.")
  var identity: String?

  @Option(help: "The clinical store.")
  var clinical: String?

  @Option(help: "The audit store; the identity store where nothing is said.")
  var audit: String?

  @Option(help: "The key store, for vaults that encrypt fields.")
  var keyStore: String?

  @Option(help: "The file of the master key; master.key in the journal's directory by default.")
  var keyFile: String?

  @Option(help: "The variable of the master key, in 64 hexadecimal digits.")
  var keyEnv: String?

  @Option(help: "The directory of the journals; beside the SQLite file by default.")
  var journal: String?

  @Option(name: .customLong("as"), help: "Who acts, as the log names them; the system's user.")
  var actor: String?

  @Option(help: "Why, as the log has it.")
  var purpose = "administration"

  @Flag(help: "Answers are JSON, one document per line.")
  var json = false

  /// The vault, with its models.
  func open() async throws -> Vault {
    let environment = CommandEnvironment.current
    let vault =
      if let open = environment.openVault { try await open() } else { try await opened() }
    var models = environment.models
    if models.isEmpty { models = try await vault.recordedModels() }
    vault.register(models)
    return vault
  }

  /// The context under which everything is done.
  var context: AccessContext {
    AccessContext(
      actor: .user(actor ?? Files.userName), role: "operator", purpose: purpose)
  }

  private func opened() async throws(PrivataError) -> Vault {
    let identity = try required(self.identity, "--identity", "PRIVATA_IDENTITY_URL")
    let clinical = try required(self.clinical, "--clinical", "PRIVATA_CLINICAL_URL")
    let audit = try optional(self.audit, "--audit", "PRIVATA_AUDIT_URL")
    var options = VaultOptions()
    options.journal.segmentBytes = 1 << 20
    options.journal.directory = try directory(identity)
    options.masterKey = try masterKey(options.journal.directory)
    if let keys = try optional(keyStore, "--key-store", "PRIVATA_KEYS_URL") {
      options.encryption = EncryptionOptions(keyStore: keys.source)
    }
    try await AuditKeyCheck.check((audit ?? identity).source, options.masterKey)
    return try await Vault(
      identity: identity.source, clinical: clinical.source, audit: audit?.source,
      options: options)
  }

  private func optional(
    _ value: String?, _ option: String, _ variable: String
  ) throws(PrivataError) -> StoreURL? {
    if let value { return try StoreURL(value, option: option) }
    guard let value = CommandEnvironment.current.variable(variable) else { return nil }
    return try StoreURL(value: value, option: variable)
  }

  private func required(
    _ value: String?, _ option: String, _ variable: String
  ) throws(PrivataError) -> StoreURL {
    if let url = try optional(value, option, variable) { return url }
    throw .option(option, "name the store, here or in the variable \(variable)")
  }

  private func directory(_ identity: StoreURL) throws(PrivataError) -> String? {
    guard let journal else { return identity.file.map { $0 + ".privata" } }
    guard Files.exists(journal) else {
      throw .option("--journal", "there is no directory at \(journal)")
    }
    return journal
  }

  /// The master key. One that is not there is never made: it would open nothing.
  private func masterKey(_ directory: String?) throws(PrivataError) -> MasterKeySource {
    if let keyFile {
      guard Files.exists(keyFile) else {
        throw .option("--key-file", "there is no file at \(keyFile)")
      }
      return .file(keyFile)
    }
    if let keyEnv {
      guard CommandEnvironment.current.variable(keyEnv) != nil else {
        throw .option("--key-env", "the environment has no variable \(keyEnv)")
      }
      return .environment(keyEnv)
    }
    if CommandEnvironment.current.variable("PRIVATA_MASTER_KEY") != nil {
      return .environment("PRIVATA_MASTER_KEY")
    }
    guard let path = directory.map({ $0 + "/master.key" }), Files.exists(path) else {
      throw .option("--key-file", "name the file of the vault's master key, or --key-env")
    }
    return .file(path)
  }
}

internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata gdpr verify`.
struct GDPRVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Checks the certificate of an erasure, without the vault.")

  @Option(help: "The file of the certificate.")
  var certificate: String

  @Option(help: "The vault's public key in hexadecimal digits, from 'privata keys status'.")
  var publicKey: String?

  @Flag(help: "Answers are JSON.")
  var json = false

  func run() async throws {
    try await reporting(asJSON: json) {
      let key = try PublicKeyText.bytes(publicKey)
      let text = String(decoding: try Files.read(certificate, "--certificate"), as: UTF8.self)
      let certificate = try ErasureCertificate(json: text)
      try certificate.check(publicKey: key)
      var answer: Document = ["valid": true]
      for name in ["saga", "model", "completedAt", "identity", "clinical"] {
        answer[name] = certificate.statement[name]
      }
      answer["inLog"] = .bool(certificate.inclusion != nil)
      say(answer, asJSON: json)
    }
  }
}

/// `privata gdpr replay`.
struct GDPRReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Goes on with open erasures, and repeats those that a restored backup lacks.")

  @OptionGroup var vault: VaultOptionGroup

  func run() async throws {
    try await withVault(vault) { vault in
      let before = vault.erasures.waitingForReplay
      let waiting = try await vault.erasures.replay()
      try await vault.erasures.recover()
      let open = try await vault.erasures.open()
      say(
        [
          "found": .int64(Int64(before)), "waiting": .int64(Int64(waiting)),
          "open": .int64(Int64(open.count)),
          "needOperator": .int64(Int64(open.count { $0.needsOperator })),
        ], asJSON: self.vault.json)
      if waiting > 0 { throw Exit.doesNotHold }
    }
  }
}

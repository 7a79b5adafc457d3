internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata audit verify`: of the whole log, or offline of a proof or an export.
struct AuditVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Checks the whole log, a proof or an export.",
    discussion: """
      Without --proof, --consistency and --export every event of the log is checked. With one of \
      them no store is opened; the vault's public key is given by --public-key.
      """)

  @OptionGroup var vault: VaultOptionGroup

  @Option(help: "A file with the proof of one event.")
  var proof: String?

  @Option(help: "A file with the proof that the log only grew.")
  var consistency: String?

  @Option(help: "An export; its manifest is beside it.")
  var export: String?

  @Option(help: "The export's manifest; the export's name and .manifest.json by default.")
  var manifest: String?

  @Option(help: "The vault's public key in hexadecimal digits, from 'privata keys status'.")
  var publicKey: String?

  func run() async throws {
    if proof == nil, consistency == nil, export == nil {
      try await withVault(vault) { try await checkLog($0) }
    } else {
      try await reporting(asJSON: vault.json) { try checkFiles() }
    }
  }

  private func checkLog(_ vault: Vault) async throws {
    let report = try await vault.audit.verify()
    var answer: Document = [
      "valid": .bool(report.isValid), "events": .int64(Int64(report.events)),
      "checkpoints": .int64(Int64(report.checkpoints)),
      "removed": .int64(Int64(report.removed)),
    ]
    if let problem = report.problem {
      answer["writer"] = .string(String(problem.writer, radix: 16))
      answer["sequence"] = .int64(Int64(problem.sequence))
      answer["problem"] = .string(problem.reason)
    }
    say(answer, asJSON: self.vault.json)
    if !report.isValid { throw Exit.doesNotHold }
  }

  private func checkFiles() throws(PrivataError) {
    let key = try PublicKeyText.bytes(publicKey)
    var answer: Document = ["valid": true]
    if let proof {
      let text = String(decoding: try Files.read(proof, "--proof"), as: UTF8.self)
      let event = try AuditProof(json: text.trimmed).verified(by: key)
      answer["event"] = .string(event.id.description)
      answer["at"] = .string(event.at.iso8601)
      answer["actor"] = .string(event.actor.id)
      answer["action"] = .string(event.action.rawValue)
      answer["model"] = .string(event.model)
    }
    if let consistency {
      let text = String(decoding: try Files.read(consistency, "--consistency"), as: UTF8.self)
      try AuditConsistencyProof(json: text.trimmed).verify(by: key)
      answer["consistent"] = true
    }
    if let export {
      let path = manifest ?? export + ".manifest.json"
      let text = String(decoding: try Files.read(path, "--manifest"), as: UTF8.self)
      let manifest = try AuditExportManifest(json: text.trimmed)
      try manifest.verify(try Files.read(export, "--export"), by: key)
      answer["events"] = .int64(Int64(manifest.events))
    }
    say(answer, asJSON: vault.json)
  }
}

/// The public key as options have it.
enum PublicKeyText {
  static func bytes(_ text: String?) throws(PrivataError) -> [UInt8] {
    guard let text else {
      throw .option("--public-key", "a check without the vault needs its public key")
    }
    var bytes: [UInt8] = []
    let digits = Array(text.utf8)
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
      if let byte = UInt8(pair, radix: 16) { bytes.append(byte) }
    }
    guard bytes.count == 32, digits.count == 64 else {
      throw .option("--public-key", "the key is 64 hexadecimal digits")
    }
    return bytes
  }

  static func text(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension String {
  /// Without the line end that editors and shells add.
  var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}

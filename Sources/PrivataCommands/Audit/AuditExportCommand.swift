internal import ArgumentParser
internal import Foundation
internal import PrivataCompliance
internal import PrivataCore

/// `privata audit export`.
struct AuditExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes events to a file, and a signed manifest beside it.")

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var which: SelectionOptionGroup

  @Option(help: "jsonl, csv, fhir, cef or ocsf.")
  var format = "jsonl"

  @Option(help: "The file; it must not be there yet.")
  var out: String

  func run() async throws {
    try await withVault(vault) { vault in
      guard let format = AuditExportFormat(rawValue: format) else {
        throw PrivataError.option("--format", "jsonl, csv, fhir, cef or ocsf")
      }
      let path = out + ".manifest.json"
      guard !Files.exists(path) else {
        throw PrivataError.option("--out", "\(path) is there already; it is not written over")
      }
      let selection = try await which.selection(vault)
      let handle = try Files.create(out, "--out")
      let manifest = try await vault.audit.export(matching: selection, as: format) { bytes in
        try handle.write(contentsOf: Data(bytes))
      }
      try handle.close()
      try Files.write(manifest.json + "\n", to: path, "--out")
      say(
        [
          "events": .int64(Int64(manifest.events)), "bytes": .int64(Int64(manifest.bytes)),
          "manifest": .string(path),
        ], asJSON: self.vault.json)
    }
  }
}

internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// The options that say which events are meant.
struct SelectionOptionGroup: ParsableArguments {
  @Option(help: "The model concerned.")
  var model: String?

  @Option(help: "The id of a record of the model.")
  var record: String?

  @Option(help: "What was done: read, insert, update, delete, gdpr.erasure …")
  var action: String?

  @Option(help: "Who did it, by the actor's id.")
  var by: String?

  @Option(help: "The caller's role.")
  var role: String?

  @Option(name: .customLong("for"), help: "The caller's purpose.")
  var forPurpose: String?

  @Option(help: "How it ended: success, failed or refused.")
  var outcome: String?

  @Option(help: "From this day or moment on.")
  var from: String?

  @Option(help: "Before this day or moment.")
  var to: String?

  func selection(_ vault: Vault) async throws(PrivataError) -> AuditSelection {
    var selection = AuditSelection(model: model, actor: by, role: role, purpose: forPurpose)
    selection.action = action.map { AuditEvent.Action(rawValue: $0) }
    if let from { selection.from = try DateTime(from, option: "--from") }
    if let to { selection.to = try DateTime(to, option: "--to") }
    if let outcome {
      let known: [String: AuditEvent.Outcome] = [
        "success": .success, "failed": .failed, "refused": .refused,
      ]
      guard let known = known[outcome] else {
        throw .option("--outcome", "an event ended in success, failed or refused")
      }
      selection.outcome = known
    }
    if let record {
      guard let model else { throw .option("--record", "say the record's --model too") }
      selection.record = try await vault.model(model, option: "--model")
        .id(record, option: "--record")
    }
    return selection
  }
}

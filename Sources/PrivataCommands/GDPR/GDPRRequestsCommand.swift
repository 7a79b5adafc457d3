internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata gdpr requests`.
struct GDPRRequestsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "requests",
    abstract: "The open requests of persons, the one due first in front (Article 12).")

  @OptionGroup var vault: VaultOptionGroup

  @Option(help: "Shows one request by its number, open or not.")
  var id: String?

  func run() async throws {
    try await withVault(vault) { vault in
      let requests =
        if let id { [try await vault.requests.request(id)] } else {
          try await vault.requests.open()
        }
      for request in requests { show(request) }
      if requests.isEmpty, !self.vault.json { say("no open requests") }
    }
  }

  private func show(_ request: SubjectRequest) {
    let share = Int(request.elapsed() * 100)
    if vault.json {
      let line: Document = [
        "id": .string(request.id), "kind": .string(request.kind.rawValue),
        "model": .string(request.model), "state": .string(request.state.rawValue),
        "receivedAt": .string(request.receivedAt.iso8601),
        "dueAt": .string(request.dueAt.iso8601), "elapsedPercent": .int64(Int64(share)),
        "escalation": .int64(Int64(request.escalation())), "owner": .string(request.owner ?? ""),
      ]
      say(line.extendedJSON(.relaxed))
    } else {
      say(
        [
          request.id, request.kind.rawValue, request.model, request.state.rawValue,
          "due \(request.dueAt.iso8601)", "\(share) %",
        ].joined(separator: "  "))
    }
  }
}

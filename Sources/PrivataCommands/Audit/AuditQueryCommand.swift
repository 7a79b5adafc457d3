internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata audit query`.
struct AuditQueryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query", abstract: "Shows or counts events.",
    discussion: "The last line names the event to go on --after, where there are more.")

  @OptionGroup var vault: VaultOptionGroup
  @OptionGroup var which: SelectionOptionGroup

  @Option(help: "The most events to show.")
  var limit = 50

  @Option(help: "The id of the event to go on behind.")
  var after: String?

  @Flag(help: "Answers only how many there are.")
  var count = false

  func run() async throws {
    try await withVault(vault) { vault in
      guard limit > 0 else { throw PrivataError.option("--limit", "at least one") }
      var selection = try await which.selection(vault)
      if let after {
        guard let id = AuditEventID(after) else {
          throw PrivataError.option("--after", "this is no event's id")
        }
        selection.after = id
      }
      if count {
        let number = try await vault.audit.count(matching: selection)
        say(["count": .int64(Int64(number))], asJSON: self.vault.json)
      } else {
        try await show(vault, selection)
      }
    }
  }

  private func show(_ vault: Vault, _ selection: AuditSelection) async throws {
    var shown = 0
    var last: AuditEventID?
    for try await event in vault.audit.events(matching: selection) {
      if shown == limit {
        if let last, !self.vault.json { say("more: --after \(last)") }
        break
      }
      say(self.vault.json ? event.document.extendedJSON(.relaxed) : event.line)
      shown += 1
      last = event.id
    }
  }
}

extension AuditEvent {
  /// The event as a line for people.
  var line: String {
    var words = [at.iso8601, id.description, "\(actor.kind):\(actor.id)", action.rawValue]
    if !model.isEmpty { words.append(model) }
    words.append("\(count)")
    if !fields.isEmpty { words.append("[\(fields.joined(separator: " "))]") }
    if let purpose { words.append("for \(purpose)") }
    if outcome != .success { words.append("\(outcome) \(errorCode ?? "")") }
    return words.joined(separator: "  ")
  }

  /// The event as JSON.
  var document: Document {
    var document: Document = [
      "id": .string(id.description), "at": .string(at.iso8601),
      "actorKind": .string(actor.kind), "actor": .string(actor.id),
    ]
    document["role"] = role.map { .string($0) }
    document["purpose"] = purpose.map { .string($0) }
    document["region"] = region.map { .string($0) }
    document["requestID"] = requestID.map { .string($0) }
    document["action"] = .string(action.rawValue)
    document["model"] = .string(model)
    document["fields"] = .array(fields.map { .string($0) })
    document["count"] = .int64(Int64(count))
    document["outcome"] = .string("\(outcome)")
    document["errorCode"] = errorCode.map { .string($0) }
    document["subjectOf"] = subjectOf.map { .string($0) }
    document["rule"] = rule.map { .string($0) }
    return document
  }
}

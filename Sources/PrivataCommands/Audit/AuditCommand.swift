internal import ArgumentParser

/// `privata audit`.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "The audit log: checked, read, exported, proven.",
    subcommands: [
      AuditVerifyCommand.self, AuditQueryCommand.self, AuditExportCommand.self,
      AuditProofCommand.self, AuditHeadsCommand.self, AuditPurgeCommand.self,
    ])
}

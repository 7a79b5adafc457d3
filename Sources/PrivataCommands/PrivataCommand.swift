public import ArgumentParser

/// The command line of vaults. An application makes a program of its own of it, with its own models
/// and its own way to open the vault:
///
/// ```swift
/// @main struct ClinicTool {
///   static func main() async {
///     let environment = CommandEnvironment(models: [user, session])
///     await CommandEnvironment.$current.withValue(environment) { await PrivataCommand.main() }
///   }
/// }
/// ```
public struct PrivataCommand: AsyncParsableCommand {
  /// Name, text and subcommands.
  public static let configuration = CommandConfiguration(
    commandName: "privata",
    abstract: "Looks after the vaults of Privata: audit log, rights of persons, reports, keys.",
    discussion: """
      Stores are named by --identity, --clinical and --audit, or by the variables \
      PRIVATA_IDENTITY_URL, PRIVATA_CLINICAL_URL and PRIVATA_AUDIT_URL: a SQLite file, postgres:// \
      (with ?schema=name) or mongodb://. No password stands on the command line: say env:NAME for \
      a URL in a variable.

      Exit codes: 0 done, and what was checked holds; 1 failed; 2 what was checked does not hold; \
      4 not found; 5 refused; 64 an option is wrong; 69 a store does not answer.
      """,
    subcommands: [
      AuditCommand.self, GDPRCommand.self, ReportCommand.self, KeysCommand.self, DetectCommand.self,
    ])

  /// A command without options.
  public init() {}
}

public import PrivataCompliance
public import PrivataCore

/// What an application gives to the commands that it embeds.
public struct CommandEnvironment: Sendable {
  /// The application's own models; those that the vault recorded where empty.
  public var models: [ModelSchema]
  /// Opens the application's own vault; the stores named by options are opened where `nil`.
  public var openVault: (@Sendable () async throws -> Vault)?
  /// Takes the lines of answers.
  public var output: @Sendable (String) -> Void
  /// Takes the lines of errors.
  public var errors: @Sendable (String) -> Void
  /// A variable of the environment.
  public var variable: @Sendable (String) -> String?

  /// What the commands of the current task use.
  @TaskLocal public static var current = CommandEnvironment()

  /// The process's own environment, unless more is given.
  public init(
    models: [ModelSchema] = [], openVault: (@Sendable () async throws -> Vault)? = nil,
    output: (@Sendable (String) -> Void)? = nil, errors: (@Sendable (String) -> Void)? = nil,
    variable: (@Sendable (String) -> String?)? = nil
  ) {
    self.models = models
    self.openVault = openVault
    self.output = output ?? { print($0) }
    self.errors = errors ?? { Files.writeError($0) }
    self.variable = variable ?? { Files.environment($0) }
  }
}

internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// How a command ends.
enum Exit {
  static let failed = ExitCode(1)
  static let doesNotHold = ExitCode(2)
  static let notFound = ExitCode(4)
  static let refused = ExitCode(5)
  static let usage = ExitCode(64)
  static let unavailable = ExitCode(69)

  /// The code of an error.
  static func code(_ error: PrivataError) -> ExitCode {
    switch error.code {
    case .badArgument, .badURL, .badID, .unknownModel, .unknownField: usage
    case .tampered, .corrupt, .malformed, .unknownKey: doesNotHold
    case .notFound: notFound
    case .accessDenied, .legalHold, .contextRequired, .consentRequired, .subjectFrozen: refused
    case .connection, .timeout, .authentication, .keyUnavailable, .auditUnavailable: unavailable
    default: failed
    }
  }
}

/// Runs the body of a command: its error becomes a line on the error stream and an exit code.
func reporting(asJSON isJSON: Bool, _ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch let error as PrivataError {
    let environment = CommandEnvironment.current
    if isJSON {
      let whole: Document = [
        "error": .string(error.code.name), "message": .string(error.message),
        "fields": .array(error.fields.map { .string($0) }),
      ]
      environment.errors(whole.extendedJSON(.relaxed))
    } else {
      environment.errors("error: \(error.message) (\(error.code.name))")
    }
    throw Exit.code(error)
  }
}

/// Runs a body with the vault of the options, which is closed behind it.
func withVault(
  _ options: VaultOptionGroup, _ body: (Vault) async throws -> Void
) async throws {
  try await reporting(asJSON: options.json) {
    let vault = try await options.open()
    do {
      try await body(vault.acting(as: options.context))
    } catch {
      await vault.close()
      throw error
    }
    await vault.close()
  }
}

/// Prints a line of an answer.
func say(_ line: String) { CommandEnvironment.current.output(line) }

/// Prints an answer: as JSON, or as lines of a name and a value.
func say(_ document: Document, asJSON isJSON: Bool) {
  if isJSON {
    say(document.extendedJSON(.relaxed))
    return
  }
  let width = document.keys.map(\.count).max() ?? 0
  for element in document.elements {
    let name = element.key + String(repeating: " ", count: width - element.key.count)
    say("\(name)  \(element.value.asString ?? element.value.extendedJSON(.relaxed))")
  }
}

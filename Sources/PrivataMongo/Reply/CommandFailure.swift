import PrivataCore

/// A command that failed: what libmongoc says and what the server said, if it did.
struct CommandFailure: Sendable {
  var cause: ClientCause
  var isTimeout = false
  var reply: ServerReply

  /// True where the connection broke, so that nobody knows what the server did.
  var isNetwork: Bool { cause == .network }

  /// True where a retryable write may be sent again.
  var mayRepeat: Bool {
    (isNetwork && !isTimeout) || reply.labels.contains("RetryableWriteError")
  }

  /// The failure as programs see it.
  func error(for command: Command, at place: String) -> PrivataError {
    if reply.code != 0 { return reply.error(for: command, at: place) }
    var error = clientError(command, place)
    if !reply.labels.isEmpty { error.underlying = reply.serverError }
    return error
  }

  private func clientError(_ command: Command, _ place: String) -> PrivataError {
    switch cause {
    case .network where isTimeout:
      PrivataError(
        .timeout, "MongoDB at \(place) gave no answer to \(command.name) in time",
        isRetriable: true)
    case .network:
      PrivataError(
        .connection, "the connection to MongoDB at \(place) broke during \(command.name)",
        isRetriable: true)
    case .selection:
      PrivataError(
        .connection, "no MongoDB server can be reached at \(place)", isRetriable: true)
    case .authentication:
      PrivataError(.authentication, "MongoDB at \(place) refused the user or the password")
    case .server:
      PrivataError(.rejectedByStore, "MongoDB at \(place) refused \(command.name)")
    case .usage(let domain, let code):
      PrivataError(
        .rejectedByStore, "MongoDB's driver refused \(command.name) (error \(domain).\(code))")
    }
  }
}

extension ServerReply {
  /// The refusal of a whole command, or of one write of many.
  func error(for command: Command, at place: String) -> PrivataError {
    var error = PrivataError(meaning, message(command, place), model: command.model)
    error.isRetriable = isRetriable
    error.underlying = serverError
    if meaning == .duplicateKey {
      error.fields = (keyPattern?.keys ?? []).map { command.naming?.field(of: $0) ?? $0 }
      error.value = keyValue.map { Protected(.document($0)) }
    }
    return error
  }

  private func message(_ command: Command, _ place: String) -> String {
    let subject = command.model ?? command.collection
    switch meaning {
    case .duplicateKey: return "\(subject) already has a record with the same unique value"
    case .validation: return "a record does not pass the validation rules of \(subject)"
    case .writeConflict: return "another transaction changed the same records of \(subject)"
    case .timeout: return "MongoDB gave up \(command.name) on \(subject) for lack of time"
    case .authentication:
      return "MongoDB at \(place) refused the user, or the user's right to \(command.name)"
    case .transactionEnded: return "the transaction has ended"
    case .connection: return "MongoDB at \(place) is changing its primary or shutting down"
    case .diskFull: return "the disk of MongoDB at \(place) is full"
    case .unknownOperator:
      return "\(command.name) on \(subject) uses an operator that MongoDB does not know"
    default:
      return "MongoDB refused \(command.name) on \(subject): \(serverError.codeName) (\(code))"
    }
  }

  /// The stable code of a server's code.
  private var meaning: PrivataError.Code {
    switch code {
    case 11000, 11001, 12582: .duplicateKey
    case 112: .writeConflict
    case 251 where labels.contains("TransientTransactionError"): .writeConflict
    case 24, 46: .busy
    case 121: .validation
    case 50, 89, 202, 262: .timeout
    case 13, 18, 8000: .authentication
    case _ where namesUnknownOperator: .unknownOperator
    case 225, 244, 251, 256: .transactionEnded
    case 6, 7, 91, 189, 10107, 11600, 11602, 13435, 13436: .connection
    case 14031: .diskFull
    default: .rejectedByStore
    }
  }

  private var isRetriable: Bool {
    let transient = ["TransientTransactionError", "RetryableWriteError"]
    if labels.contains(where: transient.contains) { return true }
    return [.writeConflict, .busy, .timeout, .connection].contains(meaning)
  }
}

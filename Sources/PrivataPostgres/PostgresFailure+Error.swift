internal import PrivataCore

extension PostgresFailure {
  /// The failure as callers see it. `fields` are the model's names of what the constraint covers.
  func error(at place: String, fields: [String], model: String?) -> PrivataError {
    let what = model ?? table ?? "the record"
    switch state {
    case .uniqueViolation, .exclusionViolation:
      return PrivataError(
        .duplicateKey, "\(what) has a record with the same \(Self.list(fields)) already",
        fields: fields, model: model)
    case .foreignKeyViolation:
      return PrivataError(
        .foreignKey, "\(what) breaks a reference by \(Self.list(fields))", fields: fields,
        model: model)
    case .notNullViolation:
      return PrivataError(
        .missingField, "\(what) needs \(Self.list(fields))", fields: fields, model: model)
    case .checkViolation:
      return PrivataError(
        .constraint, "\(what) breaks a condition on \(Self.list(fields))", fields: fields,
        model: model)
    default: return error(at: place, model: model)
    }
  }

  private func error(at place: String, model: String?) -> PrivataError {
    switch state {
    case .serializationFailure, .deadlock, .lockNotAvailable:
      PrivataError(
        .writeConflict, "another transaction changed the same records, try again", model: model,
        isRetriable: true)
    case .queryCancelled:
      PrivataError(
        .timeout, "the server at \(place) ended the statement (SQLSTATE 57014)", model: model,
        isRetriable: true)
    case .failedTransaction:
      PrivataError(
        .transactionEnded, "a statement before this one failed: roll the transaction back",
        model: model)
    case .readOnlyTransaction:
      PrivataError(.rejectedByStore, "the transaction at \(place) only reads", model: model)
    case .copyRefused:
      PrivataError(.unsupported, "COPY cannot be run as a statement of a store")
    case .diskFull:
      PrivataError(.diskFull, "the server at \(place) has no space left", model: model)
    default: category(at: place, model: model)
    }
  }

  private func category(at place: String, model: String?) -> PrivataError {
    switch state.category {
    case "28":
      PrivataError(.authentication, "the server at \(place) refused the credentials")
    case "08", "57", "58":
      PrivataError(
        .connection, "lost the connection to \(place) (SQLSTATE \(state))", isRetriable: true)
    case "53":
      PrivataError(
        .poolExhausted, "the server at \(place) is short of resources (SQLSTATE \(state))",
        isRetriable: true)
    case "22":
      PrivataError(
        .wrongType, "a value does not fit its column (SQLSTATE \(state))", model: model)
    case "23":
      PrivataError(
        .constraint, "a constraint refused the change (SQLSTATE \(state))", model: model)
    case "42":
      PrivataError(
        .rejectedByStore, "the server at \(place) refused the statement (SQLSTATE \(state))",
        model: model)
    default:
      PrivataError(
        .rejectedByStore, "the server at \(place) answered SQLSTATE \(state)", model: model)
    }
  }

  private static func list(_ fields: [String]) -> String {
    fields.isEmpty ? "fields" : fields.joined(separator: ", ")
  }
}

extension PostgresConnectFailure {
  /// The failure as callers see it; never with the credentials.
  func error(at place: String) -> PrivataError {
    switch self {
    case .refused(.invalidPassword), .refused(.invalidAuthorization):
      PrivataError(.authentication, "the server at \(place) refused the credentials")
    case .refused(.unknownDatabase):
      PrivataError(.connection, "the server at \(place) has no such database")
    case .refused(.tooManyConnections):
      PrivataError(
        .poolExhausted, "the server at \(place) takes no more connections", isRetriable: true)
    case .refused(let state):
      PrivataError(
        .connection, "the server at \(place) refused the connection (SQLSTATE \(state))",
        isRetriable: mayPass)
    case .unknownHost: unreachable(place, "the host's name is unknown")
    case .unreachable: unreachable(place, "nothing answers there")
    case .tls: unreachable(place, "no trusted TLS connection could be made")
    case .timeout: unreachable(place, "it did not answer in time")
    case .badOption: unreachable(place, "an option of the URL is not valid")
    case .lost: unreachable(place, "the connection was closed")
    }
  }

  private func unreachable(_ place: String, _ why: String) -> PrivataError {
    PrivataError(.connection, "cannot connect to \(place): \(why)", isRetriable: mayPass)
  }
}

extension PostgresUnavailable {
  /// Why there is no connection, as callers see it.
  func error(at place: String) -> PrivataError {
    switch self {
    case .connect(let failure): failure.error(at: place)
    case .exhausted:
      PrivataError(
        .poolExhausted, "all connections to \(place) are taken", isRetriable: true)
    case .closed: PrivataError(.closed, "the store at \(place) is closed")
    }
  }
}

extension PostgresStop {
  /// Why the statement was ended, as callers see it.
  func error(at place: String) -> PrivataError {
    switch self {
    case .timeout:
      PrivataError(
        .timeout, "a statement at \(place) took longer than it may", isRetriable: true)
    case .cancelled: PrivataError(.cancelled, "the task was cancelled")
    }
  }
}

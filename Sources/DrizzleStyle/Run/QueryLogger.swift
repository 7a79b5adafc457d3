internal import PrivataCore

/// Receives every statement before it is sent, `begin`, `commit` and savepoints among them.
///
/// - Privacy: a logger sees types and lengths of parameters, never their values.
public protocol QueryLogger: Sendable {
  /// Called on the caller's task.
  func willRun(_ query: LoggedQuery)
}

/// A statement as loggers see it.
public struct LoggedQuery: Sendable {
  /// The text, with placeholders.
  public let sql: String
  /// The parameters by type and length.
  public let parameters: [String]

  init(sql: String, parameters: [Value] = []) {
    self.sql = sql
    self.parameters = parameters.map { value in
      switch value {
      case .string(let text): "string(\(text.utf8.count))"
      case .binary(let binary): "binary(\(binary.bytes.count))"
      case .array(let values): "array(\(values.count))"
      default: value.typeName
      }
    }
  }
}

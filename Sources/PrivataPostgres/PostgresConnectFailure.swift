/// Why a connection could not be opened.
enum PostgresConnectFailure: Error, Sendable, Hashable {
  /// The server answered with an error.
  case refused(SQLState)
  case unknownHost, unreachable, tls, timeout, badOption, lost

  /// Reads what libpq says. With its verbosity at SQLSTATE an error of the server is that code alone;
  /// libpq's own faults have no code, only their English text (it is translated where a program
  /// sets a locale, and is then taken for an unreachable server).
  init(libpq text: String) {
    if let state = Self.state(in: text) {
      self = .refused(state)
    } else if text.contains("could not translate host name") {
      self = .unknownHost
    } else if text.contains("SSL") || text.contains("certificate") {
      self = .tls
    } else if text.contains("timeout expired") {
      self = .timeout
    } else if text.contains("invalid connection option") || text.contains("invalid ") {
      self = .badOption
    } else if text.contains("no password supplied") || text.contains("authentication") {
      self = .refused(.invalidPassword)
    } else if text.contains("server closed the connection") {
      self = .lost
    } else {
      self = .unreachable
    }
  }

  /// True where the same attempt may succeed later.
  var mayPass: Bool {
    switch self {
    case .unreachable, .timeout, .lost: true
    case .refused(let state):
      // Starting up or shutting down, too many connections, or short of something else.
      state.category == "57" || state.category == "53" || state.category == "08"
    case .unknownHost, .tls, .badOption: false
    }
  }

  /// The code behind "FATAL:  " or "ERROR:  ", where a server sent one.
  private static func state(in text: String) -> SQLState? {
    for severity in ["FATAL:  ", "ERROR:  ", "PANIC:  "] {
      let parts = text.split(separator: severity, omittingEmptySubsequences: false)
      guard parts.count > 1, let last = parts.last else { continue }
      let code = last.prefix(5)
      let isCode = code.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
      if code.utf8.count == 5, isCode { return SQLState(String(code)) }
    }
    return nil
  }
}

internal import CMongo

/// Why libmongoc reports a failure, as far as a caller can act on it. Its texts are not read: they
/// can hold values.
enum ClientCause: Sendable, Hashable {
  /// The server answered with an error; the reply says which.
  case server
  /// The connection broke, or no answer came in time.
  case network
  /// No server that fits was found in time.
  case selection
  case authentication
  /// The command or its options are no good; the number is libmongoc's.
  case usage(domain: UInt32, code: UInt32)

  init(domain: UInt32, code: UInt32) {
    switch domain {
    case MONGOC_ERROR_SERVER.rawValue, MONGOC_ERROR_WRITE_CONCERN.rawValue: self = .server
    case MONGOC_ERROR_STREAM.rawValue, MONGOC_ERROR_PROTOCOL.rawValue: self = .network
    case MONGOC_ERROR_SERVER_SELECTION.rawValue: self = .selection
    case MONGOC_ERROR_SASL.rawValue, MONGOC_ERROR_SCRAM.rawValue: self = .authentication
    case MONGOC_ERROR_CLIENT.rawValue where code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue:
      self = .authentication
    default: self = .usage(domain: domain, code: code)
    }
  }
}

internal import PrivataCore
internal import PrivataSQL

/// What a pool needs to open connections and to bound what it does.
struct PostgresSettings: Sendable {
  /// libpq's keywords and values. Holds the password.
  var keywords: [(name: String, value: String)]
  /// Statements that each new connection runs first.
  var setup: [String]
  var limits: PostgresPoolState<PostgresTicket>.Limits
  var connectMilliseconds: Int
  var cancelGraceMilliseconds: Int
  var statementLimit: Int

  /// Settings from a URL and options.
  init(_ url: PostgresURL, _ options: PostgresOptions) {
    let own = ["application_name", "client_encoding", "connect_timeout"]
    keywords = url.keywords.filter { !own.contains($0.name) }
    keywords.append(("application_name", url["application_name"] ?? options.applicationName))
    keywords.append(("client_encoding", "UTF8"))
    setup = [Self.session(options.schema)]
    connectMilliseconds = Self.bound(options.connectTimeout)
    cancelGraceMilliseconds = options.cancelTimeout
    statementLimit = options.preparedStatements
    limits = .init()
    limits.places = max(options.connections, 1)
    limits.idleMilliseconds = Self.bound(options.idleTimeout)
    limits.patienceMilliseconds = Self.bound(options.reconnectTimeout)
    // A server on this machine shares our processors: more connections at once than there are of
    // these only make the groups smaller that travel together.
    if url.transport == .inside { limits.sharedPlaces = max(ProcessorCount.value, 2) }
  }

  /// No bound is a bound of some weeks.
  static func bound(_ milliseconds: Int) -> Int { milliseconds > 0 ? milliseconds : 4_000_000_000 }

  /// The forms of text that we read, where a result comes as text.
  private static func session(_ schema: String?) -> String {
    var text = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'"
    text += "; SET bytea_output = 'hex'; SET extra_float_digits = 1"
    if let schema {
      text += "; SET search_path = \(SQLDialect.postgres.quote(schema)), public"
    }
    return text
  }
}

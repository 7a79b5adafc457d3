internal import PrivataCore

/// A server's address and how to reach it, read from a URL.
///
/// libpq reads the URL: `postgres://user:password@host:port/database?sslmode=…`, several hosts, Unix
/// sockets by `host=/folder`, certificates, and whatever else its manual lists. A few words that other
/// libraries put into such URLs are read here: `schema`, `connection_limit`, `pool_timeout`,
/// `statement_cache_size`.
struct PostgresURL: Sendable {
  /// libpq's keywords and values. Holds the password.
  var keywords: [(name: String, value: String)]
  /// Where, for errors: `host:port/database`.
  var place: String

  /// Reads a URL, and the options in it.
  ///
  /// - Throws: `badURL`; the message holds nothing of the URL, which may hold a password.
  init(_ url: String, options: inout PostgresOptions) throws(PrivataError) {
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
      throw PrivataError(.badURL, "a Postgres URL begins with postgres:// or postgresql://")
    }
    let plain = try Self.takingOptions(from: url, into: &options)
    guard let keywords = PostgresConnection.keywords(of: plain) else {
      throw PrivataError(.badURL, "the Postgres URL is malformed, or names an unknown option")
    }
    self.keywords = keywords
    place = Self.place(keywords)
    if let seconds = self["connect_timeout"].flatMap({ Int($0) }), seconds > 0 {
      options.connectTimeout = seconds * 1000
    }
  }

  /// The value of a keyword, `nil` where the URL does not say.
  subscript(keyword: String) -> String? { keywords.first { $0.name == keyword }?.value }

  private static func takingOptions(
    from url: String, into options: inout PostgresOptions
  ) throws(PrivataError) -> String {
    guard let mark = url.firstIndex(of: "?") else { return url }
    var kept: [Substring] = []
    for pair in url[url.index(after: mark)...].split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? String(parts[1]) : ""
      guard try take(String(parts[0]), value, into: &options) else {
        kept.append(pair)
        continue
      }
    }
    let base = url[..<mark]
    return kept.isEmpty ? String(base) : "\(base)?\(kept.joined(separator: "&"))"
  }

  private static func take(
    _ name: String, _ value: String, into options: inout PostgresOptions
  ) throws(PrivataError) -> Bool {
    switch name {
    case "schema": options.schema = value
    case "connection_limit": options.connections = try number(value, name)
    case "pool_timeout": options.poolTimeout = try number(value, name) * 1000
    case "statement_cache_size": options.preparedStatements = try number(value, name)
    default: return false
    }
    return true
  }

  private static func number(_ text: String, _ name: String) throws(PrivataError) -> Int {
    guard let number = Int(text), (0...1_000_000).contains(number) else {
      throw PrivataError(.badURL, "\(name) in the Postgres URL is no number")
    }
    return number
  }

  /// How statements travel to the server.
  var transport: StoreTraits.Transport {
    // libpq connects to `hostaddr` where both are given, and to its own socket where neither is.
    let given = self["hostaddr"] ?? self["host"] ?? ""
    let hosts = given.isEmpty ? ["/"] : given.split(separator: ",").map(String.init)
    return StoreTraits.Transport(hosts: hosts, isVerified: self["sslmode"] == "verify-full")
  }

  private static func place(_ keywords: [(name: String, value: String)]) -> String {
    func value(_ name: String) -> String? { keywords.first { $0.name == name }?.value }
    let host = value("host") ?? value("hostaddr") ?? "localhost"
    let port = value("port") ?? "5432"
    return "\(host):\(port)/\(value("dbname") ?? value("user") ?? "")"
  }
}

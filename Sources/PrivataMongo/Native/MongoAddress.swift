internal import CMongo
import PrivataCore

/// A parsed connection string. It never prints: it can hold a password.
final class MongoAddress: @unchecked Sendable {
  // Safe: the C value is not changed after init.
  let uri: OpaquePointer
  /// Hosts and ports, without credentials.
  let hosts: String
  let poolSize: Int
  let socketTimeoutMilliseconds: Int
  let waitQueueTimeoutMilliseconds: Int?
  let retriesWrites: Bool
  let database: String?
  /// True where TLS is on and nothing turns the check of the server's certificate off.
  let isVerified: Bool

  /// Parses a URL and fills in what it leaves open.
  ///
  /// - Throws: `badURL`; the message repeats no part of the URL.
  init(_ url: String, selectionTimeoutMilliseconds: Int) throws(PrivataError) {
    _ = Self.started
    guard let uri = mongoc_uri_new_with_error(url, nil) else {
      throw PrivataError(
        .badURL, "the MongoDB URL cannot be read; expected mongodb://host:port/database?options")
    }
    self.uri = uri
    hosts = Self.hosts(of: uri)
    let options = MongoAddressOptions(uri)
    poolSize = max(1, options.int("maxpoolsize") ?? 100)
    socketTimeoutMilliseconds = options.int("sockettimeoutms") ?? 300_000
    waitQueueTimeoutMilliseconds = options.int("waitqueuetimeoutms")
    retriesWrites = options.bool("retrywrites") ?? true
    database = mongoc_uri_get_database(uri).map { String(cString: $0) }
    isVerified =
      mongoc_uri_get_tls(uri)
      && !["tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"]
        .contains { options.bool($0) == true }
    if options.int("serverselectiontimeoutms") == nil {
      let timeout = Int32(clamping: selectionTimeoutMilliseconds)
      mongoc_uri_set_option_as_int32(uri, "serverselectiontimeoutms", timeout)
    }
    try Self.refuseUnacknowledged(uri)
  }

  deinit { mongoc_uri_destroy(uri) }

  // libmongoc wants to be started once per process, before anything else.
  private static let started: Bool = {
    privata_mongo_start()
    return true
  }()

  private static func hosts(of uri: OpaquePointer) -> String {
    var hosts: [String] = []
    var entry = mongoc_uri_get_hosts(uri)
    while let current = entry {
      hosts.append(
        withUnsafePointer(to: current.pointee.host_and_port) {
          $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
            String(cString: $0)
          }
        })
      entry = UnsafePointer(current.pointee.next)
    }
    return hosts.joined(separator: ",")
  }

  private static func refuseUnacknowledged(_ uri: OpaquePointer) throws(PrivataError) {
    guard !mongoc_write_concern_is_acknowledged(mongoc_uri_get_write_concern(uri)) else { return }
    throw PrivataError(.badURL, "the MongoDB URL asks for unacknowledged writes (w=0)")
  }
}

/// The options of a connection string.
private struct MongoAddressOptions {
  let uri: OpaquePointer
  init(_ uri: OpaquePointer) { self.uri = uri }

  func int(_ name: String) -> Int? {
    guard mongoc_uri_has_option(uri, name) else { return nil }
    return Int(mongoc_uri_get_option_as_int32(uri, name, 0))
  }

  func bool(_ name: String) -> Bool? {
    guard mongoc_uri_has_option(uri, name) else { return nil }
    return mongoc_uri_get_option_as_bool(uri, name, true)
  }
}

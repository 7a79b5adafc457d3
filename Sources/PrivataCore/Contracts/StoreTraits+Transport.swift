extension StoreTraits {
  /// How what is sent to a store travels.
  public enum Transport: String, Sendable, Hashable {
    /// Not at all, or not beyond the machine.
    case inside
    /// Over a network, encrypted, with the server's certificate verified.
    case verified
    /// Over a network, and nothing says that it is encrypted and the server is who it should be.
    case plain

    /// How it travels to hosts, with or without verified TLS.
    ///
    ///     Transport(hosts: ["db.example:5432"], isVerified: true)   // verified
    ///
    /// A host is `name`, `name:port`, `[address]:port` or the path of a Unix socket. No host at all
    /// counts as one elsewhere: an address that is looked up later (`mongodb+srv`) can be anywhere.
    public init(hosts: [String], isVerified: Bool) {
      let isInside = !hosts.isEmpty && hosts.allSatisfy(Self.isThisMachine)
      self = isInside ? .inside : isVerified ? .verified : .plain
    }

    /// Whether a host can only be this machine: a socket's path, `localhost`, or a loopback address
    /// written out. A name that merely begins so (`127.example.com`) can be anybody's.
    private static func isThisMachine(_ host: String) -> Bool {
      if host.hasPrefix("/") { return true }
      let name = name(of: host).lowercased()
      if name == "localhost" || name == "::1" { return true }
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func name(of host: String) -> Substring {
      if host.hasPrefix("[") { return host.dropFirst().prefix { $0 != "]" } }
      // More than one colon: an IPv6 address without a port.
      guard host.count(where: { $0 == ":" }) == 1 else { return host[...] }
      return host.prefix { $0 != ":" }
    }
  }
}

/// What a vault keeps of the records that it read by their key.
///
/// ```swift
/// var options = VaultOptions()
/// options.cache = CacheOptions()          // 100,000 records, 64 MiB, 60 s
/// ```
///
/// Within the process a read after an acknowledged write or erasure never answers what was before it.
/// What another process writes is seen when the lifetime is over: leave the cache out where several
/// processes write the same records and a minute is too long.
///
/// - Privacy: records are kept in memory as they were read, health data only where ``health`` says for
/// how long; every hit is checked and audited like a read of the stores. Reads in transactions and in
/// an emergency go past the cache.
public struct CacheOptions: Sendable, Hashable {
  /// The most records.
  public var entries: Int
  /// The most bytes of them.
  public var bytes: Int
  /// How long a record may be answered without reading it again.
  public var lifetime: Duration
  /// The same for records with fields of class `.phi`; `nil` keeps none of them.
  public var health: Duration?

  /// A cache of these bounds.
  public init(
    entries: Int = 100_000, bytes: Int = 64 << 20, lifetime: Duration = .seconds(60),
    health: Duration? = nil
  ) {
    self.entries = entries
    self.bytes = bytes
    self.lifetime = lifetime
    self.health = health
  }
}

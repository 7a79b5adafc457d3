public import PrivataCore

/// How a vault encrypts fields.
///
/// ```swift
/// var options = VaultOptions()
/// options.encryption = EncryptionOptions(keyStore: .sqlite("keys.db"))
/// ```
///
/// The key store is a database of its own, backed up apart from the data: who has a backup of the
/// data alone has ciphertext. Its keys are wrapped by the vault's master key or key service, so that
/// who has the key store alone has nothing either.
public struct EncryptionOptions: Sendable {
  /// Where wrapped keys are kept.
  public var keyStore: StoreSource
  /// The region to which every ciphertext is bound.
  public var region = "default"
  /// After how many days ``VaultEncryption/rotate(_:)`` of the epoch keys is due.
  public var epochDays = 30
  /// How long backups of the key store are kept: an epoch key is destroyed that long after its end,
  /// and with it every backup of keys that it wrapped.
  public var backupDays = 35
  /// How long a process may use keys from memory without asking the key store whether they were
  /// destroyed meanwhile.
  public var leaseSeconds = 60.0
  /// How many keys a process keeps in memory.
  public var cachedKeys = 50_000
  /// After how many values a key is followed by a new version, and at how many it refuses.
  public var sealsBeforeRotation = 1 << 20
  public var sealLimit = 1 << 24

  /// The defaults over a key store.
  public init(keyStore: StoreSource) { self.keyStore = keyStore }
}

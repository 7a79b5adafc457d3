/// Where and how a vault keeps its journal: the memory-mapped file that each audit event and each
/// open two-store write goes to first.
///
/// ```swift
/// var options = VaultOptions()
/// options.journal.directory = "/var/lib/clinic/journal"
/// ```
public struct JournalOptions: Sendable, Hashable {
  /// What happens to personal data when the audit store is away and the journal has reached its
  /// bound.
  public enum Overflow: String, Sendable, Hashable {
    /// Operations on PII and PHI are refused until there is room: nothing happens unrecorded.
    case failClosedForPHI
    /// Operations go on, and a record says how many events are missing.
    case keepServingRecordGaps
  }

  /// What happens at start where a journal of an earlier run is damaged.
  public enum Damage: String, Sendable, Hashable {
    /// Opening the vault fails with `corrupt`, which names file and offset.
    case refuse
    /// The damaged file is kept under the name `….damaged`, what is whole of it is used, and an
    /// audit event says so.
    case setAside
  }

  /// The directory; beside the SQLite file of the identity store, or `.privata` in the current
  /// directory, where `nil`.
  public var directory: String?
  /// The size of one file, set aside when the file is made.
  public var segmentBytes = 8 << 20
  /// The size of all files together past which ``overflow`` decides.
  public var maximumBytes = 1 << 30
  public var overflow = Overflow.failClosedForPHI
  public var damage = Damage.refuse
  /// How often the journal is forced to the disk; a power cut can lose what came after. The end of
  /// the process alone loses nothing.
  public var syncMilliseconds = 1_000
  /// True waits for the disk at each event.
  public var isStrict = false
  /// How long events may wait before they are moved to the audit store, so that they go in batches.
  public var drainMilliseconds = 200

  /// The defaults.
  public init() {}
}

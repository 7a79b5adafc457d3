public import PrivataCore

/// How a SQLite store keeps its file.
///
/// ```swift
/// var options = SQLiteOptions()
/// options.sharing = .shared        // other processes write to the file too
/// let store = try await SQLiteStore(path: "clinic.db", options)
/// ```
public struct SQLiteOptions: Sendable, Hashable {
  /// Who writes to the file.
  public enum Sharing: Sendable, Hashable {
    /// This process alone: readers keep their view of the file until this process commits, which
    /// makes reads two times as fast. Other processes may read the file, and what they write is seen
    /// after ``SQLiteOptions/snapshotMilliseconds``.
    case exclusive
    /// Other processes too: each read sees what any process has committed before it.
    case shared
  }

  /// When a commit is safe from a power cut. A crash of the process never loses a commit.
  public enum Durability: Sendable, Hashable {
    /// At once: each commit, or each group of waiting ones, waits for the disk.
    case full
    /// After the next checkpoint; a power cut can lose the last commits but damages nothing.
    case normal
    /// When the system writes it; for data that can be made again.
    case off
  }

  /// Who else opens the file, and what a commit waits for.
  public var sharing: Sharing
  public var durability: Durability
  /// The most connections that read at the same time.
  public var readers: Int
  /// How long a call waits for another writer or a free connection before it throws `busy`.
  public var waitMilliseconds: Int
  /// How long a reader keeps its view without a commit of this process.
  public var snapshotMilliseconds: Int
  /// False refuses to make a file that is not there.
  public var createsFile: Bool
  /// True opens the file for reading alone.
  public var isReadOnly: Bool
  /// The most pages that the file may have; `nil` for SQLite's own bound.
  public var pageLimit: Int?

  /// The usual options: exclusive, durable at once, eight readers, five seconds.
  public init() {
    sharing = .exclusive
    durability = .full
    readers = 8
    waitMilliseconds = 5000
    snapshotMilliseconds = 20
    createsFile = true
    isReadOnly = false
    pageLimit = nil
  }
}

extension StoreSource {
  /// A SQLite file, made where it is missing; `:memory:` for a database that ends with the store.
  ///
  /// ```swift
  /// let mongo = try await MongoStyle.connect(.sqlite("clinic.db"))
  /// ```
  public static func sqlite(
    _ path: String, options: SQLiteOptions = SQLiteOptions()
  ) -> StoreSource {
    StoreSource { () async throws(PrivataError) -> any Store in
      try await SQLiteStore(path: path, options)
    }
  }
}

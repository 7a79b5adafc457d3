internal import PrivataSQL

/// A lock on the rows that a select answers (PostgreSQL).
struct RowLock: Sendable {
  var strength: LockStrength
  var tables: [SQLTable] = []
  var wait: LockWait?

  func text(_ dialect: SQLDialect) -> String {
    var text = " for \(strength.rawValue)"
    if !tables.isEmpty {
      text += " of " + tables.map { dialect.quote($0.handle) }.joined(separator: ", ")
    }
    return text + (wait.map { " \($0.rawValue)" } ?? "")
  }
}

/// How strongly a select locks its rows.
public enum LockStrength: String, Sendable, Hashable {
  case update = "update"
  case noKeyUpdate = "no key update"
  case share = "share"
  case keyShare = "key share"
}

/// What a select does about rows that are locked already.
public enum LockWait: String, Sendable, Hashable {
  /// Fails at once.
  case noWait = "nowait"
  /// Leaves them out.
  case skipLocked = "skip locked"
}

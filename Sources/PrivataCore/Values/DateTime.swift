/// A moment in milliseconds since 1970-01-01T00:00:00Z, the precision that BSON keeps.
///
/// ```swift
/// let now = DateTime.now
/// let birth = DateTime(iso8601: "1988-12-10T00:00:00.000Z")
/// ```
public struct DateTime: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970 in UTC; negative before.
  public var milliseconds: Int64

  /// The moment that many milliseconds after 1970.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  public static func < (a: DateTime, b: DateTime) -> Bool { a.milliseconds < b.milliseconds }
}

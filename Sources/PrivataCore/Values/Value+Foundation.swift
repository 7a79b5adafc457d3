#if canImport(FoundationEssentials)
  // Public, because Date and UUID are in these signatures.
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension DateTime {
  /// The date to the nearest millisecond; dates beyond the range of milliseconds become its ends.
  public init(_ date: Date) {
    let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
    self.init(
      milliseconds: Int64(exactly: milliseconds) ?? (milliseconds < 0 ? Int64.min : Int64.max))
  }
}

extension Date {
  /// The moment as Foundation has it.
  public init(_ moment: DateTime) {
    self.init(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
  }
}

extension Binary {
  /// The UUID as BSON keeps it: 16 bytes of subtype 4.
  public init(_ uuid: UUID) {
    let b = uuid.uuid
    self.init(
      [
        b.0, b.1, b.2, b.3, b.4, b.5, b.6, b.7, b.8, b.9, b.10, b.11, b.12, b.13, b.14, b.15,
      ], subtype: 4)
  }
}

extension UUID {
  /// The UUID of 16 bytes of subtype 4; `nil` for other bytes.
  public init?(_ binary: Binary) {
    guard binary.subtype == 4, binary.bytes.count == 16 else { return nil }
    let b = binary.bytes
    self.init(
      uuid: (
        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
        b[14], b[15]
      ))
  }
}

extension Value {
  /// A date of Foundation's, to the nearest millisecond.
  ///
  /// ```swift
  /// let document: Document = ["at": .date(Date())]
  /// ```
  public static func date(_ date: Date) -> Value { .date(DateTime(date)) }

  /// A UUID, in BSON a binary of subtype 4.
  public static func uuid(_ uuid: UUID) -> Value { .binary(Binary(uuid)) }

  /// The UUID, where the value is one.
  public var asUUID: UUID? {
    if case .binary(let value) = self { UUID(value) } else { nil }
  }
}

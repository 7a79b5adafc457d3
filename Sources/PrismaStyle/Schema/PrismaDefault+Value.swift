internal import PrivataCore
internal import Synchronization

extension PrismaDefault {
  /// The value for one new record.
  func make(at now: DateTime) -> Value {
    switch self {
    case .cuid: .string(Self.cuid(at: now))
    case .uuid: .string(Self.uuid())
    case .now: .date(now)
    case .value(let value): value
    }
  }

  private static let counter = Atomic<UInt32>(UInt32.random(in: 0..<1_679_616))

  /// `c`, the time, a counter and 12 random places, all in base 36: ids sort by their time.
  private static func cuid(at now: DateTime) -> String {
    let count = counter.wrappingAdd(1, ordering: .relaxed).newValue % 1_679_616
    let random = UInt64.random(in: 0..<4_738_381_338_321_616_896)
    return "c" + base36(UInt64(max(0, now.milliseconds)), 8) + base36(UInt64(count), 4)
      + base36(random, 12)
  }

  private static func base36(_ value: UInt64, _ places: Int) -> String {
    let digits = String(value, radix: 36)
    return String(repeating: "0", count: max(0, places - digits.count)) + digits.suffix(places)
  }

  /// Version 4 of RFC 9562.
  private static func uuid() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return [hex[0..<4], hex[4..<6], hex[6..<8], hex[8..<10], hex[10..<16]]
      .map { $0.joined() }.joined(separator: "-")
  }
}

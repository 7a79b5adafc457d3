internal import Synchronization

/// How far a time zone is from UTC, and when.
///
/// Reads what MongoDB reads: `UTC`, `GMT`, offsets such as `+02:00`, `-0330` and `+1`, and names of the
/// system's time zone database.
struct ZoneRules: Sendable {
  /// Moments in seconds at which the offset changes, ascending, and the offset from then on.
  private var changes: [(at: Int64, offset: Int)] = []
  private var first: Int
  /// The rule for all time after the last change.
  private var last: ZoneFooter?

  /// A fixed offset in seconds.
  init(offset: Int) { first = offset }

  static let utc = ZoneRules(offset: 0)

  /// The zone of a name.
  ///
  /// - Throws: `rejectedByStore` with MongoDB's code 40485 for a zone that is not known.
  static func named(_ name: String) throws(PrivataError) -> ZoneRules {
    if name == "UTC" || name == "GMT" || name == "Z" { return utc }
    if let offset = offset(of: name) { return ZoneRules(offset: offset) }
    if let known = cache.withLock({ $0[name] }) { return known }
    guard let bytes = ZoneFile.bytes(name), let rules = ZoneRules(compiled: bytes) else {
      throw .rejected(40485, "unrecognized time zone identifier")
    }
    cache.withLock { $0[name] = rules }
    return rules
  }

  private static let cache = Mutex<[String: ZoneRules]>([:])

  /// `+hh`, `+hhmm`, `+hh:mm`, also with one digit for the hours.
  private static func offset(of text: String) -> Int? {
    guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
    var digits = text.dropFirst().filter { $0 != ":" }
    guard digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), (1...4).contains(digits.count) else {
      return nil
    }
    if digits.count == 1 || digits.count == 3 { digits = "0" + digits }
    if digits.count == 2 { digits += "00" }
    guard let hours = Int(digits.prefix(2)), let minutes = Int(digits.suffix(2)) else { return nil }
    return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  /// The offset in seconds at a moment.
  func offset(at seconds: Int64) -> Int {
    guard let end = changes.last, seconds >= end.at else {
      var low = 0
      var high = changes.count
      while low < high {
        let middle = (low + high) / 2
        if changes[middle].at <= seconds { low = middle + 1 } else { high = middle }
      }
      return low == 0
        ? (changes.isEmpty ? last?.offset(at: seconds) ?? first : first) : changes[low - 1].offset
    }
    return last?.offset(at: seconds) ?? end.offset
  }

  /// The local clock's reading at a moment, as if it were UTC.
  func local(_ date: DateTime) -> DateTime {
    date.adding(milliseconds: Int64(offset(at: date.seconds)) * 1000)
  }

  /// The moment at which the local clock shows this; the earlier one where it shows it twice.
  func moment(local: DateTime) -> DateTime {
    let guess = offset(at: local.seconds)
    let before = offset(at: local.seconds - Int64(guess) - 86_400)
    for offset in [before, guess] where self.offset(at: local.seconds - Int64(offset)) == offset {
      return local.adding(milliseconds: Int64(offset) * -1000)
    }
    // A clock that was put forward never showed this; what it would have shown counts.
    return local.adding(milliseconds: Int64(before) * -1000)
  }
}

extension DateTime {
  /// Whole seconds since 1970, rounded down.
  var seconds: Int64 {
    let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// The moment that much later; records may hold the farthest moments there are, where it ends.
  func adding(milliseconds amount: Int64) -> DateTime {
    let (sum, isOverflowing) = milliseconds.addingReportingOverflow(amount)
    guard isOverflowing else { return DateTime(milliseconds: sum) }
    return DateTime(milliseconds: amount < 0 ? .min : .max)
  }
}

// MARK: - Compiled rules (RFC 8536)

extension ZoneRules {
  /// The rules in a compiled file; `nil` where it is damaged.
  init?(compiled bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard let old = reader.header(), old.version >= 50 else { return nil }
    reader.position += old.size(timeBytes: 4)
    guard let header = reader.header() else { return nil }
    var times: [Int64] = []
    for _ in 0..<header.timeCount { times.append(reader.integer(8)) }
    var kinds: [Int] = []
    for _ in 0..<header.timeCount { kinds.append(Int(reader.integer(1) & 0xFF)) }
    var offsets: [Int] = []
    for _ in 0..<header.typeCount {
      offsets.append(Int(Int32(truncatingIfNeeded: reader.integer(4))))
      reader.position += 2
    }
    guard reader.position <= bytes.count, let first = offsets.first else { return nil }
    self.first = first
    for (time, kind) in zip(times, kinds) where kind < offsets.count {
      changes.append((time, offsets[kind]))
    }
    reader.position +=
      header.charCount + header.leapCount * 12 + header.standardCount + header.utcCount
    guard reader.position < bytes.count else { return }
    let footer = bytes[reader.position...].split(separator: 10, omittingEmptySubsequences: true)
      .first
    last = footer.flatMap { ZoneFooter(String(decoding: $0, as: UTF8.self)) }
  }

  private struct Header {
    var version = 0, utcCount = 0, standardCount = 0, leapCount = 0, timeCount = 0, typeCount = 0
    var charCount = 0

    func size(timeBytes: Int) -> Int {
      timeCount * (timeBytes + 1) + typeCount * 6 + charCount + leapCount * (timeBytes + 4)
        + standardCount + utcCount
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    mutating func integer(_ size: Int) -> Int64 {
      guard position + size <= bytes.count else {
        position = bytes.count + 1
        return 0
      }
      var value: Int64 = 0
      for byte in bytes[position..<(position + size)] { value = value << 8 | Int64(byte) }
      position += size
      return value
    }

    mutating func header() -> Header? {
      guard position + 44 <= bytes.count,
        bytes[position..<(position + 4)].elementsEqual("TZif".utf8)
      else { return nil }
      var header = Header()
      header.version = Int(bytes[position + 4])
      position += 20
      header.utcCount = Int(integer(4))
      header.standardCount = Int(integer(4))
      header.leapCount = Int(integer(4))
      header.timeCount = Int(integer(4))
      header.typeCount = Int(integer(4))
      header.charCount = Int(integer(4))
      return header
    }
  }
}

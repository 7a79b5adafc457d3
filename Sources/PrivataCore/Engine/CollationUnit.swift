/// The weights of one letter, symbol or number under a ``Collation``.
struct CollationUnit: Sendable, Hashable {
  var primary: UInt64
  var secondary: UInt64 = 0
  var tertiary: UInt64 = 0

  /// True for white space and punctuation, which `alternate: "shifted"` leaves out.
  var isVariable: Bool { primary < Self.firstDigit - 32 }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 48 && scalar.value <= 57 }

  static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x300 && scalar.properties.generalCategory == .nonspacingMark
  }

  /// A run of digits: its length without leading zeros decides first.
  static func number(_ digits: [Unicode.Scalar]) -> [CollationUnit] {
    let significant = digits.drop { $0 == "0" }
    let length = CollationUnit(primary: firstDigit + 16 + UInt64(min(significant.count, 1000)))
    return [length] + significant.map { CollationUnit(primary: firstDigit + UInt64($0.value - 48)) }
  }

  /// The units of one scalar; two for ligatures such as `æ` and `ß`.
  static func letters(_ scalar: Unicode.Scalar) -> [CollationUnit] {
    if scalar.value < 128 { return [ascii[Int(scalar.value)]] }
    if let pair = ligatures[scalar.value] {
      let weight: UInt64 = scalar.properties.isUppercase ? 8 : 0
      return pair.unicodeScalars.map { scalar in
        var unit = ascii[Int(scalar.value)]
        unit.secondary = 1
        unit.tertiary = weight
        return unit
      }
    }
    let (lower, mark) = Self.lower(scalar)
    let isUpper = lower != scalar
    var (base, accent) = AccentTable.shared.split(lower)
    if let mark { accent = AccentTable.shared.weight(mark: mark) }
    let weight: UInt64 = isUpper ? 8 : 0
    if base.value < 128 {
      var unit = ascii[Int(base.value)]
      unit.secondary = accent
      unit.tertiary = weight
      return [unit]
    }
    return [
      CollationUnit(
        primary: firstLetter + UInt64(base.value) * 4, secondary: accent, tertiary: weight)
    ]
  }

  /// The lower-case form, which for `İ` is a letter and a mark.
  private static func lower(_ scalar: Unicode.Scalar) -> (Unicode.Scalar, mark: Unicode.Scalar?) {
    let mapped = Array(scalar.properties.lowercaseMapping.unicodeScalars)
    return mapped.count == 2
      ? (mapped[0], mapped[1]) : (mapped.count == 1 ? mapped[0] : scalar, nil)
  }

  private static let ligatures: [UInt32: String] = [
    0xDF: "ss", 0x1E9E: "ss", 0xE6: "ae", 0xC6: "ae", 0x153: "oe", 0x152: "oe", 0x133: "ij",
    0x132: "ij", 0xFB01: "fi", 0xFB02: "fl",
  ]

  private static let firstDigit: UInt64 = 4096
  private static let firstLetter: UInt64 = 8192

  /// The order of ASCII in the root collation: white space, punctuation, symbols, digits, letters.
  private static let ascii: [CollationUnit] = {
    let variable = "\t\n\u{B}\u{C}\r _-,;:!?.'\"()[]{}@*/\\&#%"
    let symbols = "`^+<=>|~$"
    var units = (0..<128).map { CollationUnit(primary: UInt64($0)) }
    for (rank, scalar) in variable.unicodeScalars.enumerated() {
      units[Int(scalar.value)].primary = 256 + UInt64(rank)
    }
    for (rank, scalar) in symbols.unicodeScalars.enumerated() {
      units[Int(scalar.value)].primary = firstDigit - 32 + UInt64(rank)
    }
    for digit in 48...57 { units[digit].primary = firstDigit + UInt64(digit - 48) }
    for letter in 97...122 {
      units[letter].primary = firstLetter + UInt64(letter - 97) * 4
      units[letter - 32] = CollationUnit(primary: units[letter].primary, tertiary: 8)
    }
    return units
  }()
}

/// Accented letters and their base letters, read from the names of Unicode's characters: `é` is
/// called LATIN SMALL LETTER E WITH ACUTE.
struct AccentTable: Sendable {
  /// The table of Latin, Greek and Cyrillic.
  static let shared = AccentTable()

  private let bases: [UInt32: (Unicode.Scalar, UInt64)]

  private init() {
    var byName: [Substring: Unicode.Scalar] = [:]
    var accented: [(Unicode.Scalar, Substring, Substring)] = []
    for range in [0x61...0x7A, 0xDF...0x24F, 0x370...0x52F, 0x1E00...0x1FFF]
      as [ClosedRange<UInt32>]
    {
      for scalar in range.compactMap(Unicode.Scalar.init) {
        guard let name = scalar.properties.name?[...] else { continue }
        guard let cut = name.firstIndex(of: " WITH ") else {
          byName[name] = scalar
          continue
        }
        accented.append((scalar, name[..<cut.lowerBound], name[cut.upperBound...]))
      }
    }
    var bases: [UInt32: (Unicode.Scalar, UInt64)] = [:]
    for (scalar, base, accent) in accented {
      guard let plain = byName[base] else { continue }
      bases[scalar.value] = (plain, Self.weight(String(accent)))
    }
    self.bases = bases
  }

  /// Accents in the order of the root collation; others come after them.
  private static let ranks: [String: UInt64] = {
    let names = [
      "ACUTE", "GRAVE", "BREVE", "CIRCUMFLEX", "CARON", "RING ABOVE", "DIAERESIS", "DOUBLE ACUTE",
      "TILDE", "DOT ABOVE", "STROKE", "CEDILLA", "OGONEK", "MACRON",
    ]
    var ranks: [String: UInt64] = [:]
    for (rank, name) in names.enumerated() { ranks[name] = UInt64(rank + 2) }
    for (name, other) in [
      ("TONOS", "ACUTE"), ("VARIA", "GRAVE"), ("VRACHY", "BREVE"), ("DIALYTIKA", "DIAERESIS"),
      ("ACUTE ACCENT", "ACUTE"), ("GRAVE ACCENT", "GRAVE"), ("CIRCUMFLEX ACCENT", "CIRCUMFLEX"),
      ("DOUBLE ACUTE ACCENT", "DOUBLE ACUTE"), ("LONG SOLIDUS OVERLAY", "STROKE"),
    ] {
      ranks[name] = ranks[other]
    }
    return ranks
  }()

  /// The weight of an accent by its name, one digit of base 4096 for each of several.
  private static func weight(_ name: String) -> UInt64 {
    if let rank = ranks[name] { return rank }
    var weight: UInt64 = 0
    for part in name.split(separator: " AND ", omittingEmptySubsequences: true).prefix(4) {
      let hash = part.utf8.reduce(UInt64(7)) { ($0 &* 31 &+ UInt64($1)) & 0x7FF }
      weight = weight * 4096 + (ranks[String(part)] ?? 64 + hash)
    }
    return weight
  }

  /// The weight of a combining mark: that of the accent in a letter that has it built in.
  func weight(mark: Unicode.Scalar) -> UInt64 {
    let name = mark.properties.name ?? ""
    let prefix = "COMBINING "
    return Self.weight(name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name)
  }

  /// The base letter and the weight of its accents; the scalar itself and 0 where it has none.
  func split(_ scalar: Unicode.Scalar) -> (Unicode.Scalar, UInt64) {
    bases[scalar.value] ?? (scalar, 0)
  }
}

extension Substring {
  /// Where a text first occurs.
  fileprivate func firstIndex(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}

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
      let case_: UInt64 = scalar.properties.isUppercase ? 9 : 1
      return pair.unicodeScalars.map { scalar in
        var unit = ascii[Int(scalar.value)]
        unit.tertiary = case_
        return unit
      }
    }
    let lower = Self.lower(scalar)
    let isUpper = lower != scalar
    let (base, accent) = AccentTable.shared.split(lower)
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

  private static func lower(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let mapped = scalar.properties.lowercaseMapping.unicodeScalars
    return mapped.count == 1 ? mapped.first ?? scalar : scalar
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
      let weight = accent.utf8.reduce(UInt64(7)) { ($0 &* 31 &+ UInt64($1)) & 0xFF_FFFF }
      bases[scalar.value] = (plain, weight + 1)
    }
    self.bases = bases
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

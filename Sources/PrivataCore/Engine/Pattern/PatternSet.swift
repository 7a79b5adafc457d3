/// A character class: `[a-z_]`, `\w`, `\p{L}`.
struct PatternSet: Sendable {
  /// Members below 128 that were named one by one, a bit each; these know no case where asked.
  private var characters = Bits()
  /// Members below 128 of classes such as `\d`, to which the case option means nothing.
  private var members = Bits()
  private var ranges: [ClosedRange<UInt32>] = []
  private var categories: [(Set<Unicode.GeneralCategory>, isNegated: Bool)] = []
  /// Classes such as `\W` inside this one: all of Unicode but an ASCII class.
  private var hasNonASCII = false
  var isNegated = false
  let ignoresCase: Bool

  private struct Bits: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    mutating func insert(_ scalar: UInt32) {
      if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
    }

    func contains(_ scalar: UInt32) -> Bool {
      guard scalar < 128 else { return false }
      return scalar < 64 ? low >> UInt64(scalar) & 1 == 1 : high >> UInt64(scalar - 64) & 1 == 1
    }
  }

  /// An empty class.
  init(ignoresCase: Bool = false) { self.ignoresCase = ignoresCase }

  /// Adds the scalars from the first to the last.
  mutating func insert(_ range: ClosedRange<UInt32>) {
    var scalar = range.lowerBound
    while scalar <= range.upperBound, scalar < 128 {
      characters.insert(scalar)
      scalar += 1
    }
    if range.upperBound >= 128 { ranges.append(max(128, range.lowerBound)...range.upperBound) }
  }

  /// Adds a class of ASCII characters, or all but them.
  mutating func insert(_ ascii: (UInt32) -> Bool, isNegated: Bool) {
    for scalar in 0..<UInt32(128) where ascii(scalar) != isNegated { members.insert(scalar) }
    if isNegated { hasNonASCII = true }
  }

  /// Adds the scalars of these general categories, or all but them.
  mutating func insert(_ named: Set<Unicode.GeneralCategory>, isNegated: Bool) {
    categories.append((named, isNegated))
  }

  /// True where the scalar is a member.
  func contains(_ scalar: UInt32) -> Bool {
    (isMember(scalar) || isNamed(scalar) || ignoresCase && isNamedInOtherCase(scalar)) != isNegated
  }

  private func isNamed(_ scalar: UInt32) -> Bool {
    scalar < 128
      ? characters.contains(scalar) : ranges.contains(where: { $0.contains(scalar) })
  }

  private func isNamedInOtherCase(_ scalar: UInt32) -> Bool {
    let folded = Self.fold(scalar)
    return isNamed(folded) || isNamed(Self.upper(scalar)) || isNamed(Self.upper(folded))
  }

  private func isMember(_ scalar: UInt32) -> Bool {
    if scalar < 128 ? members.contains(scalar) : hasNonASCII { return true }
    guard !categories.isEmpty, let unicode = Unicode.Scalar(scalar) else { return false }
    let category = unicode.properties.generalCategory
    return categories.contains { $0.0.contains(category) != $0.isNegated }
  }
}

extension PatternSet {
  /// The scalar's lower-case form where that is one scalar.
  static func fold(_ scalar: UInt32) -> UInt32 {
    if scalar < 128 { return scalar >= 65 && scalar <= 90 ? scalar + 32 : scalar }
    return Unicode.Scalar(scalar).flatMap { single($0.properties.lowercaseMapping) } ?? scalar
  }

  static func upper(_ scalar: UInt32) -> UInt32 {
    if scalar < 128 { return scalar >= 97 && scalar <= 122 ? scalar - 32 : scalar }
    return Unicode.Scalar(scalar).flatMap { single($0.properties.uppercaseMapping) } ?? scalar
  }

  private static func single(_ mapping: String) -> UInt32? {
    let scalars = mapping.unicodeScalars
    return scalars.count == 1 ? scalars.first?.value : nil
  }

  static func isDigit(_ scalar: UInt32) -> Bool { scalar >= 48 && scalar <= 57 }
  static func isLower(_ scalar: UInt32) -> Bool { scalar >= 97 && scalar <= 122 }
  static func isUpper(_ scalar: UInt32) -> Bool { scalar >= 65 && scalar <= 90 }
  static func isAlpha(_ scalar: UInt32) -> Bool { isLower(scalar | 32) && scalar < 128 }
  static func isWord(_ scalar: UInt32) -> Bool {
    isAlpha(scalar) || isDigit(scalar) || scalar == 95
  }
  static func isSpace(_ scalar: UInt32) -> Bool { scalar == 32 || scalar >= 9 && scalar <= 13 }
  static func isBlank(_ scalar: UInt32) -> Bool { scalar == 32 || scalar == 9 }
  static func isControl(_ scalar: UInt32) -> Bool { scalar < 32 || scalar == 127 }
  static func isGraph(_ scalar: UInt32) -> Bool { scalar > 32 && scalar < 127 }
  static func isPunctuation(_ scalar: UInt32) -> Bool {
    isGraph(scalar) && !isAlpha(scalar) && !isDigit(scalar)
  }

  static func isHexadecimal(_ scalar: UInt32) -> Bool {
    isDigit(scalar) || (scalar | 32) >= 97 && (scalar | 32) <= 102
  }

  /// POSIX's named classes: `[:alpha:]`.
  static func posix(_ name: String) -> ((UInt32) -> Bool)? {
    switch name {
    case "alpha": isAlpha
    case "digit": isDigit
    case "alnum": { isAlpha($0) || isDigit($0) }
    case "upper": isUpper
    case "lower": isLower
    case "space": isSpace
    case "blank": isBlank
    case "punct": isPunctuation
    case "xdigit": isHexadecimal
    case "word": isWord
    case "cntrl": isControl
    case "graph": isGraph
    case "print": { isGraph($0) || $0 == 32 }
    case "ascii": { $0 < 128 }
    default: nil
    }
  }

  /// Unicode's general categories by the names of `\p{…}`.
  static func categories(_ name: String) -> Set<Unicode.GeneralCategory>? { categoryNames[name] }

  private static let categoryNames: [String: Set<Unicode.GeneralCategory>] = [
    "L": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter],
    "L&": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter],
    "Lu": [.uppercaseLetter],
    "Ll": [.lowercaseLetter],
    "Lt": [.titlecaseLetter],
    "Lm": [.modifierLetter],
    "Lo": [.otherLetter],
    "M": [.nonspacingMark, .spacingMark, .enclosingMark],
    "Mn": [.nonspacingMark],
    "Mc": [.spacingMark],
    "Me": [.enclosingMark],
    "N": [.decimalNumber, .letterNumber, .otherNumber],
    "Nd": [.decimalNumber],
    "Nl": [.letterNumber],
    "No": [.otherNumber],
    "P": [
      .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation,
    ],
    "Pc": [.connectorPunctuation],
    "Pd": [.dashPunctuation],
    "Ps": [.openPunctuation],
    "Pe": [.closePunctuation],
    "Pi": [.initialPunctuation],
    "Pf": [.finalPunctuation],
    "Po": [.otherPunctuation],
    "S": [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol],
    "Sm": [.mathSymbol],
    "Sc": [.currencySymbol],
    "Sk": [.modifierSymbol],
    "So": [.otherSymbol],
    "Z": [.spaceSeparator, .lineSeparator, .paragraphSeparator],
    "Zs": [.spaceSeparator],
    "Zl": [.lineSeparator],
    "Zp": [.paragraphSeparator],
    "C": [.control, .format, .surrogate, .privateUse, .unassigned],
    "Cc": [.control],
    "Cf": [.format],
    "Co": [.privateUse],
    "Cn": [.unassigned],
  ]
}

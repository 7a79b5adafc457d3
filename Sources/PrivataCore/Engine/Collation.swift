/// MongoDB's collation: how strings compare and sort under a locale.
///
/// Letters compare by their base form, then their accents (strength 2), then their case (strength
/// 3), as the root locale of the Unicode Collation Algorithm orders Latin, Greek and Cyrillic text.
/// Rules of single locales (Swedish `å` after `z`) are not applied.
package struct Collation: Sendable, Hashable {
  /// 1 compares base letters, 2 accents too, 3 case too, 4 and 5 all differences.
  let strength: Int
  /// Case counts even at strengths 1 and 2.
  let caseLevel: Bool
  let upperFirst: Bool
  /// Runs of digits compare as numbers.
  let numericOrdering: Bool
  /// White space and punctuation do not count.
  let ignoresPunctuation: Bool
  let backwards: Bool
  /// Strings compare by their bytes, as without a collation.
  let isSimple: Bool

  /// Reads MongoDB's collation document.
  ///
  /// - Throws: `rejectedByStore` where the locale is missing or a strength is out of range.
  package init(_ document: Document) throws(PrivataError) {
    guard let locale = document["locale"]?.asString else {
      throw .rejected(40414, "BSON field 'collation.locale' is missing but a required field")
    }
    guard !locale.isEmpty else {
      throw .rejected(2, "Field 'locale' of a collation cannot be empty")
    }
    isSimple = locale == "simple"
    strength = document["strength"]?.asInt ?? 3
    guard (1...5).contains(strength) else {
      throw .rejected(51024, "Field 'strength' of a collation must be an integer 1 through 5")
    }
    caseLevel = document["caseLevel"]?.asBool ?? false
    upperFirst = document["caseFirst"]?.asString == "upper"
    numericOrdering = document["numericOrdering"]?.asBool ?? false
    ignoresPunctuation = document["alternate"]?.asString == "shifted"
    backwards = document["backwards"]?.asBool ?? false
  }

  /// Negative, zero or positive as `a` sorts before, with or after `b`.
  package func compare(_ a: String, _ b: String) -> Int {
    if isSimple { return Value.order(.string(a), .string(b)) }
    let left = units(a)
    let right = units(b)
    let primary = Self.compare(left, right, \.primary)
    if primary != 0 { return primary }
    if strength >= 2 {
      let secondary =
        backwards
        ? Self.compare(left.reversed(), right.reversed(), \.secondary)
        : Self.compare(left, right, \.secondary)
      if secondary != 0 { return secondary }
    }
    if strength >= 3 || caseLevel {
      let tertiary = Self.compare(left, right, \.tertiary)
      if tertiary != 0 { return upperFirst ? -tertiary : tertiary }
    }
    guard strength >= 4, ignoresPunctuation else { return 0 }
    return Self.compare(
      units(a, withPunctuation: true), units(b, withPunctuation: true), \.primary)
  }

  /// A text that is the same for all strings that compare as equal; for look-ups and unique keys.
  package func key(_ text: String) -> String {
    if isSimple { return text }
    var key = ""
    for unit in units(text) {
      key += String(unit.primary, radix: 36)
      if strength >= 2 { key += "." + String(unit.secondary, radix: 36) }
      if strength >= 3 || caseLevel { key += "." + String(unit.tertiary, radix: 36) }
      key += " "
    }
    guard strength >= 4, ignoresPunctuation else { return key }
    for unit in units(text, withPunctuation: true) { key += "|" + String(unit.primary, radix: 36) }
    return key
  }

  private static func compare(
    _ a: [CollationUnit], _ b: [CollationUnit], _ weight: KeyPath<CollationUnit, UInt64>
  ) -> Int {
    for (x, y) in zip(a, b) where x[keyPath: weight] != y[keyPath: weight] {
      return x[keyPath: weight] < y[keyPath: weight] ? -1 : 1
    }
    return a.count - b.count
  }

  /// The text as weighted units: a letter with the accents after it, a symbol, or a number.
  private func units(_ text: String, withPunctuation: Bool = false) -> [CollationUnit] {
    var units: [CollationUnit] = []
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      if numericOrdering, CollationUnit.isDigit(scalar) {
        var digits = [scalar]
        while let next = scalars.first, CollationUnit.isDigit(next) {
          digits.append(next)
          scalars.removeFirst()
        }
        units += CollationUnit.number(digits)
      } else if CollationUnit.isMark(scalar) {
        guard let last = units.indices.last else { continue }
        units[last].secondary =
          units[last].secondary * 4096 + AccentTable.shared.weight(mark: scalar)
      } else {
        let new = CollationUnit.letters(scalar)
        if ignoresPunctuation, !withPunctuation, new.allSatisfy(\.isVariable) { continue }
        units += new
      }
    }
    return units
  }
}

public import PrivataCore

/// Which first three digits of American postal codes may stay: those that stand for more than 20,000
/// people.
///
/// ```swift
/// PostalCodes.census2020.prefix(of: "03601")        // "000"
/// PostalCodes.census2020.prefix(of: "10001-1234")   // "100"
/// try PostalCodes(json: text)                       // another census
/// ```
///
/// Source: 45 CFR 164.514(b)(2)(i)(B).
public struct PostalCodes: Sendable, Hashable {
  /// The year of the census.
  public let year: Int
  /// The prefixes of 20,000 people or fewer.
  public let sparse: Set<String>
  /// Prefixes that no place has.
  public let unassigned: Set<String>

  /// A table.
  public init(
    year: Int, sparse: Set<String>, unassigned: Set<String> = Self.unassignedPrefixes
  ) {
    self.year = year
    self.sparse = sparse
    self.unassigned = unassigned
  }

  /// The table of the census of 2020, which the rule wants: the current one. 18 prefixes of 20,000
  /// people or fewer.
  ///
  /// Source: U.S. Census Bureau, 2020 Census, population of ZIP code tabulation areas summed by their
  /// first three digits.
  public static let census2020 = PostalCodes(
    year: 2020,
    sparse: [
      "036", "059", "102", "202", "203", "204", "205", "369", "556", "692", "753", "772", "821",
      "823", "878", "879", "884", "893",
    ])

  /// The table of the census of 2000, for data sets that were made by it.
  ///
  /// Source: the guidance of the Office for Civil Rights on 45 CFR 164.514, 2012.
  public static let census2000 = PostalCodes(
    year: 2000,
    sparse: [
      "036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878",
      "879", "884", "890", "893",
    ])

  /// Prefixes that the postal service gives to no place. One that it gave to one later is treated as
  /// unknown until the table says otherwise: too little stays, never too much.
  public static let unassignedPrefixes: Set<String> = [
    "000", "001", "002", "003", "004", "099", "213", "269", "343", "345", "348", "353", "419",
    "428", "429", "517", "518", "519", "529", "533", "536", "552", "568", "578", "579", "589",
    "621", "632", "642", "643", "659", "663", "682", "694", "695", "696", "697", "698", "699",
    "702", "709", "715", "732", "742", "771", "817", "818", "819", "839", "848", "849", "854",
    "858", "861", "862", "866", "867", "868", "869", "876", "886", "887", "888", "892", "896",
    "899", "909", "929", "987",
  ]

  /// The three digits that may stay of a code; `000` of one that is unknown, foreign or malformed.
  public func prefix(of code: String) -> String {
    let trimmed = code.drop(while: \.isWhitespace)
    let parts = trimmed.split(whereSeparator: { $0 == "-" || $0.isWhitespace })
    guard let first = parts.first, parts.count <= 2,
      parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
      parts.count == 1 || parts[1].count == 4
    else { return Self.none }
    return digits(String(first), isPlain: parts.count == 1)
  }

  /// The three digits that may stay of a code in a number, which lost its zeros in front.
  public func prefix(of code: Int) -> String {
    code < 0 ? Self.none : digits(String(code), isPlain: true)
  }

  /// Reads a table: `{"year": 2030, "sparse": ["036", "059"]}`, and `unassigned` where it differs.
  ///
  /// - Throws: `malformed` for a text without year and list, and for prefixes that are not three
  ///   digits.
  public init(json: String) throws(PrivataError) {
    let table = try Document(extendedJSON: json)
    let prefixes = { (name: String) -> Set<String>? in
      guard let values = table[name]?.asArray else { return nil }
      let texts = values.compactMap(\.asString)
      let isWhole = texts.allSatisfy { $0.utf8.count == 3 && UInt16($0) != nil }
      return isWhole && texts.count == values.count ? Set(texts) : nil
    }
    guard let year = table["year"]?.asInt, let sparse = prefixes("sparse"), !sparse.isEmpty,
      table["unassigned"] == nil || prefixes("unassigned") != nil
    else {
      throw PrivataError(
        .malformed, "a table of postal codes has a year and a list of prefixes of three digits")
    }
    self.init(
      year: year, sparse: sparse,
      unassigned: prefixes("unassigned") ?? Self.unassignedPrefixes)
  }

  static let none = "000"

  /// A code of five digits, or with four more of nine; a lost zero in front is put back.
  private func digits(_ text: String, isPlain: Bool) -> String {
    let width: Int
    switch text.count {
    case 3...5: width = 5
    case 7...9 where isPlain: width = 9
    default: return Self.none
    }
    let whole = String(repeating: "0", count: width - text.count) + text
    let start = String(whole.prefix(3))
    return sparse.contains(start) || unassigned.contains(start) ? Self.none : start
  }
}

public import PrivataCore

/// Removes the identifiers of the Safe Harbor method from records.
///
/// ```swift
/// let method = SafeHarbor(["name": .name, "zip": .zip, "born": .birthDate, "address.city": .city, "diagnosis": .safe])
/// let result = try method.deidentified(records)
/// result.removed   // [.name: 120]
/// ```
///
/// Of a postal code the first three digits stay, or `000` where they stand for 20,000 people or
/// fewer; of a date the year; an age over 89 becomes 90, and then no year of birth and no other age
/// stays by which it could be worked out. Everything else of the list is removed, and so is every
/// text in which a removed value occurs. Paths go into documents and lists.
///
/// Source: 45 CFR 164.514(b)(2).
public struct SafeHarbor: Sendable {
  /// What happens to dates.
  public enum Dates: Sendable, Hashable {
    /// Only the year stays.
    case yearOnly
    /// All dates of a person move by the same random number of days, at most that many. No Safe
    /// Harbor: only an expert's determination covers it.
    case shift(days: Int)
  }

  /// What de-identification answered.
  public struct Result: Sendable {
    /// The records without identifiers.
    public let records: [Document]
    /// How many values were removed or made coarser, by kind.
    public let removed: [IdentifierKind: Int]
    /// True where a scrubber went over free text, which somebody has to look at.
    public let needsReview: Bool
  }

  /// The first digits of postal codes of 20,000 people or fewer, by the census of 2020.
  public static var sparseZips: Set<String> { PostalCodes.census2020.sparse }

  let kinds: [String: IdentifierKind]
  let codes: PostalCodes
  /// What is made of free text; `nil` removes it.
  public var scrubber: (@Sendable (String) -> String?)?

  /// A method for records whose fields, or paths into them, are of these kinds.
  public init(_ kinds: [String: IdentifierKind], codes: PostalCodes = .census2020) {
    self.kinds = kinds
    self.codes = codes
  }

  /// A method with another list of sparse postal codes.
  public init(_ kinds: [String: IdentifierKind], sparseZips: Set<String>) {
    self.init(kinds, codes: PostalCodes(year: 0, sparse: sparseZips))
  }

  /// The records without identifiers.
  ///
  /// - Throws: `badArgument` for a field without a kind: what is not known is not handed out; and for
  ///   dates that are shifted, which is no Safe Harbor.
  /// - Privacy: the records themselves are not changed.
  public func deidentified(
    _ records: [Document], now: DateTime = .now, dates: Dates = .yearOnly
  ) throws(PrivataError) -> Result {
    guard dates == .yearOnly else {
      throw PrivataError(
        .badArgument, "shifted dates are no Safe Harbor: an expert has to determine the risk",
        fields: ["dates"])
    }
    return try run(records, now) { kind in kind == .safe }
  }

  /// Runs over records; values of the kinds that are kept stay as they are.
  func run(
    _ records: [Document], _ now: DateTime, keeping: (IdentifierKind) -> Bool
  ) throws(PrivataError) -> Result {
    var removed: [IdentifierKind: Int] = [:]
    var answer: [Document] = []
    var needsReview = false
    for record in records {
      var person = DeidentifiedRecord(self, record, now)
      try person.look()
      let document = try person.cleaned(keeping: keeping)
      answer.append(document)
      for (kind, count) in person.removed { removed[kind, default: 0] += count }
      needsReview = needsReview || person.needsReview
    }
    return Result(records: answer, removed: removed, needsReview: needsReview)
  }

  /// The kind of what is at a path: its own, or that of the field around it. `nil` where neither has
  /// one.
  func kind(_ path: String) -> IdentifierKind? {
    var path = path[...]
    while true {
      if let kind = kinds[String(path)] { return kind }
      guard let dot = path.lastIndex(of: ".") else { return nil }
      path = path[..<dot]
    }
  }

  /// True where kinds are given for what is within a path.
  func hasParts(_ path: String) -> Bool { kinds.keys.contains { $0.hasPrefix(path + ".") } }
}

/// The age of somebody as it may be told.
public enum DisclosableAge: Sendable, Hashable {
  case exact(Int)
  /// 90 or older.
  case ninetyPlus

  /// The age at a moment of who was born then; who was born on 29 February turns on 1 March of other
  /// years.
  ///
  /// Source: 45 CFR 164.514(b)(2)(i)(C).
  public init(birth: DateTime, at moment: DateTime) {
    let years = CalendarText.years(from: birth, to: moment)
    self = years >= 90 ? .ninetyPlus : .exact(years)
  }

  /// The year of birth as it may be told; `nil` from the 90th birthday on.
  public func birthYear(_ birth: DateTime) -> Int? { self == .ninetyPlus ? nil : birth.year }
}

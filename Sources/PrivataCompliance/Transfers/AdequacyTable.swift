public import PrivataCore

/// The states to which personal data may go as within the European Economic Area, because the
/// Commission has decided so: for whom, from when, until when.
///
/// ```swift
/// let table = AdequacyTable.bundled
/// table.decision(for: "JP", at: .now)?.scope   // all
/// ```
///
/// Source: GDPR Article 45; decisions published in the Official Journal of the European Union.
public struct AdequacyTable: Sendable, Hashable {
  /// To whom a decision applies.
  public enum Scope: String, Sendable, Hashable {
    /// To every recipient.
    case all
    /// To commercial organisations.
    case commercial
    /// To recipients that are certified under the state's framework.
    case certified
  }

  /// One decision.
  public struct Decision: Sendable, Hashable {
    /// The state, by its ISO 3166-1 code.
    public let country: String
    /// To whom it applies, from when and until when.
    public let scope: Scope
    public let from: DateTime
    public let until: DateTime?
    /// The decision's number.
    public let source: String

    /// A decision.
    public init(
      _ country: String, _ scope: Scope = .all, from: DateTime, until: DateTime? = nil,
      source: String
    ) {
      self.country = country.uppercased()
      self.scope = scope
      self.from = from
      self.until = until
      self.source = source
    }
  }

  /// The version, which every transfer names.
  public let version: String
  /// When somebody last compared it with the decisions.
  public let checkedAt: DateTime
  /// The decisions.
  public let decisions: [Decision]

  /// A table of decisions.
  public init(version: String, checkedAt: DateTime, decisions: [Decision]) {
    self.version = version
    self.checkedAt = checkedAt
    self.decisions = decisions
  }

  /// The decision about a state that is in force at a moment.
  public func decision(for country: String, at moment: DateTime) -> Decision? {
    decisions.first { decision in
      decision.country == country.uppercased() && decision.from <= moment
        && decision.until.map { moment < $0 } ?? true
    }
  }

  /// True where the table was not compared with the decisions for more than 180 days.
  public func isStale(at moment: DateTime) -> Bool {
    moment.milliseconds - checkedAt.milliseconds > 180 * 86_400_000
  }

  /// A table without the decisions about a state, as after a court has annulled one.
  public func revoking(_ country: String, version: String, at moment: DateTime) -> AdequacyTable {
    AdequacyTable(
      version: version, checkedAt: moment,
      decisions: decisions.filter { $0.country != country.uppercased() })
  }
}

extension AdequacyTable {
  /// Reads a table from JSON: `{"version": "…", "checkedAt": "2026-02-01", "decisions": [{"country":
  /// "JP", "scope": "all", "from": "2019-01-23", "until": "…", "source": "2019/419"}]}`.
  ///
  /// - Throws: `malformed`; it names the decision that is none.
  public init(json: String) throws(PrivataError) {
    let document = try Document(extendedJSON: json)
    guard let version = document["version"]?.asString,
      let checkedAt = document["checkedAt"].flatMap(DateTime.init(day:)),
      let given = document["decisions"]?.asArray
    else {
      throw PrivataError(
        .malformed, "an adequacy table has a version, a day checkedAt and decisions")
    }
    var decisions: [Decision] = []
    for (position, value) in given.enumerated() {
      guard let decision = value.asDocument.flatMap(Decision.init(document:)) else {
        throw PrivataError(.malformed, "decision \(position) of the adequacy table is none")
      }
      decisions.append(decision)
    }
    self.init(version: version, checkedAt: checkedAt, decisions: decisions)
  }

  /// The decisions known to this version of the library.
  public static let bundled: AdequacyTable = {
    let day = { (text: String) in DateTime(day: .string(text)) ?? DateTime(milliseconds: 0) }
    let decide = { (country: String, scope: Scope, from: String, source: String) in
      Decision(country, scope, from: day(from), source: source)
    }
    return AdequacyTable(
      version: "2026-01", checkedAt: day("2026-01-15"),
      decisions: [
        decide("AD", .all, "2010-10-19", "2010/625/EU"),
        decide("AR", .all, "2003-06-30", "2003/490/EC"),
        decide("CA", .commercial, "2001-12-20", "2002/2/EC"),
        decide("CH", .all, "2000-07-26", "2000/518/EC"),
        decide("FO", .all, "2010-03-05", "2010/146/EU"),
        decide("GG", .all, "2003-11-21", "2003/821/EC"),
        decide("IL", .all, "2011-01-31", "2011/61/EU"),
        decide("IM", .all, "2004-04-28", "2004/411/EC"),
        decide("JE", .all, "2008-05-08", "2008/393/EC"),
        decide("JP", .commercial, "2019-01-23", "(EU) 2019/419"),
        decide("KR", .all, "2021-12-17", "(EU) 2022/254"),
        decide("NZ", .all, "2012-12-19", "2013/65/EU"),
        decide("US", .certified, "2023-07-10", "(EU) 2023/1795"),
        decide("UY", .all, "2012-08-21", "2012/484/EU"),
        Decision(
          "GB", from: day("2021-06-28"), until: day("2031-12-27"),
          source: "(EU) 2021/1772, extended"),
      ])
  }()
}

extension AdequacyTable.Decision {
  fileprivate init?(document: Document) {
    guard let country = document["country"]?.asString, country.utf8.count == 2,
      let scope = document["scope"]?.asString.flatMap(AdequacyTable.Scope.init(rawValue:)),
      let from = document["from"].flatMap(DateTime.init(day:)),
      let source = document["source"]?.asString
    else { return nil }
    var until: DateTime?
    if let given = document["until"], !given.isNull {
      guard let day = DateTime(day: given) else { return nil }
      until = day
    }
    self.init(country, scope, from: from, until: until, source: source)
  }
}

extension DateTime {
  /// The beginning of a day in the form `2026-02-01`, in UTC.
  fileprivate init?(day value: Value) {
    guard let text = value.asString, text.utf8.count == 10 else { return nil }
    self.init(iso8601: text + "T00:00:00Z")
  }
}

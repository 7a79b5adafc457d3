public import PrivataCore

/// What the supervisory authority is told of a breach; in phases where not all is known yet.
///
/// Source: GDPR Article 33(3) and (4).
public struct AuthorityNotice: Sendable, Hashable {
  /// The nature of the breach, and the categories of persons and records.
  public var nature: String
  public var categories: String
  /// About how many persons and records; `nil` while it is not known.
  public var approximateSubjects: Int?
  public var approximateRecords: Int?
  /// Whom the authority can ask.
  public var contact: String
  public var consequences: String
  public var measures: String
  /// When more is told; `nil` for the last phase, in which nothing may be missing.
  public var nextPhaseAt: DateTime?
  /// Why it comes later than 72 hours.
  public var lateReasons: String?
  /// When it was sent.
  public internal(set) var sentAt = DateTime(milliseconds: 0)

  /// A notice, as far as it can be given.
  public init(
    nature: String, categories: String = "", approximateSubjects: Int? = nil,
    approximateRecords: Int? = nil, contact: String = "", consequences: String = "",
    measures: String = "", nextPhaseAt: DateTime? = nil, lateReasons: String? = nil
  ) {
    self.nature = nature
    self.categories = categories
    self.approximateSubjects = approximateSubjects
    self.approximateRecords = approximateRecords
    self.contact = contact
    self.consequences = consequences
    self.measures = measures
    self.nextPhaseAt = nextPhaseAt
    self.lateReasons = lateReasons
  }

  /// The parts that are not there.
  public var missing: [String] {
    var missing: [String] = []
    for (name, text) in [
      ("nature", nature), ("categories", categories), ("contact", contact),
      ("consequences", consequences), ("measures", measures),
    ] where text.isEmpty {
      missing.append(name)
    }
    if approximateSubjects == nil { missing.append("approximateSubjects") }
    if approximateRecords == nil { missing.append("approximateRecords") }
    return missing
  }

  /// - Throws: `badArgument` where parts are missing and no later phase is planned, and for a first
  ///   notice after the 72 hours without reasons.
  func check(_ breach: Breach, at moment: DateTime) throws(PrivataError) {
    guard missing.isEmpty || nextPhaseAt.map({ $0 > moment }) == true else {
      throw PrivataError(
        .badArgument,
        "the notice lacks \(missing.joined(separator: ", ")): say when a later phase tells it",
        fields: missing)
    }
    let isLate = moment > breach.authorityDueAt && breach.authorityNotices.isEmpty
    guard !isLate || lateReasons?.isEmpty == false else {
      throw PrivataError(
        .badArgument, "the 72 hours are over: the notice says why it is late",
        fields: ["lateReasons"])
    }
  }
}

extension Breach {
  /// By when the authority is told: 72 hours of elapsed time, whatever the day.
  ///
  /// Source: GDPR Article 33(1); Regulation (EEC, Euratom) No 1182/71 does not move hours.
  public var authorityDueAt: DateTime {
    DateTime(milliseconds: awareAt.milliseconds + 72 * 3_600_000)
  }

  /// What is left of the 72 hours, in seconds; negative once they are over.
  public func secondsLeft(at moment: DateTime = .now) -> Int64 {
    (authorityDueAt.milliseconds - moment.milliseconds) / 1_000
  }
}

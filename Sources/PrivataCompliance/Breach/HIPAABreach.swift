public import PrivataCore

/// How likely it is that protected health information was compromised.
public enum BreachProbability: String, Sendable, Hashable {
  /// Presumed, as long as nothing shows otherwise.
  case breach
  /// Shown by an assessment of all four factors.
  case low
  /// One of the three exceptions, with its facts.
  case excepted
}

/// The four factors.
///
/// Source: 45 CFR 164.402, definition of breach, (2).
public struct BreachRiskFactors: Sendable, Hashable {
  /// What was found about a factor.
  public struct Finding: Sendable, Hashable {
    /// True where it speaks for a low probability.
    public var isLow: Bool
    public var reasons: String

    /// A finding with its reasons.
    public init(isLow: Bool, reasons: String) {
      self.isLow = isLow
      self.reasons = reasons
    }
  }

  /// The nature and extent of the information, and whether people can be identified again.
  public var nature: Finding
  /// Who used it, or to whom it was disclosed.
  public var recipient: Finding
  /// Whether it was acquired or viewed at all.
  public var acquiredOrViewed: Finding
  /// How far the risk was mitigated.
  public var mitigation: Finding

  /// An assessment of all four.
  public init(nature: Finding, recipient: Finding, acquiredOrViewed: Finding, mitigation: Finding) {
    self.nature = nature
    self.recipient = recipient
    self.acquiredOrViewed = acquiredOrViewed
    self.mitigation = mitigation
  }

  var all: [(String, Finding)] {
    [
      ("nature", nature), ("recipient", recipient), ("acquiredOrViewed", acquiredOrViewed),
      ("mitigation", mitigation),
    ]
  }
}

/// What is no breach, with the facts that each exception needs.
///
/// Source: 45 CFR 164.402, definition of breach, (1).
public enum BreachException: Sendable, Hashable {
  case unintentionalAcquisition(
    byWorkforce: Bool, goodFaith: Bool, inScope: Bool, noFurtherUse: Bool)
  case inadvertentDisclosure(bothAuthorised: Bool, sameEntity: Bool, noFurtherUse: Bool)
  /// With what shows that the recipient could not keep it.
  case notRetained(evidence: String)

  var isComplete: Bool {
    switch self {
    case .unintentionalAcquisition(let workforce, let faith, let scope, let noUse):
      workforce && faith && scope && noUse
    case .inadvertentDisclosure(let authorised, let entity, let noUse):
      authorised && entity && noUse
    case .notRetained(let evidence): !evidence.isEmpty
    }
  }

  var name: String {
    switch self {
    case .unintentionalAcquisition: "unintentionalAcquisition"
    case .inadvertentDisclosure: "inadvertentDisclosure"
    case .notRetained: "notRetained"
    }
  }
}

/// A statement of law enforcement that telling people would impede an investigation.
///
/// Source: 45 CFR 164.412.
public enum LawEnforcementDelay: Sendable, Hashable {
  /// In writing, for a time; with a reference to it.
  case written(from: DateTime, until: DateTime, reference: String)
  /// By word of mouth: 30 days, unless it comes in writing.
  case oral(at: DateTime)

  /// When it began, and when it is over.
  public var interval: (from: DateTime, until: DateTime) {
    switch self {
    case .written(let from, let until, _): (from, until)
    case .oral(let at): (at, DateTime(milliseconds: at.milliseconds + 30 * 86_400_000))
    }
  }
}

/// How individuals are told.
///
/// Source: 45 CFR 164.404(d).
public enum IndividualChannel: Sendable, Hashable {
  case firstClassMail
  /// Only where the individual agreed to it.
  case email(isAgreed: Bool)
  /// Beside the letter, where misuse may be imminent.
  case telephone
}

/// What individuals are told: five things.
///
/// Source: 45 CFR 164.404(c).
public struct IndividualNotice: Sendable, Hashable {
  /// The five parts, in the order of the law.
  public var whatHappened: String
  public var kindsOfInformation: String
  public var stepsToTake: String
  public var whatWeDo: String
  public var contact: String

  /// A notice of all five.
  public init(
    whatHappened: String, kindsOfInformation: String, stepsToTake: String, whatWeDo: String,
    contact: String
  ) {
    self.whatHappened = whatHappened
    self.kindsOfInformation = kindsOfInformation
    self.stepsToTake = stepsToTake
    self.whatWeDo = whatWeDo
    self.contact = contact
  }

  /// - Throws: `badArgument` where a part is missing or the channel is not allowed.
  public func check(_ channel: IndividualChannel) throws(PrivataError) {
    let missing = [
      ("whatHappened", whatHappened), ("kindsOfInformation", kindsOfInformation),
      ("stepsToTake", stepsToTake), ("whatWeDo", whatWeDo), ("contact", contact),
    ].filter(\.1.isEmpty).map(\.0)
    guard missing.isEmpty else {
      throw PrivataError(
        .badArgument, "the notice lacks " + missing.joined(separator: ", "), fields: missing)
    }
    if case .email(false) = channel {
      throw PrivataError(
        .badArgument, "a notice goes by e-mail to who agreed to that, else by first-class mail",
        fields: ["channel"])
    }
  }
}

/// What replaces letters that did not arrive.
///
/// Source: 45 CFR 164.404(d)(2).
public enum SubstituteNotice: Sendable, Hashable {
  case none
  /// Fewer than ten: another letter, telephone or other means.
  case alternative
  /// Ten or more: 90 days on the home page, or in major media, with a toll-free number.
  case publicNotice(days: Int, tollFreeNumber: Bool)

  /// What is needed for a number of letters that did not arrive.
  public static func needed(undeliverable count: Int) -> SubstituteNotice {
    if count == 0 { return .none }
    return count < 10 ? .alternative : .publicNotice(days: 90, tollFreeNumber: true)
  }
}

extension Breach {
  /// True where individuals are told: unless an assessment shows a low probability, or an exception
  /// holds.
  public var isNotifiableUnderHIPAA: Bool { probability == .breach }

  /// By when individuals are told: 60 calendar days from discovery, standing still while law
  /// enforcement asks to wait.
  ///
  /// Source: 45 CFR 164.404(b) and 164.412.
  public func individualsDueAt(_ calendar: DeadlineCalendar = .init()) -> DateTime {
    delayed(calendar.end(of: 60, daysAfter: discoveredAt))
  }

  /// By when the Secretary is told: with the individuals where 500 or more are affected, else within
  /// 60 days after the end of the calendar year of discovery.
  ///
  /// Source: 45 CFR 164.408.
  public func secretaryDueAt(_ calendar: DeadlineCalendar = .init()) -> DateTime {
    guard affected < 500 else { return individualsDueAt(calendar) }
    let local = DateTime(
      milliseconds: discoveredAt.milliseconds + Int64(calendar.utcOffsetMinutes) * 60_000)
    let last = DateTime(.init(year: local.year, month: 12, day: 31, hour: 12)) ?? discoveredAt
    let end = DateTime(
      milliseconds: last.milliseconds - Int64(calendar.utcOffsetMinutes) * 60_000)
    return delayed(calendar.end(of: 60, daysAfter: end))
  }

  /// The states whose media are told: those with more than 500 residents affected.
  ///
  /// Source: 45 CFR 164.406.
  public var mediaStates: [String] {
    affectedByState.filter { $0.value > 500 }.map(\.key).sorted()
  }

  /// True while law enforcement asks to wait.
  public func isDelayed(at moment: DateTime = .now) -> Bool {
    delays.contains { $0.interval.from <= moment && moment < $0.interval.until }
  }

  /// A moment, later by the time for which law enforcement asked to wait before it.
  private func delayed(_ due: DateTime) -> DateTime {
    var due = due
    var covered = DateTime(milliseconds: .min)
    for delay in delays.map(\.interval).sorted(by: { $0.from < $1.from }) {
      let from = max(delay.from, covered)
      guard from < delay.until, from <= due else { continue }
      due.milliseconds += delay.until.milliseconds - from.milliseconds
      covered = delay.until
    }
    return due
  }
}

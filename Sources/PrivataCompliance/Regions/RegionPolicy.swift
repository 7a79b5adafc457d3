public import PrivataCore

/// Decides under whose law a new person falls, from all evidence there is.
///
/// ```swift
/// let decision = RegionPolicy().decide(
///   RegionEvidence(id: "us_17", record: ["country": "FR"], request: .init(networkCountry: "US")))
/// decision.region        // eu: the stricter of two strong signals
/// decision.needsReview   // true
/// ```
///
/// In this order: what a person decided (`override`), what was decided before (`stored`), the id, the
/// data, the request. Strong signals that differ give the strictest region and ask for a review. Weak
/// ones alone can bring a person under a stricter law, never out of it. Without evidence it is the
/// strictest.
///
/// Source: GDPR Article 3 (territorial scope).
public struct RegionPolicy: Sendable {
  /// The known regions, the strictest first; one that is not among them is the least strict.
  public let strictness: [Region]
  private let ids: any RegionDetector<String>
  private let data: any RegionDetector<Document>
  private let requests: any RegionDetector<RequestRegions.Request>

  /// A policy over these detectors.
  public init(
    strictness: [Region] = [.eu, .uk, .us], ids: any RegionDetector<String> = IDPrefixRegions(),
    data: any RegionDetector<Document> = DataRegions(),
    requests: any RegionDetector<RequestRegions.Request> = RequestRegions()
  ) {
    precondition(!strictness.isEmpty, "a policy knows at least one region")
    self.strictness = strictness
    self.ids = ids
    self.data = data
    self.requests = requests
  }

  /// The region that an id names for certain.
  func signal(ofID id: String) -> Region? {
    ids.region(of: id).flatMap { $0.isStrong ? $0.region : nil }
  }

  /// The region of a person.
  public func decide(_ evidence: RegionEvidence) -> RegionDecision {
    if let override = evidence.override { return RegionDecision(override, .override) }
    if let stored = evidence.stored { return RegionDecision(stored, .stored) }
    let signals: [(RegionDecision.Basis, RegionSignal?)] = [
      (.id, evidence.id.flatMap { ids.region(of: $0) }),
      (.data, evidence.record.flatMap { data.region(of: $0) }),
      (.request, evidence.request.flatMap { requests.region(of: $0) }),
    ]
    let strong = signals.compactMap { basis, signal in
      signal.flatMap { $0.isStrong ? (basis, $0.region) : nil }
    }
    guard let first = strong.first else { return byWeakSignals(signals.compactMap(\.1)) }
    let strictest = strong.map(\.1).min { rank($0) < rank($1) } ?? first.1
    let isAgreed = strong.allSatisfy { $0.1 == first.1 }
    let basis = strong.first { $0.1 == strictest }?.0 ?? first.0
    return RegionDecision(strictest, basis, needsReview: !isAgreed)
  }

  /// A weak signal names no region but the strictest, which is the answer without any as well.
  private func byWeakSignals(_ signals: [RegionSignal]) -> RegionDecision {
    let isMoved = signals.contains { $0.region != strictness[0] }
    return RegionDecision(strictness[0], .strictest, needsReview: isMoved)
  }

  private func rank(_ region: Region) -> Int {
    strictness.firstIndex(of: region) ?? strictness.count
  }
}

/// What is known about a person whose region is asked for.
public struct RegionEvidence: Sendable {
  /// What somebody with the right to decide has decided.
  public var override: Region?
  /// What was decided when the person was first stored.
  public var stored: Region?
  /// The person's id.
  public var id: String?
  /// The person's record.
  public var record: Document?
  /// The request that brings it.
  public var request: RequestRegions.Request?

  /// Evidence of any kind.
  public init(
    override: Region? = nil, stored: Region? = nil, id: String? = nil, record: Document? = nil,
    request: RequestRegions.Request? = nil
  ) {
    self.override = override
    self.stored = stored
    self.id = id
    self.record = record
    self.request = request
  }
}

/// Under whose law a person falls, and why.
public struct RegionDecision: Sendable, Hashable {
  /// What decided.
  public enum Basis: String, Sendable, Hashable {
    case override, stored, id, data, request
    /// No strong evidence: the strictest region.
    case strictest
  }

  /// The region.
  public let region: Region
  /// What decided.
  public let basis: Basis
  /// True where evidence contradicts the decision: a person should look at it.
  public let needsReview: Bool

  init(_ region: Region, _ basis: Basis, needsReview: Bool = false) {
    self.region = region
    self.basis = basis
    self.needsReview = needsReview
  }
}

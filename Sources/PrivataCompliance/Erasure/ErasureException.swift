public import PrivataCore

/// Data that is kept although its person is erased: what, on which ground, until when.
///
/// ```swift
/// ErasureException(DataScope("Invoice"), ground: .legalObligation("tax law"), until: end)
/// ```
///
/// What an exception covers leaves the live tables too: it is sealed away, is no part of any query,
/// and is read by ``GDPR/retained(_:)`` under a purpose that the ground allows.
///
/// Source: GDPR Article 17(3).
public struct ErasureException: Sendable, Hashable {
  /// What is kept.
  public var scope: DataScope
  /// Why.
  public var ground: ExceptionGround
  /// Until when; then it is erased without a further request. `nil` while a hold lasts.
  public var until: DateTime?
  /// The matter of the legal hold that keeps it.
  var matter: String?

  /// An exception for a part of the data.
  public init(_ scope: DataScope, ground: ExceptionGround, until: DateTime?) {
    self.scope = scope
    self.ground = ground
    self.until = until
  }
}

/// Why data may be kept against a request to erase it.
///
/// Source: GDPR Article 17(3)(a) to (e); 45 CFR 164.316(b)(2) and 164.530(j).
public struct ExceptionGround: RawRepresentable, Sendable, Hashable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// Freedom of expression and information.
  public static let freeExpression = ExceptionGround(rawValue: "GDPR Article 17(3)(a)")
  /// Public interest in public health.
  public static let publicHealth = ExceptionGround(rawValue: "GDPR Article 17(3)(c)")
  /// Archiving, research, statistics.
  public static let research = ExceptionGround(rawValue: "GDPR Article 17(3)(d)")
  /// Legal claims.
  public static let legalClaims = ExceptionGround(rawValue: "GDPR Article 17(3)(e)")
  /// Six years from creation or from when it was last in effect.
  public static let hipaaSixYears = ExceptionGround(
    rawValue: "GDPR Article 17(3)(b): 45 CFR 164.316(b)(2), six years")

  /// A law that obliges to keep the data.
  public static func legalObligation(_ law: String) -> ExceptionGround {
    ExceptionGround(rawValue: "GDPR Article 17(3)(b): \(law)")
  }
}

/// What an erasure kept of a person, by category: what the person is told.
public struct RetainedCategory: Sendable, Hashable {
  /// The model and the fields; all of the records where `nil`.
  public let scope: DataScope
  /// Why, and until when.
  public let ground: ExceptionGround
  public let until: DateTime?
  /// The matter of a legal hold.
  public let matter: String?
  /// How many records.
  public let count: Int
}

extension RetainedCategory {
  /// The category as the certificate holds it.
  var document: Document {
    var document = scope.document
    document["ground"] = .string(ground.rawValue)
    document["until"] = until.map { .string($0.iso8601) }
    document["matter"] = matter.map { .string($0) }
    document["records"] = .int(count)
    return document
  }

  init?(_ document: Document?) {
    guard let document, let scope = DataScope(document), let ground = document["ground"]?.asString,
      let count = document["records"]?.asInt
    else { return nil }
    self.scope = scope
    self.ground = ExceptionGround(rawValue: ground)
    self.count = count
    until = document["until"]?.asString.flatMap { DateTime(iso8601: $0) }
    matter = document["matter"]?.asString
  }
}

extension ErasureException {
  /// The exception as a running saga keeps it.
  var document: Document {
    var document = scope.document
    document["ground"] = .string(ground.rawValue)
    document["until"] = until.map { .date($0) }
    document["matter"] = matter.map { .string($0) }
    return document
  }

  init?(_ document: Document?) {
    guard let document, let scope = DataScope(document), let ground = document["ground"]?.asString
    else { return nil }
    var until: DateTime?
    if case .date(let date)? = document["until"] { until = date }
    self.init(scope, ground: ExceptionGround(rawValue: ground), until: until)
    matter = document["matter"]?.asString
  }
}

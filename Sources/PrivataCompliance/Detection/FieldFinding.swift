/// What a field holds, as far as its name, type and model tell.
public enum FieldVerdict: String, Sendable, Hashable, CaseIterable {
  /// Who a person is.
  case pii
  /// How a person's health is.
  case phi
  /// Neither.
  case none
  /// It cannot be told: somebody has to look.
  case review
}

/// What an analysis found out about a field.
public struct FieldFinding: Sendable, Hashable {
  /// The field and its verdict.
  public let field: String
  public let verdict: FieldVerdict
  /// Why, in words; names no value.
  public let reason: String
  /// What kind of data it is, as `email`, `diagnosis`, `link-key` or `operational`.
  public let category: String
  /// How sure the verdict is, 0 to 1: of names that people labelled, at least this share of those
  /// that were decided on the same way was decided alike.
  public let confidence: Double

  init(_ field: String, _ reading: FieldReading) {
    let (route, (verdict, reason)) = reading.routed
    self.field = field
    self.verdict = verdict
    self.reason = reason
    category = FieldCategory.name(verdict, reading.words)
    confidence = route.confidence
  }
}

/// What was found out about the fields of a model.
public struct FieldAnalysis: Sendable, Hashable {
  /// One finding per field, by name.
  public let findings: [FieldFinding]

  /// The fields that say who a person is.
  public var pii: [String] { fields(.pii) }
  /// The fields that say how a person's health is.
  public var phi: [String] { fields(.phi) }
  /// The fields that say neither.
  public var none: [String] { fields(.none) }
  /// The fields at which somebody has to look.
  public var review: [String] { fields(.review) }

  private func fields(_ verdict: FieldVerdict) -> [String] {
    findings.filter { $0.verdict == verdict }.map(\.field)
  }
}

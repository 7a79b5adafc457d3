internal import PrivataCore

/// What a vault is told about fields beyond their class: where the values come from, and whether they
/// tell of others too.
///
/// ```swift
/// options.fieldFacts = [
///   FieldFact(DataScope("User", ["riskScore"]), provenance: .inferred),
///   FieldFact(DataScope("Reference", ["letter"]), concernsOthers: true),
///   FieldFact(DataScope("Message", ["text"]), isFreeText: true),
/// ]
/// ```
public struct FieldFact: Sendable, Hashable {
  /// Where values come from.
  public enum Provenance: String, Sendable, Hashable, CaseIterable {
    /// The person gave them.
    case provided
    /// They were seen while the person used something.
    case observed
    /// They were concluded from others; no part of what a person takes along.
    case inferred
  }

  /// On which ground the values are processed, as far as it decides about portability.
  public enum Basis: String, Sendable, Hashable, CaseIterable {
    case consent, contract, legalObligation, legitimateInterests

    /// True where the person may take the values along.
    ///
    /// Source: GDPR Article 20(1)(a).
    var isPortable: Bool { self == .consent || self == .contract }
  }

  /// The fields that it is about.
  public var scope: DataScope
  public var provenance: Provenance
  public var basis: Basis
  /// True where the values tell of other persons: they are withheld from copies.
  public var concernsOthers: Bool
  /// True where people write what they like: it is withheld until somebody has looked whether it
  /// tells of others.
  public var isFreeText: Bool

  /// A fact about fields; what is said of none is provided, on a contract, about the person alone.
  public init(
    _ scope: DataScope, provenance: Provenance = .provided, basis: Basis = .contract,
    concernsOthers: Bool = false, isFreeText: Bool = false
  ) {
    self.scope = scope
    self.provenance = provenance
    self.basis = basis
    self.concernsOthers = concernsOthers
    self.isFreeText = isFreeText
  }
}

/// A field that is left out of a copy, and why.
public struct WithheldField: Sendable, Hashable {
  /// Why.
  public enum Reason: String, Sendable, Hashable {
    /// GDPR Article 15(4), 20(4).
    case rightsOfOthers
    /// GDPR Article 20(1): concluded, not provided.
    case inferred
    /// GDPR Article 20(1)(a): neither consent nor contract.
    case basis
    /// A text that somebody has to look at first: GDPR Article 15(4).
    case review
  }

  /// The field.
  public let model: String
  public let field: String
  public let reason: Reason
}

extension Array<FieldFact> {
  /// The fact about a field.
  func fact(_ model: String, _ field: String) -> FieldFact? {
    first { $0.scope.model == model && ($0.scope.fields?.contains(field) ?? true) }
  }

  /// The fields of a model that a copy leaves out.
  ///
  /// - Parameters:
  ///   - isPortable: true for what a person takes along, false for what they see.
  ///   - reviewed: texts that somebody has looked at.
  func withheld(
    _ model: ModelSchema, isPortable: Bool, reviewed: [DataScope] = []
  ) -> [WithheldField] {
    guard !isEmpty else { return [] }
    return model.fields.compactMap { field in
      guard field.name != model.key.name, let fact = fact(model.name, field.name) else {
        return nil
      }
      let reason: WithheldField.Reason
      if fact.concernsOthers {
        reason = .rightsOfOthers
      } else if fact.isFreeText, !reviewed.contains(where: { $0.covers(model.name, field.name) }) {
        reason = .review
      } else if isPortable, fact.provenance == .inferred {
        reason = .inferred
      } else if isPortable, !fact.basis.isPortable {
        reason = .basis
      } else {
        return nil
      }
      return WithheldField(model: model.name, field: field.name, reason: reason)
    }
  }
}

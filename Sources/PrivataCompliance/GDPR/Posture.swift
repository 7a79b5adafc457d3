public import PrivataCore

/// Which measures of protection are on for a model.
///
/// ```swift
/// for model in vault.posture() { print(model.model, model.weaknesses) }
/// ```
///
/// Source: GDPR Articles 25 and 32.
public struct Posture: Sendable, Hashable {
  /// A measure.
  public enum Control: String, Sendable, Hashable, CaseIterable {
    /// Who a person is and how they are live in two stores.
    case separation
    /// The person's fields are encrypted.
    case encryption
    /// A policy says which role may use which field.
    case accessPolicy
    /// Callers say who they are.
    case callerContext
    /// Purposes are checked against a register.
    case purposeRegister
    /// Each personal field says what it was collected for.
    case fieldPurposes
    /// Fields that the model does not declare do not get in.
    case declaredFieldsOnly
    /// What was read is not kept in memory.
    case noCache
    /// Every access is audited.
    case audit
  }

  /// How far a measure is on.
  public enum State: String, Sendable, Hashable {
    case on, partly, off
  }

  /// The model, and each measure.
  public let model: String
  public let controls: [Control: State]
  /// The personal fields that are not encrypted.
  public let plainFields: [String]

  /// The measures that are not fully on.
  public var weaknesses: [Control] {
    Control.allCases.filter { controls[$0] != .on }
  }

  /// The posture as one document.
  public var document: Document {
    let states = Control.allCases.map { control in
      Document.Element(
        key: control.rawValue, value: .string((controls[control] ?? .off).rawValue))
    }
    return [
      "model": .string(model), "controls": .document(Document(states)),
      "plainFields": .array(plainFields.map { .string($0) }),
    ]
  }
}

extension Vault {
  /// Which measures of protection are on, for each model with personal data.
  public func posture() -> [Posture] {
    core.registry.models.sorted { $0.name < $1.name }
      .filter { $0.fields.contains { $0.privacy != .open } }
      .compactMap { model in (try? core.registry.separation(of: model)).map(posture) }
  }

  /// Refuses where a model lacks a measure: for a check before a release.
  ///
  /// - Throws: `validation`, which names models and measures.
  public func require(_ controls: Set<Posture.Control>) throws(PrivataError) {
    var missing: [String] = []
    for posture in posture() {
      for control in posture.weaknesses where controls.contains(control) {
        missing.append("\(posture.model): \(control.rawValue)")
      }
    }
    guard missing.isEmpty else {
      throw PrivataError(
        .validation, "measures of protection are off: " + missing.joined(separator: ", "),
        fields: missing)
    }
  }

  private func posture(_ separation: Separation) -> Posture {
    let options = core.options
    let personal = separation.model.fields.filter { $0.privacy != .open }
    let plain = personal.filter { $0.encryption == nil }.map(\.name)
    let limited = personal.filter {
      options.processing?.purposes(of: $0.name, in: separation.model.name) != nil
    }
    let part = { (count: Int) -> Posture.State in
      count == personal.count ? .on : count == 0 ? .off : .partly
    }
    let on = { (isOn: Bool) -> Posture.State in isOn ? .on : .off }
    let hasOneClass = Set(personal.map(\.privacy)).count == 1
    return Posture(
      model: separation.model.name,
      controls: [
        .separation: on(separation.shape == .split || hasOneClass),
        .encryption: part(personal.count - plain.count),
        .accessPolicy: on(options.fieldPolicy?.governs(separation.model) == true),
        .callerContext: on(options.contextPolicy == .required),
        .purposeRegister: on(options.purposes == .registered),
        .fieldPurposes: part(limited.count),
        .declaredFieldsOnly: on(
          !separation.model.isOpen || [.reject, .drop].contains(options.processing?.undeclared)),
        .noCache: on(options.cache == nil), .audit: .on,
      ], plainFields: plain)
  }
}

package import PrivataCore
internal import Synchronization

/// The models that a vault knows, by name, and their divisions, computed when first asked for.
package final class SeparationRegistry: Sendable {
  private struct State {
    var models: [String: ModelSchema] = [:]
    var divisions: [ObjectIdentifier: Separation] = [:]
    var dependents: [String: [Dependent]] = [:]
    /// How halves are encrypted, by the model of the half.
    var sealings: [ObjectIdentifier: SealingPlan] = [:]
  }

  private let state = Mutex(State())
  private let names: PhysicalNames
  private let encrypts: Bool

  init(names: PhysicalNames, encrypts: Bool = false) {
    self.names = names
    self.encrypts = encrypts
  }

  /// How all halves are encrypted that are.
  var sealings: [SealingPlan] {
    state.withLock { state in
      state.sealings.values.sorted {
        ($0.logical.name, $0.half.rawValue) < ($1.logical.name, $1.half.rawValue)
      }
    }
  }

  /// How a half is encrypted; `nil` where nothing of it is.
  func sealing(of half: ModelSchema) -> SealingPlan? {
    state.withLock { $0.sealings[ObjectIdentifier(half)] }
  }

  /// Remembers the models; the last of a name counts.
  package func register(_ models: [ModelSchema]) {
    state.withLock { state in
      for model in models { state.models[model.name] = model }
      state.dependents = [:]
    }
  }

  /// Remembers a model unless one of its name is known.
  package func registerIfUnknown(_ model: ModelSchema) {
    state.withLock { state in
      guard state.models[model.name] == nil else { return }
      state.models[model.name] = model
      state.dependents = [:]
    }
  }

  /// What was found to depend on a model, unless models came since.
  func knownDependents(of name: String) -> [Dependent]? {
    state.withLock { $0.dependents[name] }
  }

  /// Remembers what depends on a model.
  func remember(_ dependents: [Dependent], of name: String) {
    state.withLock { $0.dependents[name] = dependents }
  }

  /// Every model by name.
  package var models: [ModelSchema] { state.withLock { Array($0.models.values) } }

  /// The model of that name.
  package func model(_ name: String) -> ModelSchema? { state.withLock { $0.models[name] } }

  /// How a model is divided.
  ///
  /// - Throws: as ``SeparationRules/separation(of:)``.
  package func separation(of model: ModelSchema) throws(PrivataError) -> Separation {
    let id = ObjectIdentifier(model)
    return try state.withLock { state throws(PrivataError) in
      if let known = state.divisions[id] { return known }
      if state.models[model.name] == nil { state.models[model.name] = model }
      let rules = SeparationRules(models: state.models, names: names)
      let made = try rules.separation(of: model)
      for half in Half.allCases {
        guard let plan = try SealingPlan(half, of: made) else { continue }
        guard encrypts else { throw Self.noKeys(model) }
        state.sealings[ObjectIdentifier(plan.logical)] = plan
      }
      state.divisions[id] = made
      return made
    }
  }

  private static func noKeys(_ model: ModelSchema) -> PrivataError {
    let names = model.fields.filter { $0.encryption != nil }.map(\.name)
    return PrivataError(
      .badArgument,
      """
      \(model.name) has encrypted fields (\(names.joined(separator: ", "))) and the vault has no key \
      store: set options.encryption
      """, fields: names, model: model.name)
  }

  /// How the model of a name is divided.
  ///
  /// - Throws: `unknownModel` for a name that was never registered.
  package func separation(named name: String) throws(PrivataError) -> Separation {
    guard let model = model(name) else {
      throw PrivataError(.unknownModel, "the vault knows no model \(name)", model: name)
    }
    return try separation(of: model)
  }
}

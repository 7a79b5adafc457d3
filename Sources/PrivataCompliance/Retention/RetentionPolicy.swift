internal import PrivataCore

/// The rules of retention of a vault.
public struct RetentionPolicy: Sendable, Hashable {
  /// Several rules of one record: the longest obligation keeps it, else the shortest period ends it.
  public var rules: [RetentionRule] = []
  /// True refuses models with personal data for which there is no rule.
  public var isRequired = false

  /// A policy without rules, which keeps everything.
  public init() {}

  /// A policy of these rules.
  public init(_ rules: [RetentionRule], isRequired: Bool = false) {
    self.rules = rules
    self.isRequired = isRequired
  }
}

extension RetentionPolicy {
  /// The rules about a model.
  func rules(of model: String) -> [RetentionRule] { rules.filter { $0.scope.model == model } }

  /// What laws have kept of a person, whatever they ask.
  func exceptions(_ graph: SubjectGraph) -> [ErasureException] {
    let models = Set([graph.root.model.name] + graph.edges.map(\.separation.model.name))
    return rules.compactMap { rule in
      guard let ground = rule.ground, models.contains(rule.scope.model) else { return nil }
      return ErasureException(rule.scope, ground: ground, until: nil)
    }
  }

  /// The rule that an exception comes from.
  func obligation(_ exception: ErasureException) -> RetentionRule? {
    rules.first { $0.ground == exception.ground && $0.scope == exception.scope }
  }

  /// Until when laws have a record kept.
  func obligationEnd(of record: Document, _ model: ModelSchema) -> DateTime? {
    rules(of: model.name).filter { $0.ground != nil && $0.scope.fields == nil }
      .compactMap { $0.end(of: record, key: model.key.name) }.max()
  }

  /// The condition that a model's records have not come to their own end; `nil` where none has one.
  func live(_ model: ModelSchema, now: DateTime) -> Filter? {
    guard !rules.isEmpty else { return nil }
    let ends = rules.filter {
      $0.isExpiry && $0.scope.model == model.name && $0.scope.fields == nil
    }.compactMap(\.start)
    guard !ends.isEmpty else { return nil }
    return .and(ends.map { .or([.isNull($0), .compare($0, .greater, .date(now))]) })
  }

  /// - Throws: `badArgument` for a rule that names what there is not, or that would not make data
  ///   anonymous; for a personal model without a rule where rules are required.
  func check(_ models: [ModelSchema]) throws(PrivataError) {
    for model in models {
      let own = rules(of: model.name)
      for rule in own { try check(rule, model) }
      guard isRequired, own.isEmpty, model.fields.contains(where: { $0.privacy != .open }) else {
        continue
      }
      throw PrivataError(
        .badArgument, "\(model.name) holds personal data and no rule says how long: add one",
        model: model.name)
    }
  }

  private func check(_ rule: RetentionRule, _ model: ModelSchema) throws(PrivataError) {
    for name in (rule.scope.fields ?? []) + (rule.start.map { [$0] } ?? []) {
      guard model.field(name) != nil else {
        throw PrivataError(
          .unknownField, "a rule of retention names \(model.name).\(name), which is not there",
          fields: [name], model: model.name)
      }
    }
    if rule.start == nil, model.key.type != .objectID {
      throw PrivataError(
        .badArgument,
        "the key of \(model.name) holds no moment: name the field that its period begins with",
        model: model.name)
    }
    for name in rule.scope.fields ?? [] where model.field(name)?.isOptional == false {
      throw PrivataError(
        .badArgument, "\(model.name).\(name) cannot be empty: make a rule for whole records",
        fields: [name], model: model.name)
    }
    guard case .anonymise(let keep, let k) = rule.action else { return }
    let bad = keep.filter { name in
      guard let field = model.field(name) else { return true }
      return field.privacy == .pii || field.reference != nil || name == model.key.name
    }
    guard bad.isEmpty, k > 1, rule.scope.fields == nil else {
      throw PrivataError(
        .badArgument,
        """
        a record of \(model.name) is anonymous without its key, references and identifying fields, \
        and with at least one other record alike
        """, fields: bad, model: model.name)
    }
  }
}

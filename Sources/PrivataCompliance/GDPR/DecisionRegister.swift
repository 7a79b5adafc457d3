public import PrivataCore

/// The decisions of programs about people, and what became of those that were contested.
///
/// ```swift
/// try await vault.decisions.contest(decision.id, view: "my income is another one")
/// try await asReviewer.decisions.review(decision.id, .overturned, reasons: ["income"])
/// ```
///
/// Source: GDPR Article 22(3).
public struct DecisionRegister: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }

  /// The decision of a number.
  ///
  /// - Throws: `notFound`.
  public func decision(_ id: String) async throws(PrivataError) -> AutomatedDecision {
    guard let entry = try await core.registers.last(.decision, name: id).first else {
      throw PrivataError(.notFound, "there is no decision \(id)")
    }
    return AutomatedDecision(entry)
  }

  /// Contests a decision: it has no effect until a human has looked at it, within a month.
  ///
  /// - Throws: `notFound`; `badArgument` for a decision that was looked at already.
  /// - Privacy: the person's view is sealed; audited.
  @discardableResult
  public func contest(_ id: String, view: String) async throws(PrivataError) -> AutomatedDecision {
    let decision = try await decision(id)
    guard decision.state == .effective else {
      throw PrivataError(
        .badArgument, "a decision that is \(decision.state.rawValue) is not contested again")
    }
    return try await change(
      decision, "gdpr.decision.contest",
      [
        "state": "suspended", "view": .string(view), "contestedBy": .string(actor.actor.id),
        "dueAt": .date(DeadlineCalendar().end(of: 1, monthsAfter: .now)),
      ])
  }

  /// Records what a human made of a contested decision.
  ///
  /// - Parameter outcome: `.upheld` or `.overturned`.
  /// - Throws: `accessDenied` for a program, and for who contested it; `badArgument` for another
  ///   outcome, without reasons, or for a decision that nobody contested.
  @discardableResult
  public func review(
    _ id: String, _ outcome: AutomatedDecision.State, reasons: [String]
  ) async throws(PrivataError) -> AutomatedDecision {
    let decision = try await decision(id)
    guard actor.actor.kind == "user", actor.actor.id != decision.contestedBy else {
      throw PrivataError(
        .accessDenied, "a contested decision is looked at by a human who did not contest it")
    }
    guard decision.state == .suspended, [.upheld, .overturned].contains(outcome), !reasons.isEmpty
    else {
      throw PrivataError(
        .badArgument, "a review upholds or overturns a contested decision, with reasons",
        fields: ["outcome", "reasons"])
    }
    return try await change(
      decision, "gdpr.decision.review",
      [
        "state": .string(outcome.rawValue), "reviewer": .string(actor.actor.id),
        "reviewReasons": .array(reasons.map { .string($0) }),
      ])
  }

  /// The contested decisions that nobody looked at yet, the one due first in front.
  public func contested() async throws(PrivataError) -> [AutomatedDecision] {
    try await core.registers.last(.decision).map(AutomatedDecision.init)
      .filter { $0.state == .suspended }.sorted { ($0.dueAt ?? .now) < ($1.dueAt ?? .now) }
  }

  private func change(
    _ decision: AutomatedDecision, _ action: String, _ more: Document
  ) async throws(PrivataError) -> AutomatedDecision {
    var facts = decision.facts
    for element in more.elements { facts[element.key] = element.value }
    let entry = try await core.registers.append(
      .decision, decision.id, facts, actor: actor.actor.id, subject: decision.subjectMark,
      after: decision.number)
    try core.record(action, actor, model: decision.model, subjectOf: entry.id)
    return AutomatedDecision(entry)
  }
}

extension Vault {
  /// The decisions of programs about people.
  public var decisions: DecisionRegister { DecisionRegister(core: core, context: context) }
}

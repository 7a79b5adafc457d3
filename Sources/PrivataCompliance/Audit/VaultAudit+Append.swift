public import PrivataCore

/// What a program did with personal data outside of the vault's own operations: sent a letter, printed
/// a list, showed a picture.
///
/// ```swift
/// let note = AuditNote("app.letter", model: "User", records: [.string("u1")], fields: ["address"])
/// ```
///
/// - Privacy: names fields and models; records are kept as keyed references, never as their ids.
public struct AuditNote: Sendable, Hashable {
  /// What was done: a name that begins with `app.`, so that no note passes for the vault's own event.
  public var action: AuditEvent.Action
  /// The model concerned, by name.
  public var model: String
  /// The keys of the records concerned.
  public var records: [Value]
  /// The fields concerned, by name.
  public var fields: [String]
  /// How many records were concerned; those of ``records`` where nothing is said.
  public var count: Int

  /// A note of an action.
  public init(
    _ action: String, model: String, records: [Value] = [], fields: [String] = [],
    count: Int? = nil
  ) {
    self.action = AuditEvent.Action(rawValue: action)
    self.model = model
    self.records = records
    self.fields = fields
    self.count = count ?? records.count
  }
}

extension VaultAudit: AuditLog {
  /// Records what a program did, on behalf of the task's context.
  ///
  /// ```swift
  /// try vault.audit.append(AuditNote("app.letter", model: "User", records: [.string("u1")]))
  /// ```
  ///
  /// - Throws: `badArgument` for an action that does not begin with `app.`, `unknownModel`,
  ///   `unknownField`, `contextRequired` where the vault asks for a context and the task has none,
  ///   `auditUnavailable`. Nothing is recorded then.
  ///
  /// Source: 45 CFR 164.312(b), audit controls.
  public func append(contentsOf notes: [AuditNote]) throws(PrivataError) {
    let context = try noteContext()
    for note in notes { try check(note) }
    let acts = notes.map { note in
      let named = note.records.prefix(core.options.auditedRecords)
      var result = AuditResult(count: note.count)
      result.records = named.map { core.references.reference(to: $0, of: note.model) }
      let scope = AuditCoding.scope(
        note.action, model: note.model, fields: note.fields, filterFields: [])
      return (scope: scope, result: result)
    }
    try core.recorder.record(context, all: acts)
  }

  private func noteContext() throws(PrivataError) -> AccessContext {
    if let current = AccessContext.current { return current }
    guard core.options.contextPolicy == .required else { return .service }
    throw PrivataError(
      .contextRequired, "say who acts, with AccessContext.$current.withValue, to note it in the log"
    )
  }

  private func check(_ note: AuditNote) throws(PrivataError) {
    guard note.action.rawValue.hasPrefix("app.") else {
      throw PrivataError(
        .badArgument, "a note's action begins with 'app.': the rest are the vault's own")
    }
    guard let model = core.registry.model(note.model) else {
      throw PrivataError(.unknownModel, "the vault has no model '\(note.model)'", model: note.model)
    }
    if let unknown = note.fields.first(where: { model.field($0) == nil }) {
      throw PrivataError(
        .unknownField, "'\(note.model)' has no field '\(unknown)'", fields: [unknown],
        model: note.model)
    }
  }
}

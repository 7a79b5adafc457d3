public import PrivataCore

/// What a breach consists of, as far as the vault can tell.
public enum BreachQuestion: Sendable, Hashable {
  /// What an actor saw, or anybody where `nil`, from one moment until another.
  case access(actor: String?, from: DateTime, to: DateTime)
  /// A store was taken: the one of identities or the clinical one, with or without its keys.
  case theft(ofIdentityStore: Bool, withKeys: Bool)
}

/// Who is affected by a breach, and by which data: computed, not guessed.
public struct BreachScope: Sendable, Hashable {
  /// A person: the model and key of their record.
  public struct Person: Sendable, Hashable {
    /// The model, and the key of the record.
    public let model: String
    public let key: Value

    /// The person of a record.
    public init(model: String, key: Value) {
      self.model = model
      self.key = key
    }
  }

  /// The persons, in the order of their models and marks.
  public let persons: [Person]
  /// The fields that were seen, as `Patient.name`.
  public let fields: [String]
  /// Attempts that the vault refused: nothing was seen.
  public let refused: Int
  /// Records that were seen and are not there any more, so that nobody can be told.
  public let unresolved: Int
  /// How many records events counted without naming them: the scope is at least what it says.
  public let unnamed: Int
  /// True where what was taken cannot be read: every personal field in it is encrypted and the keys
  /// are elsewhere.
  ///
  /// Source: GDPR Article 34(3)(a); 45 CFR 164.402, unsecured protected health information.
  public let isUnintelligible: Bool
  /// The scope without names, signed.
  public let statement: SignedStatement
}

extension BreachRegister {
  /// Who is affected, from the audit log and the stores.
  ///
  /// ```swift
  /// let scope = try await vault.breaches.affected(.access(actor: "mallory", from: a, to: b))
  /// scope.persons.count
  /// ```
  ///
  /// - Throws: what the stores throw.
  /// - Privacy: reads keys and references of records; audited.
  public func affected(_ question: BreachQuestion) async throws(PrivataError) -> BreachScope {
    var found = ScopeSearch(core: core)
    switch question {
    case .access(let actor, let from, let to): try await found.access(actor, from, to)
    case .theft(let isIdentity, let withKeys):
      try await found.theft(isIdentity ? .identity : .clinical, withKeys)
    }
    let scope = try found.scope()
    try core.record("breach.affected", actor, result: AuditResult(count: scope.persons.count))
    return scope
  }
}

/// Finds the persons behind the records that events name.
private struct ScopeSearch {
  let core: VaultCore
  private var persons: [String: BreachScope.Person] = [:]
  private var fields: Set<String> = []
  private var refused = 0
  private var unresolved = 0
  private var unnamed = 0
  private var isUnintelligible = false

  init(core: VaultCore) { self.core = core }

  mutating func access(
    _ actor: String?, _ from: DateTime, _ to: DateTime
  ) async throws(PrivataError) {
    var seen: [String: Set<RecordReference>] = [:]
    let selection = AuditSelection(actor: actor, from: from, to: to)
    for try await event in VaultAudit(core: core).events(matching: selection)
    where !event.model.isEmpty {
      guard event.outcome == .success else {
        refused += event.outcome == .refused ? 1 : 0
        continue
      }
      seen[event.model, default: []].formUnion(event.records)
      if event.records.isEmpty { unnamed += event.count }
      fields.formUnion(event.fields.map { "\(event.model).\($0)" })
    }
    for (name, references) in seen.sorted(by: { $0.key < $1.key }) {
      guard let model = core.registry.model(name) else { continue }
      try await resolve(references, model)
    }
  }

  mutating func theft(_ half: Half, _ withKeys: Bool) async throws(PrivataError) {
    isUnintelligible = !withKeys
    for model in core.registry.models.sorted(by: { $0.name < $1.name }) {
      let separation = try core.registry.separation(of: model)
      let taken = model.fields.filter {
        $0.privacy != .open && separation.holds($0.name, in: half)
      }
      guard !taken.isEmpty else { continue }
      fields.formUnion(taken.map { "\(model.name).\($0.name)" })
      if taken.contains(where: { $0.encryption == nil }) { isUnintelligible = false }
      try await resolve(nil, model)
    }
  }

  /// Adds the persons whom records are about: those that are named, or all.
  private mutating func resolve(
    _ references: Set<RecordReference>?, _ model: ModelSchema
  ) async throws(PrivataError) {
    let separation = try core.registry.separation(of: model)
    guard separation.isPersonal || !separation.references.isEmpty else { return }
    let key = model.key.name
    let isPerson = separation.link != nil
    let about = separation.references.filter { !$0.value.isArray }.map(\.key).sorted()
    var left = references
    var last = Filter.all
    while true {
      let query = Query(
        model, where: last, projection: .fields([key] + about), sort: [SortKey(key)],
        limit: 1_000, layout: .cells)
      let rows = try await core.session.rows(query, separation)
      for row in 0..<rows.count {
        guard let id = rows.value(row: row, column: 0) else { continue }
        if references != nil {
          let reference = core.references.reference(to: id, of: model.name)
          guard left?.remove(reference) != nil else { continue }
        }
        if isPerson { add(model.name, id) }
        for (offset, field) in about.enumerated() {
          guard let value = rows.value(row: row, column: offset + 1), !value.isNull,
            let target = separation.references[field]
          else { continue }
          add(target.target, value)
        }
      }
      guard rows.count == 1_000, left?.isEmpty != true,
        let end = rows.value(row: rows.count - 1, column: 0)
      else { break }
      last = .compare(key, .greater, end)
    }
    unresolved += left?.count ?? 0
  }

  private mutating func add(_ model: String, _ key: Value) {
    persons[core.ledger.mark(model, key)] = .init(model: model, key: key)
  }

  func scope() throws(PrivataError) -> BreachScope {
    let marks = persons.keys.sorted()
    let statement: Document = [
      "at": .string(DateTime.now.iso8601), "persons": .int(marks.count),
      "marks": .string(Hexadecimal.text(Notice.hash(marks.joined(separator: "\n")))),
      "fields": .array(fields.sorted().map { .string($0) }), "refused": .int(refused),
      "unresolved": .int(unresolved), "unnamed": .int(unnamed),
      "isUnintelligible": .bool(isUnintelligible),
    ]
    return BreachScope(
      persons: marks.compactMap { persons[$0] }, fields: fields.sorted(), refused: refused,
      unresolved: unresolved, unnamed: unnamed, isUnintelligible: isUnintelligible,
      statement: try SignedStatement("breach-scope", statement, keys: core.keys))
  }
}

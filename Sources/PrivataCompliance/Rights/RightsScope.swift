internal import PrivataCore

/// Narrows what a query means to the persons whose data may be used for its purpose. The condition
/// is part of the statement, so that counts, pages and aggregates are right.
///
/// Source: GDPR Articles 7(3), 18(2) and 21.
struct RightsScope {
  let core: VaultCore
  let context: AccessContext

  /// Purposes for which restricted data may be used.
  ///
  /// Source: GDPR Article 18(2).
  static let despiteRestriction: Set<String> = [
    "legalClaims", "rightsOfOthers", "publicInterest", "subjectRequest", "storage",
  ]

  fileprivate enum Condition {
    case only(Set<String>)
    case without(Set<String>)
  }

  /// The filter, narrowed; unchanged where nothing narrows it.
  func narrowed(
    _ filter: Filter, _ separation: Separation, _ session: VaultSession
  ) async throws(PrivataError) -> Filter {
    let isConsented = context.purpose.map { core.restsOnConsent($0) } ?? false
    guard isConsented || isExplicit || core.rights.hasProtections, separation.isPersonal else {
      return filter
    }
    let state = core.rights.current
    var narrowed = filter
    if let link = separation.link {
      for condition in conditions(state, separation.model.name, isConsented) {
        narrowed = narrowed.and(condition.filter(link) { .string($0) })
      }
      return narrowed
    }
    // A record about a person, by its reference.
    for (name, reference) in separation.references.sorted(by: { $0.key < $1.key })
    where !reference.isArray {
      for condition in conditions(state, reference.target, isConsented) {
        narrowed = narrowed.and(try await byReference(condition, name, reference, session))
      }
    }
    return narrowed
  }

  /// True for a purpose that may use health data only of those who consented to it explicitly.
  private var isExplicit: Bool {
    core.options.processing != nil
      && core.registers.known.purpose(context.purpose)?.ground == .explicitConsent
  }

  private func conditions(
    _ state: RightsState, _ model: String, _ isConsented: Bool
  ) -> [Condition] {
    var conditions: [Condition] = []
    let purpose = context.purpose ?? ""
    let known = core.registers.known
    if isConsented {
      conditions.append(
        .only(state.subjects(.consent, of: model, about: purpose, except: known.isOutdated)))
    }
    if isExplicit {
      conditions.append(.only(state.explicitSubjects(of: model, about: purpose, known)))
    }
    var without = state.subjects(.objection, of: model, about: purpose)
    without.formUnion(state.subjects(.ended, of: model, about: purpose))
    if !Self.despiteRestriction.contains(purpose) {
      without.formUnion(state.subjects(.restriction, of: model))
    }
    if !without.isEmpty { conditions.append(.without(without)) }
    return conditions
  }

  /// A condition on a reference: in the program's terms ids, which become pseudonyms on their way.
  private func byReference(
    _ condition: Condition, _ field: String, _ reference: PersonReference,
    _ session: VaultSession
  ) async throws(PrivataError) -> Filter {
    var found = ReferencedPseudonyms()
    for subject in condition.subjects { found.insert(.string(subject), reference) }
    let persons = try await session.persons(behind: found)
    switch condition {
    case .only:
      let ids = condition.subjects.sorted().map { persons.person($0, reference) }
      return .isIn(field, ids.filter { !$0.isNull })
    case .without:
      let ids = condition.subjects.sorted().map { persons.person($0, reference) }
        .filter { !$0.isNull }
      return ids.isEmpty ? .all : .or([.isNull(field), .isNotIn(field, ids)])
    }
  }
}

extension RightsScope.Condition {
  fileprivate var subjects: Set<String> {
    switch self {
    case .only(let subjects), .without(let subjects): subjects
    }
  }

  fileprivate func filter(_ field: String, _ value: (String) -> Value) -> Filter {
    let values = subjects.sorted().map(value)
    switch self {
    case .only: return values.isEmpty ? .none : .isIn(field, values)
    case .without: return .isNotIn(field, values)
    }
  }
}

extension AuditedSession {
  /// The query for the records that the caller may touch, of the persons whose data may be used.
  func narrowed(
    _ query: Query, _ mask: FieldMask, _ context: AccessContext
  ) async throws(PrivataError) -> Query {
    var query = query
    query.filter = try await narrowed(query.filter, mask.asking(query), context)
    if let live = session.core.options.retention.live(query.model, now: .now) {
      query.filter = query.filter.and(live)
    }
    return query
  }

  private func narrowed(
    _ filter: Filter, _ mask: FieldMask, _ context: AccessContext
  ) async throws(PrivataError) -> Filter {
    let allowed = try await RightsScope(core: session.core, context: context)
      .narrowed(filter, mask.separation, session)
    return try await scoped(allowed, mask, context)
  }

  /// The change for the records that the caller may touch, of the persons whose data may be used;
  /// what is added is not narrowed.
  func narrowed(
    _ write: Write, _ mask: FieldMask, _ context: AccessContext
  ) async throws(PrivataError) -> Write {
    if context.details?.emergency != nil { try checkEmergency(write, mask.model) }
    switch write {
    case .insert(let insert):
      let imports = ErasedImports(core: session.core, separation: mask.separation)
      try await imports.check(insert, context)
      return write
    case .update(var update):
      let asked = mask.asking(update.filter, update.changes.fieldNames)
      update.filter = try await narrowed(update.filter, asked, context)
      return .update(update)
    case .delete(var delete):
      delete.filter = try await narrowed(delete.filter, mask.asking(delete.filter, []), context)
      return .delete(delete)
    case .bulk(let writes, let isOrdered):
      var all: [Write] = []
      for write in writes {
        guard let model = write.model else { continue }
        let separation = try session.separation(of: model)
        let mask = separation === mask.separation ? mask : try self.mask(separation, context)
        all.append(try await narrowed(write, mask, context))
      }
      return .bulk(all, isOrdered: isOrdered)
    }
  }

  /// Emergency access is no way to delete, or to change many records at once.
  private func checkEmergency(_ write: Write, _ model: ModelSchema) throws(PrivataError) {
    switch write {
    case .insert: return
    case .update(let update) where !update.isMany: return
    case .update, .delete, .bulk:
      throw PrivataError(
        .accessDenied, "emergency access neither deletes nor changes records in bulk",
        model: model.name)
    }
  }
}

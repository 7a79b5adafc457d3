internal import PrivataCore

/// Knows persons again who want no direct marketing, though they were erased: by marks of their
/// addresses.
///
/// Source: GDPR Article 21(3).
extension AuditedSession {
  /// Lets persons who are added or changed object to marketing where one of their addresses belongs
  /// to somebody who did.
  func suppress(_ write: Write, _ separation: Separation) async throws(PrivataError) {
    guard session.core.registers.hasSuppressions,
      let link = separation.link,
      let fields = session.core.registers.known.suppressions[separation.model.name]
    else { return }
    for (field, marks) in fields.sorted(by: { $0.key < $1.key }) {
      let texts = Set(write.texts(of: field)).filter {
        marks.contains(session.core.registers.seal.suppression(separation.model.name, field, $0))
      }
      guard !texts.isEmpty else { continue }
      let query = Query(
        separation.model, where: .isIn(field, texts.sorted().map { .string($0) }),
        projection: .fields([link]), layout: .cells)
      let rows = try await session.rows(query, separation)
      for row in 0..<rows.count {
        guard let person = rows.value(row: row, column: 0)?.asString else { continue }
        try await object(person, separation.model.name)
      }
    }
  }

  private func object(_ link: String, _ model: String) async throws(PrivataError) {
    let core = session.core
    guard let schema = core.registry.model(model) else { return }
    let gdpr = GDPR(core: core, context: context, model: schema)
    for purpose in gdpr.marketingPurposes {
      let isKnown = core.rights.current.acts(about: link, .objection)
        .contains { $0.about == purpose && $0.isOn }
      if isKnown { continue }
      try await core.rights.add(
        RightsAct(
          subject: link, model: model, kind: .objection, about: purpose, isOn: true, at: .now,
          evidence: ["suppression": true], actor: AccessContext.Actor.system.id))
    }
  }
}

extension RegisterSeal {
  /// The mark of an address; spaces around it and capital letters make no other address.
  func suppression(_ model: String, _ field: String, _ text: String) -> String {
    mark("suppression \(model) \(field)", text.trimmed.lowercased())
  }
}

extension String {
  fileprivate var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}

extension Write {
  /// The texts that a field gets.
  fileprivate func texts(of field: String) -> [String] {
    switch self {
    case .insert(let insert): return insert.rows.texts(of: field)
    case .update(let update): return update.changes.texts(of: field)
    case .delete: return []
    case .bulk(let writes, _): return writes.flatMap { $0.texts(of: field) }
    }
  }
}

extension Insert.Rows {
  fileprivate func texts(of field: String) -> [String] {
    switch self {
    case .documents(let documents): return documents.compactMap { $0[field]?.asString }
    case .cells(let names, let batch):
      guard let column = names.firstIndex(of: field) else { return [] }
      return (0..<batch.count).compactMap { batch.value(row: $0, column: column)?.asString }
    }
  }
}

extension Changes {
  fileprivate func texts(of field: String) -> [String] {
    switch self {
    case .operators(let operators):
      return operators.elements.compactMap { $0.value.asDocument?[field]?.asString }
    case .pipeline: return []
    case .replacement(let document): return [document[field]?.asString].compactMap { $0 }
    case .assign(let assignments):
      return assignments.filter { $0.field == field }.compactMap(\.value.asString)
    }
  }
}

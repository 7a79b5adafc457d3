public import PrivataCore

extension GDPR {
  /// What is kept of a person who was erased and whose clinical rows stay under a fresh pseudonym,
  /// for who presents that pseudonym: the receipt of ``ErasureResult/pseudonym``.
  ///
  /// ```swift
  /// let proof = try await User.gdpr.rightToErasure(id, request)
  /// let kept = try await User.gdpr.unlinkedRecords(receipt: proof.pseudonym!)
  /// ```
  ///
  /// The pseudonym says nothing about who somebody is, and is not linked to anybody by this.
  ///
  /// - Throws: `notIdentifiable` for a receipt that fits nothing; `contextRequired`.
  /// - Privacy: audited without a name.
  ///
  /// Source: GDPR Article 11(2).
  public func unlinkedRecords(
    receipt: Pseudonym
  ) async throws(PrivataError) -> [AccessReport.Section] {
    let action = AuditEvent.Action(rawValue: "gdpr.access.unlinked")
    try checkCaller(action)
    let graph = try SubjectGraph(model, core.registry)
    var sections: [AccessReport.Section] = []
    if let clinical = graph.root.clinical, graph.root.shape == .split {
      let own = Filter.and([
        .compare(graph.root.clinicalKey, .equal, .string(receipt.text)),
        .compare(Separation.unlinked, .equal, .bool(true)),
      ])
      let records = try await records(clinical, own, graph.root)
      if !records.isEmpty {
        sections.append(.init(model: model.name, through: nil, records: records))
      }
      // What refers to a pseudonym is opened only beside rows that nobody is linked to.
      if !records.isEmpty { sections += try await related(receipt, graph) }
    }
    let count = sections.reduce(0) { $0 + $1.records.count }
    try core.record(action.rawValue, actor, model: model.name, result: AuditResult(count: count))
    guard count > 0 else { throw notIdentifiable() }
    return sections
  }

  private func related(
    _ receipt: Pseudonym, _ graph: SubjectGraph
  ) async throws(PrivataError) -> [AccessReport.Section] {
    var sections: [AccessReport.Section] = []
    for edge in graph.edges where edge.isClinical && !edge.isArray {
      guard let clinical = edge.separation.clinical else { continue }
      let found = try await records(clinical, edge.filter(.string(receipt.text)), edge.separation)
      if !found.isEmpty {
        sections.append(
          .init(model: edge.separation.model.name, through: edge.field.name, records: found))
      }
    }
    return sections
  }

  /// Rows of the clinical store without what joins them.
  private func records(
    _ clinical: ModelSchema, _ filter: Filter, _ separation: Separation
  ) async throws(PrivataError) -> [Document] {
    let query = Query(clinical, where: filter, sort: [SortKey(clinical.key.name)])
    let hidden = Set(separation.references.keys)
      .union([separation.clinicalKey, Separation.unlinked])
    return try await core.clinicalStore.rows(for: query).documents.map { row in
      Document(row.elements.filter { !hidden.contains($0.key) })
    }
  }

  /// Says that a person who was erased cannot be told from others any more.
  ///
  /// - Throws: `notIdentifiable` for a person who was erased.
  func checkIdentifiable(_ key: Value) async throws(PrivataError) {
    try await core.prepareLedger()
    let last = try await core.ledger.last(core.ledger.mark(model.name, key))
    if last?.state == .attested { throw notIdentifiable() }
  }

  private func notIdentifiable() -> PrivataError {
    PrivataError(
      .notIdentifiable,
      "who this \(model.name) is cannot be told from what is kept: the rights of access, "
        + "rectification, erasure, restriction and portability apply where the receipt of the "
        + "erasure is presented (GDPR Article 11(2))", model: model.name)
  }
}

internal import PrivataCore

extension VaultSession {
  /// The pseudonyms of ids: from memory, and for the rest one query per model referred to.
  func pseudonyms(of ids: ReferencedIDs) async throws(PrivataError) -> PseudonymLookup {
    var found = PseudonymLookup()
    for (reference, values) in ids.ids {
      var unknown: [Value] = []
      for value in values {
        if let pseudonym = core.map.pseudonym(of: value, reference) {
          found.insert(value, pseudonym, reference)
        } else {
          unknown.append(value)
        }
      }
      try await pairs(reference, where: reference.field, unknown) { id, pseudonym in
        found.insert(id, pseudonym, reference)
      }
    }
    return found
  }

  /// The ids behind pseudonyms: from memory, and for the rest one query per model referred to.
  func persons(
    behind pseudonyms: ReferencedPseudonyms
  ) async throws(PrivataError) -> PersonLookup {
    var found = PersonLookup()
    for (reference, texts) in pseudonyms.pseudonyms {
      var unknown: [Value] = []
      for text in texts {
        if let id = core.map.person(text, reference) {
          found.insert(id, text, reference)
        } else {
          unknown.append(.string(text))
        }
      }
      let link = try core.registry.separation(named: reference.target).link ?? ""
      try await pairs(reference, where: link, unknown) { id, pseudonym in
        found.insert(id, pseudonym, reference)
      }
    }
    return found
  }

  /// Asks the identity store for the pairs whose field has one of the values.
  private func pairs(
    _ reference: PersonReference, where field: String, _ values: [Value],
    _ body: (Value, String) -> Void
  ) async throws(PrivataError) {
    let target = try core.registry.separation(named: reference.target)
    guard let model = target.identity, let link = target.link else { return }
    for start in stride(from: 0, to: values.count, by: core.options.joinBatch) {
      let part = Array(values[start..<min(start + core.options.joinBatch, values.count)])
      let query = Query(
        model, where: .oneOf(field, part), projection: .fields([reference.field, link]),
        layout: .cells)
      let epoch = core.map.epoch
      let batch = try await identity.rows(for: query)
      for row in 0..<batch.count {
        guard let id = batch.value(row: row, column: 0),
          let pseudonym = batch.value(row: row, column: 1)?.asString
        else { continue }
        // What a transaction sees may never come to be.
        if !isTransaction { core.map.insert(id, pseudonym, reference, asOf: epoch) }
        body(id, pseudonym)
      }
    }
  }

  /// The pseudonym that the one record of a filter had when it was last seen, where a server would
  /// have to be asked for it. What is done by it has to bear that it is not the record's any more.
  func guessedLink(_ filter: Filter, _ separation: Separation) -> String? {
    guard core.waitsForBoth, !isTransaction, separation.shape == .split,
      let record = filter.record(of: separation.model)
    else { return nil }
    return core.map.guess(of: record, separation.ownReference)
  }

  /// The clinical part of a filter as the clinical store understands it.
  func translated(
    _ filter: Filter, _ separation: Separation
  ) async throws(PrivataError) -> Filter {
    var ids = ReferencedIDs()
    _ = ids.collect(filter, separation)
    let pseudonyms = try await pseudonyms(of: ids)
    return ReferenceFilter(separation: separation, pseudonyms: pseudonyms).translate(filter)
  }
}

extension Filter {
  /// The field has one of the values; a single one as the plain comparison that stores know best.
  static func oneOf(_ field: String, _ values: [Value]) -> Filter {
    values.count == 1 ? .compare(field, .equal, values[0]) : .isIn(field, values)
  }
}

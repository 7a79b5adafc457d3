internal import PrivataCore

extension VaultSession {
  /// Runs a pipeline: on the store where one half holds all, with what the vault adds taken away
  /// first.
  func aggregate(
    _ stages: [Document], _ separation: Separation, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    guard separation.shape == .identityOnly, !stages.contains(where: \.leavesTheModel),
      let store = identity as? any AggregatingStore
    else {
      throw PrivataError(
        .unsupported,
        """
        \(separation.model.name) is divided between two stores, and no pipeline runs over both: \
        read with find and compute in the program
        """, model: separation.model.name)
    }
    var physical = stages
    if let link = separation.link { physical.insert(["$unset": .string(link)], at: 0) }
    return try await store.aggregate(
      physical, on: separation.identity ?? separation.model, options: options)
  }
}

extension Document {
  /// True for a stage that reads or writes other collections, whose rows the vault divides too.
  fileprivate var leavesTheModel: Bool {
    let stages: Set<String> = ["$lookup", "$graphLookup", "$unionWith", "$out", "$merge"]
    if keys.contains(where: stages.contains) { return true }
    guard let facets = self["$facet"]?.asDocument else { return false }
    return facets.elements.contains { facet in
      (facet.value.asArray ?? []).contains { $0.asDocument?.leavesTheModel ?? false }
    }
  }
}

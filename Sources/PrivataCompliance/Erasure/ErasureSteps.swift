internal import Crypto
internal import PrivataCore

/// The changes of an erasure in the stores; each finds what is left and deals with it, so that it
/// can be repeated.
struct ErasureSteps {
  let core: VaultCore
  let graph: SubjectGraph
  let plan: ErasurePlan

  typealias Counts = [(what: String, count: Int)]

  var session: VaultSession { core.session }
  var batch: Int { core.options.joinBatch }

  // MARK: - The identity store

  /// Deletes the person's row and the rows about them; takes their id out of the others.
  func deleteIdentity() async throws(PrivataError) -> Counts {
    var counts: Counts = []
    for edge in graph.edges where !edge.isClinical {
      counts.append((edge.separation.model.name, try await settle(edge)))
    }
    let root = graph.root
    if let model = root.identity {
      let filter = Filter.compare(root.model.key.name, .equal, plan.subject.key)
      let delete = Delete(model, where: filter, layout: .cells)
      counts.append((root.model.name, try await session.identity.write(.delete(delete)).deleted))
    }
    return counts
  }

  private func settle(_ edge: SubjectGraph.Edge) async throws(PrivataError) -> Int {
    guard let value = plan.subject.value(edge), !value.isNull else { return 0 }
    switch graph.fate(edge) {
    case .detach: return try await replace(value, with: nil, edge)
    case .delete: return try await delete(edge, where: edge.filter(value), path: [])
    }
  }

  // MARK: - The clinical store

  /// Moves clinical rows to the fresh pseudonym, or deletes them.
  func settleClinical() async throws(PrivataError) -> Counts {
    guard let link = plan.subject.link else { return [] }
    var counts: Counts = []
    for edge in graph.edges where edge.isClinical {
      counts.append((edge.separation.model.name, try await settleReferences(edge, link)))
    }
    if graph.root.shape == .split {
      let count = try await settleHalves(graph.root, [link: plan.fresh])
      counts.append((graph.root.model.name, count))
    }
    return counts
  }

  private func settleReferences(
    _ edge: SubjectGraph.Edge, _ link: String
  ) async throws(PrivataError) -> Int {
    guard let model = edge.separation.clinical else { return 0 }
    let old = Value.string(link)
    if let fresh = plan.fresh {
      _ = try await replace(old, with: .string(fresh), edge)
      // Rows that an interrupted step had moved before are kept too.
      let kept = Query(model, where: edge.filter(.string(fresh)), answer: .count, layout: .cells)
      return try await session.clinical.rows(for: kept).value(row: 0, column: 0)?.asInt ?? 0
    }
    if edge.isArray || edge.separation.shape == .split {
      return try await replace(old, with: nil, edge)
    }
    return try await delete(edge, where: edge.filter(old), path: [])
  }

  /// Moves or deletes the clinical halves of records, given by their pseudonyms with the fresh ones.
  ///
  /// - Returns: how many were deleted, or are there under fresh pseudonyms.
  func settleHalves(
    _ separation: Separation, _ links: [String: String?]
  ) async throws(PrivataError) -> Int {
    guard let model = separation.clinical, !links.isEmpty else { return 0 }
    let key = separation.clinicalKey
    let old = Filter.oneOf(key, links.keys.sorted().map { .string($0) })
    let fresh = links.values.compactMap(\.self)
    if !fresh.isEmpty {
      var moved: [Document] = []
      for var row in try await session.clinical.rows(for: Query(model, where: old)).documents {
        guard let link = row[key]?.asString, case .some(.some(let next)) = links[link] else {
          continue
        }
        // A key cannot be changed everywhere, so the row is written anew; repeated, it is there.
        row[key] = .string(next)
        row[Separation.unlinked] = .bool(true)
        moved.append(row)
      }
      if !moved.isEmpty {
        let insert = Insert(model, .documents(moved), onConflict: .ignore([key]))
        let outcome = try await session.clinical.write(.insert(insert))
        if let failure = outcome.failures.first { throw failure.error }
      }
    }
    let delete = Delete(model, where: old, layout: .cells)
    let deleted = try await session.clinical.write(.delete(delete)).deleted
    guard !fresh.isEmpty else { return deleted }
    let kept = Query(
      model, where: .oneOf(key, fresh.map { .string($0) }), answer: .count, layout: .cells)
    return try await session.clinical.rows(for: kept).value(row: 0, column: 0)?.asInt ?? 0
  }

  /// The pseudonym under which another record's clinical half is kept; `nil` where it goes too.
  func fresh(for link: String) -> String? {
    guard plan.fresh != nil else { return nil }
    return FreshPseudonym.text(salt: plan.salt, link: link)
  }

  // MARK: - Reading again

  /// The models in which something of the person is still found.
  func remaining() async throws(PrivataError) -> [String] {
    var found: [String] = []
    let root = graph.root
    let own = Filter.compare(root.model.key.name, .equal, plan.subject.key)
    if let model = root.identity, try await exists(model, own, .identity) {
      found.append(root.model.name)
    }
    if root.shape == .split, let model = root.clinical, let link = plan.subject.link,
      try await exists(model, .compare(root.clinicalKey, .equal, .string(link)), .clinical)
    {
      found.append(root.model.name)
    }
    for edge in graph.edges {
      guard let value = plan.subject.value(edge), !value.isNull else { continue }
      if let model = edge.physical, try await exists(model, edge.filter(value), edge.half) {
        found.append(edge.separation.model.name)
      }
    }
    return found
  }

  private func exists(
    _ model: ModelSchema, _ filter: Filter, _ half: Half
  ) async throws(PrivataError) -> Bool {
    let query = Query(model, where: filter, answer: .exists, layout: .cells)
    return try await session.store(half).rows(for: query).value(row: 0, column: 0)?.asBool ?? false
  }
}

/// Pseudonyms that are random to everybody who does not have the salt, and the same ones when a step
/// is repeated. The salt is random, sealed, and gone when the saga has ended.
enum FreshPseudonym {
  private static let letters = Array(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)

  static func text(salt: [UInt8], link: String) -> String {
    let key = SymmetricKey(data: salt)
    var text = "pseu_"
    var block: UInt8 = 0
    while text.utf8.count < 37 {
      let input = [block] + Array(link.utf8)
      for byte in HMAC<SHA256>.authenticationCode(for: input, using: key) {
        // Four times 62: what is over would make some letters likelier.
        guard byte < 248, text.utf8.count < 37 else { continue }
        text.unicodeScalars.append(Unicode.Scalar(letters[Int(byte) % letters.count]))
      }
      block += 1
    }
    return text
  }
}

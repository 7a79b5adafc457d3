internal import PrivataCore
internal import Synchronization

/// Moves a person with all that is kept about them to another region: copied under the target's keys,
/// switched, then erased where they were. Whatever happens, one region serves the person: the source
/// until the switch, the target after it.
struct Relocation {
  let regions: VaultRegions
  let source: VaultRegions.Member
  let target: VaultRegions.Member
  let graph: SubjectGraph
  private(set) var move: VaultRegions.OpenMove
  /// True where an earlier process began.
  private let isResumed: Bool

  init(
    _ regions: VaultRegions, _ move: VaultRegions.OpenMove, _ model: ModelSchema,
    isResumed: Bool = false
  ) throws(PrivataError) {
    self.regions = regions
    self.isResumed = isResumed
    self.move = move
    source = try regions.member(move.from)
    target = try regions.member(move.to)
    graph = try SubjectGraph(model, source.core.registry)
  }

  /// Goes on with what an earlier process left, where its models are known by now.
  static func resume(_ regions: VaultRegions) async throws(PrivataError) {
    for move in regions.takeInterrupted() {
      guard let model = regions.home.core.registry.model(move.fence.model) else {
        regions.interrupted.withLock { $0.append(move) }
        continue
      }
      var relocation = try Relocation(regions, move, model, isResumed: true)
      _ = try await relocation.run()
    }
  }

  /// Carries out what is left to do; answers how many records were moved by this call.
  mutating func run() async throws(PrivataError) -> Int {
    var count = 0
    if !move.isSwitched {
      count = try await copyOrUndo()
      try await MoveLedger(core: source.core).setSwitched(move.id)
      move.isSwitched = true
      regions.note(move)
    }
    KillPoint.reached("relocation-switched")
    try await eraseAtSource()
    KillPoint.reached("relocation-erased")
    try await MoveLedger(core: source.core).remove(move.id)
    regions.forget(move)
    return count
  }

  private func copyOrUndo() async throws(PrivataError) -> Int {
    let fence = source.core.fences.raise(graph, subject)
    defer { source.core.fences.lower(fence) }
    do throws(PrivataError) {
      await source.core.fences.waitForEarlierWrites()
      // What an interrupted copy left would be in the way.
      if isResumed { try await removeCopy() }
      KillPoint.reached("relocation-copying")
      let count = try await copy()
      KillPoint.reached("relocation-copied")
      return count
    } catch {
      try await removeCopy()
      try await MoveLedger(core: source.core).remove(move.id)
      regions.forget(move)
      throw error
    }
  }

  private var subject: Subject {
    Subject(key: move.fence.key, link: nil, targets: move.fence.targets)
  }

  // MARK: - The copy

  /// The records that are the person's own or about them alone; a list names several people, and a
  /// record of the same model is somebody else.
  private var parts: [(separation: Separation, filter: Filter)] {
    var parts: [(separation: Separation, filter: Filter)] = [
      (graph.root, .compare(graph.root.model.key.name, .equal, move.fence.key))
    ]
    for edge in graph.edges where !edge.isArray && edge.separation.model !== graph.root.model {
      guard let value = move.fence.targets[edge.target], !value.isNull else { continue }
      parts.append((edge.separation, edge.filter(value)))
    }
    return parts
  }

  private func copy() async throws(PrivataError) -> Int {
    var count = 0
    for (separation, filter) in parts {
      let query = Query(separation.model, where: filter)
      let rows = try await source.core.session.rows(query, separation)
      guard !rows.isEmpty else { continue }
      let there = try target.core.registry.separation(of: separation.model)
      let insert = Insert(separation.model, .documents(rows.documents))
      let outcome = try await target.core.session.write(.insert(insert), there)
      if let failure = outcome.failures.first { throw failure.error }
      count += rows.count
    }
    guard count > 0 else {
      throw PrivataError(
        .notFound, "there is no \(graph.root.model.name) with this \(graph.root.model.key.name)",
        model: graph.root.model.name)
    }
    try await copyRights()
    return count
  }

  /// Consents, restrictions and objections hold in the target as they did.
  private func copyRights() async throws(PrivataError) {
    let there = try SubjectGraph(graph.root.model, target.core.registry)
    guard
      let old = try await source.core.session.subject(move.fence.key, graph)?.link,
      let new = try await target.core.session.subject(move.fence.key, there)?.link
    else { return }
    for act in try await source.core.rights.acts(.compare("subject", .equal, .string(old))) {
      var copied = act
      copied.id = Hexadecimal.text(SecureBytes.random(16))
      copied.subject = new
      try await target.core.rights.add(copied)
    }
  }

  private func removeCopy() async throws(PrivataError) {
    for (separation, filter) in parts.reversed() {
      let there = try target.core.registry.separation(of: separation.model)
      let delete = Delete(separation.model, where: filter, layout: .cells)
      _ = try await target.core.session.write(.delete(delete), there)
    }
    target.core.cache?.removeAll()
  }

  // MARK: - The end at the source

  private func eraseAtSource() async throws(PrivataError) {
    let gdpr = GDPR(core: source.core, context: .service, model: graph.root.model)
    var request = ErasureRequest(
      requestedBy: "relocation", reason: "moved to another region", legalBasis: .article17,
      clinical: .erase)
    request.isMove = true
    _ = try await gdpr.rightToErasure(move.fence.key, request)
  }
}

extension VaultRegions {
  func note(_ move: OpenMove) {
    moves.withLock { moves in
      moves.removeAll { $0.id == move.id }
      moves.append(move)
    }
    version.add(1, ordering: .acquiringAndReleasing)
  }

  func forget(_ move: OpenMove) {
    moves.withLock { $0.removeAll { $0.id == move.id } }
    version.add(1, ordering: .acquiringAndReleasing)
  }

  /// The moves that an earlier process left, for the one caller who goes on with them.
  func takeInterrupted() -> [OpenMove] {
    interrupted.withLock { moves in
      defer { moves = [] }
      return moves
    }
  }

  /// Reads which moves an earlier process left; from now on each person counts in one region.
  func loadMoves() async throws(PrivataError) {
    for member in members {
      let ledger = MoveLedger(core: member.core)
      try await ledger.prepare()
      for move in try await ledger.open(from: member.region) {
        note(move)
        interrupted.withLock { $0.append(move) }
      }
    }
  }
}

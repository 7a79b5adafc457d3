internal import PrivataCore
internal import Synchronization

/// The vaults of all regions, and what decides which of them an operation means.
final class VaultRegions: Sendable {
  /// One region's vault.
  struct Member: Sendable {
    let region: Region
    let core: VaultCore
  }

  /// The regions, the strictest first.
  let members: [Member]
  let policy: RegionPolicy
  /// People who are on the way to another region.
  let moves = Mutex<[OpenMove]>([])
  /// Grows with every change of where a person counts.
  let version = Atomic(0)
  /// Those of them that an earlier process left, until somebody goes on with them.
  let interrupted = Mutex<[OpenMove]>([])
  /// Moves and erasures of one person come one after another.
  let turns = SingleFlight<String>()

  init(_ members: [Member], policy: RegionPolicy) {
    self.members = members
    self.policy = policy
  }

  /// The strictest region: what belongs to nobody is there.
  var home: Member { members[0] }

  /// Where HIPAA holds: in the United States, or the home where they are not among the regions.
  var hipaa: Member { members.first { $0.region == .us } ?? home }

  /// - Throws: `residencyViolation` for a region without stores: there is no other to fall back on.
  func member(_ region: Region) throws(PrivataError) -> Member {
    if let member = members.first(where: { $0.region == region }) { return member }
    throw PrivataError(
      .residencyViolation,
      "the vault has no stores for region \(region), and no other region may keep its data")
  }

  /// The store of a region for a caller.
  func store(_ member: Member, _ context: AccessContext?) -> VaultStore {
    VaultStore(core: member.core, context: context)
  }

  /// The regions in the order in which a record of a key is looked for: where its id says it is
  /// first.
  func order(for key: Value) -> [Member] {
    guard let text = key.asString, let first = policy.signal(ofID: text) else { return members }
    return members.filter { $0.region == first } + members.filter { $0.region != first }
  }

  // MARK: - People on the way

  /// A person who is moved: their data counts in one region alone, whatever is in both meanwhile.
  struct OpenMove: Sendable {
    let id: String
    let from: Region
    let to: Region
    let fence: Fences.Fence
    /// True once the target serves.
    var isSwitched = false
    /// Where the person's data does not count now.
    var hidden: Region { isSwitched ? from : to }
  }

  /// What leaves out the people whose data does not count in a region now.
  func hidden(_ model: ModelSchema, in region: Region) -> Filter {
    let moves = moves.withLock { $0 }
    return moves.reduce(.all) { filter, move in
      guard move.hidden == region else { return filter }
      let theirs = move.fence.filter(in: model)
      return theirs == .none ? filter : filter.and(.not(theirs))
    }
  }
}

extension VaultCore {
  /// True where a record fulfils a filter; not audited, for the vault's own decisions.
  func holds(_ filter: Filter, _ model: ModelSchema) async throws(PrivataError) -> Bool {
    let query = Query(model, where: filter, answer: .exists, layout: .cells)
    let rows = try await session.rows(query, try registry.separation(of: model))
    return rows.value(row: 0, column: 0)?.asBool ?? false
  }
}

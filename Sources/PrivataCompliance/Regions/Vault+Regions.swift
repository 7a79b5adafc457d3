public import PrivataCore

extension Vault {
  /// Opens a vault over several regions. Each record lives in its region's stores only: identity,
  /// clinical, audit, keys, journal and cache; no store serves two regions.
  ///
  /// ```swift
  /// let vault = try await Vault(regions: [
  ///   RegionStores(.eu, identity: .postgres(euWho), clinical: .postgres(euHow), country: "DE"),
  ///   RegionStores(.us, identity: .postgres(usWho), clinical: .postgres(usHow), country: "US"),
  /// ])
  /// let User = try vault.model("User", userSchema)   // unchanged from here on
  /// ```
  ///
  /// A new record goes to the region that its id, its data and the caller's context name
  /// (``RegionPolicy``); records about a person follow the person. Queries ask all regions and answer
  /// as one store would: found, counted, sorted, paged. A query for one key ends in the region that
  /// has it; where not even an id may be asked of another region, give ids their region's prefix.
  /// A unique field is unique within its region.
  ///
  /// The audit log, the keys and everything else of one region: ``region(_:)``.
  ///
  /// - Parameter policy: the first of its regions is the strictest, and has what belongs to nobody;
  ///   the regions as given where `nil`.
  /// - Throws: `badArgument` for no region, one given twice, a policy that knows a region without
  ///   stores, or a region without a key store where fields are encrypted; `residencyViolation`
  ///   where regions share a store, or servers stand in another region; and as the other initializer.
  /// - Privacy: a caller whose context names another region than the data's is a transfer, which
  ///   needs a ground among ``VaultOptions/transfers``.
  public init(
    regions: [RegionStores], policy: RegionPolicy? = nil, options: VaultOptions = VaultOptions()
  ) async throws(PrivataError) {
    let policy = policy ?? RegionPolicy(strictness: regions.map(\.region), orUnknown: .eu)
    let sorted = try Self.sorted(regions, policy)
    var open: [OpenRegion] = []
    var members: [VaultRegions.Member] = []
    let all: VaultRegions
    do throws(PrivataError) {
      for stores in sorted {
        let next = try await OpenRegion(stores)
        open.append(next)
        for other in open.dropLast() { try next.check(against: other) }
      }
      for region in open {
        let vault = try await region.vault(options)
        members.append(.init(region: region.given.region, core: vault.core))
      }
      all = VaultRegions(members, policy: policy)
      try await all.loadMoves()
    } catch {
      for member in members { await Vault(core: member.core, context: nil).close() }
      for region in open { await region.close() }
      throw error
    }
    self.init(core: all.home.core, context: nil, regions: all)
  }

  private static func sorted(
    _ regions: [RegionStores], _ policy: RegionPolicy
  ) throws(PrivataError) -> [RegionStores] {
    let names = regions.map(\.region)
    guard !names.isEmpty, Set(names).count == names.count else {
      throw PrivataError(
        .badArgument, "a vault over regions has stores for each once", fields: ["regions"])
    }
    for region in policy.strictness where !names.contains(region) {
      throw PrivataError(
        .badArgument, "the policy knows region \(region), which has no stores", fields: ["regions"])
    }
    var sorted: [RegionStores] = []
    for region in policy.strictness { sorted += regions.filter { $0.region == region } }
    return sorted + regions.filter { !policy.strictness.contains($0.region) }
  }

  /// The vault of one region: reads see its records alone, and its audit log, keys and rights are
  /// its own.
  ///
  /// ```swift
  /// let report = try await vault.region(.us).audit.verify()
  /// ```
  ///
  /// A record that is inserted through it is decided to be of the region, unless its id or data name
  /// a stricter one.
  ///
  /// - Throws: `residencyViolation` for a region without stores.
  public func region(_ region: Region) throws(PrivataError) -> Vault {
    guard let regions else {
      throw PrivataError(
        .residencyViolation, "the vault has one pair of stores: open it with Vault(regions:)")
    }
    return Vault(
      core: try regions.member(region).core, context: context, regions: regions, pinned: region)
  }

  /// The regions of the vault, the strictest first; empty where it has one pair of stores.
  public var regionNames: [Region] { regions?.members.map(\.region) ?? [] }
}

extension RegionPolicy {
  /// A policy over regions as given; of none, what is never asked.
  fileprivate init(strictness: [Region], orUnknown region: Region) {
    self.init(strictness: strictness.isEmpty ? [region] : strictness)
  }
}

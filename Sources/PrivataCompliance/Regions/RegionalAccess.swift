internal import PrivataCore

/// Which regions one caller reaches, and how: over the vaults themselves, or over the transactions
/// opened on them.
struct RegionalAccess: Sendable {
  let regions: VaultRegions
  let context: AccessContext?
  /// The one region that is meant, where it is one.
  let pinned: Region?
  typealias Opening = @Sendable (VaultRegions.Member) async throws(PrivataError) -> any Store

  /// The store of a region for the operation itself.
  let store: Opening
  /// The store of a region for looking what is there, where it is not the vault's own: inside a
  /// transaction.
  var reading: Opening?

  init(
    regions: VaultRegions, context: AccessContext?, pinned: Region?, reading: Opening? = nil,
    store: @escaping Opening
  ) {
    self.regions = regions
    self.context = context
    self.pinned = pinned
    self.reading = reading
    self.store = store
  }

  /// The same access to all regions.
  var unpinned: RegionalAccess {
    RegionalAccess(regions: regions, context: context, pinned: nil, reading: reading, store: store)
  }

  /// The same access for reads.
  var forReading: RegionalAccess {
    RegionalAccess(
      regions: regions, context: context, pinned: pinned, reading: reading,
      store: reading ?? store)
  }

  /// The regions that are meant.
  ///
  /// - Throws: `residencyViolation` for a region without stores.
  func members() throws(PrivataError) -> [VaultRegions.Member] {
    guard let pinned else { return regions.members }
    return [try regions.member(pinned)]
  }

  /// The caller's context, as the region's vault will see it.
  var caller: AccessContext? { context ?? AccessContext.current }

  /// Where the caller is, if they are somewhere else than the data.
  private func destination(from region: Region) -> Region? {
    guard let name = caller?.region, name != region.name else { return nil }
    return Region(name)
  }

  /// Lets a caller of another region in where there is a ground for the transfer, before anything
  /// leaves the region.
  ///
  /// - Throws: `residencyViolation`; the refusal is audited in the region of the data.
  func admit(
    _ member: VaultRegions.Member, _ model: ModelSchema
  ) async throws(PrivataError) {
    guard let destination = destination(from: member.region), member.region.guardsTransfers,
      try member.core.registry.separation(of: model).isPersonal
    else { return }
    try await member.core.transfers.admit(
      caller ?? .service, from: member.region, to: destination, model: model.name)
  }

  /// Admits a caller to the regions that a query over many records reads.
  func admitted(_ model: ModelSchema) async throws(PrivataError) -> [VaultRegions.Member] {
    let members = try members()
    for member in members { try await admit(member, model) }
    return members
  }

  /// The one region that holds a record of a filter, with the caller admitted to it.
  func holder(
    of filter: Filter, _ model: ModelSchema
  ) async throws(PrivataError) -> VaultRegions.Member? {
    let found = try await located(filter, model).first
    if let found { try await admit(found, model) }
    return found
  }

  /// The regions that hold records of a filter: asked within the regions, so that nothing leaves
  /// them. One at most for a filter of one key.
  func located(
    _ filter: Filter, _ model: ModelSchema
  ) async throws(PrivataError) -> [VaultRegions.Member] {
    let key = filter.record(of: model)
    let members = pinned == nil ? key.map(regions.order) ?? regions.members : try members()
    var found: [VaultRegions.Member] = []
    for member in members {
      let visible = visible(filter, model, in: member.region)
      guard try await holds(visible, model, member) else { continue }
      found.append(member)
      if key != nil { break }
    }
    return found
  }

  private func holds(
    _ filter: Filter, _ model: ModelSchema, _ member: VaultRegions.Member
  ) async throws(PrivataError) -> Bool {
    guard let reading else { return try await member.core.holds(filter, model) }
    let query = Query(model, where: filter, answer: .exists, layout: .cells)
    return try await reading(member).rows(for: query).value(row: 0, column: 0)?.asBool ?? false
  }

  /// A filter without the people whose data does not count in a region now.
  func visible(_ filter: Filter, _ model: ModelSchema, in region: Region) -> Filter {
    filter.and(regions.hidden(model, in: region))
  }
}

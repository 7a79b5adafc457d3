internal import PrivataCore

/// A transaction over the regions: it reads all of them, and changes the records of one. Two regions
/// are two databases that know nothing of each other, so nothing could make a change of both one.
actor RegionalTransaction: StoreTransaction {
  typealias Opening =
    @Sendable (VaultRegions.Member) async throws(PrivataError) -> any StoreTransaction

  private let regions: VaultRegions
  private let context: AccessContext?
  private let pinned: Region?
  private let opening: Opening
  /// Tells the transaction around this one that a region is changed.
  private let noting: (@Sendable (Region) async throws(PrivataError) -> Void)?
  private var open: [Region: any StoreTransaction] = [:]
  private var written: Region?
  nonisolated let traits: StoreTraits

  init(
    regions: VaultRegions, context: AccessContext?, pinned: Region?,
    noting: (@Sendable (Region) async throws(PrivataError) -> Void)? = nil,
    opening: @escaping Opening
  ) {
    self.regions = regions
    self.context = context
    self.pinned = pinned
    self.opening = opening
    self.noting = noting
    traits = RegionalStore(regions: regions, context: context, pinned: pinned).traits
  }

  private func transaction(
    _ member: VaultRegions.Member
  ) async throws(PrivataError) -> any StoreTransaction {
    if let known = open[member.region] { return known }
    let opened = try await opening(member)
    // Another call of the same transaction may have been faster.
    if let known = open[member.region] {
      try await opened.rollback()
      return known
    }
    open[member.region] = opened
    return opened
  }

  private nonisolated func access(isWriting: Bool) -> RegionalAccess {
    let reading: RegionalAccess.Opening = {
      [self] (member) async throws(PrivataError) -> any Store in try await transaction(member)
    }
    return RegionalAccess(regions: regions, context: context, pinned: pinned, reading: reading) {
      [self] (member) async throws(PrivataError) -> any Store in
      if isWriting { try await write(in: member.region) }
      return try await transaction(member)
    }
  }

  /// - Throws: `unsupported` for a change in a second region.
  private func write(in region: Region) async throws(PrivataError) {
    guard written == nil || written == region else {
      throw PrivataError(
        .unsupported,
        """
        a transaction changes the records of one region, and this one has changed some of \
        \(written.map(\.name) ?? ""): use one for each, with vault.region
        """)
    }
    written = region
    try await noting?(region)
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    for member in regions.members { try await transaction(member).prepare(models) }
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await RegionalRead(access(isWriting: false), query).rows()
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await RegionalWrite(access(isWriting: true)).run(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    RegionalTransaction(
      regions: regions, context: context, pinned: pinned,
      noting: { [self] (region) async throws(PrivataError) in try await write(in: region) }
    ) { [self] (member) async throws(PrivataError) -> any StoreTransaction in
      try await transaction(member).begin(options)
    }
  }

  func commit() async throws(PrivataError) {
    for member in regions.members { try await open[member.region]?.commit() }
    open = [:]
  }

  func rollback() async throws(PrivataError) {
    for member in regions.members { try await open[member.region]?.rollback() }
    open = [:]
  }
}

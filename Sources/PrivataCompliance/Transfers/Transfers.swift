public import PrivataCore

/// One transfer that is asked for.
///
/// ```swift
/// let transfer = Transfer(
///   to: .init(country: "IN", recipient: "Lab Ltd."),
///   basis: .safeguards(.init(.standardClauses(module: 2), reference: "scc-4", assessment: assessment)))
/// try await vault.transfers.authorise(transfer)   // before the data is sent
/// ```
public struct Transfer: Sendable, Hashable {
  /// From which region, to whom and on which ground beside adequacy.
  public var from: Region
  public var destination: TransferDestination
  public var basis: TransferBasis?
  /// Which records, by model and number.
  public var model: String?
  public var count: Int
  /// The number of the order that an authority of a third country gave.
  public var order: String?
  /// True where the recipient could unwrap the region's keys.
  var sharesKeys = false

  /// A transfer of so many records of a model.
  public init(
    from: Region = .eu, to destination: TransferDestination, basis: TransferBasis? = nil,
    model: String? = nil, count: Int = 0
  ) {
    self.from = from
    self.destination = destination
    self.basis = basis
    self.model = model
    self.count = count
  }
}

/// The transfers of a vault to third countries: asked for before anything leaves, judged in the order
/// of the law, written down and audited with ground and version of the adequacy table.
public struct Transfers: Sendable {
  let vault: Vault

  /// Asks whether data may go.
  ///
  /// - Throws: `transferRefused` where no ground holds, and for an authority of a third country
  ///   without an order that is allowed; `transferPendingReview` for a derogation
  ///   that was used for the recipient more than three times in 30 days; `residencyViolation` for a
  ///   region that the vault does not have. Nothing may be sent then.
  /// - Privacy: recipients are organisations; no person is named in the register.
  ///
  /// Source: GDPR Articles 44 to 49.
  @discardableResult
  public func authorise(_ transfer: Transfer) async throws(PrivataError) -> TransferRecord {
    let core = try core(transfer.from)
    var transfer = transfer
    transfer.sharesKeys = sharesKeys(core, with: transfer.destination.country)
    let context = vault.context ?? AccessContext.current ?? .service
    let order = try await vault.core.order(of: transfer)
    return try await core.transfers.authorise(transfer, context, order: order)
  }

  /// The transfers out of a region, oldest first, also those that were refused.
  public func records(from region: Region = .eu) async throws(PrivataError) -> [TransferRecord] {
    let store = try core(region).transfers.store
    try await store.prepare([TransferRegister.model])
    return try await TransferRegister.records(in: store)
  }

  /// The adequacy decisions by which transfers are judged.
  public var adequacy: AdequacyTable { vault.core.transfers.table }

  /// Judges by another table from now on; streams that run stop before their next piece where it
  /// says so.
  public func use(_ table: AdequacyTable) {
    for core in vault.regions?.members.map(\.core) ?? [vault.core] { core.transfers.use(table) }
  }

  private func core(_ region: Region) throws(PrivataError) -> VaultCore {
    guard let regions = vault.regions else { return vault.core }
    return try regions.member(region).core
  }

  /// True where another region of the vault, in the state of the recipient, has the same secret.
  private func sharesKeys(_ core: VaultCore, with country: String) -> Bool {
    (vault.regions?.members ?? []).contains { member in
      member.core !== core && member.region.country == country && member.core.sharesSecret(core)
    }
  }
}

extension Vault {
  /// The vault's transfers to third countries.
  public var transfers: Transfers { Transfers(vault: self) }
}

extension VaultCore {
  /// True where the keys of another vault can be unwrapped with this one's secret.
  fileprivate func sharesSecret(_ other: VaultCore) -> Bool { keys.root == other.keys.root }
}

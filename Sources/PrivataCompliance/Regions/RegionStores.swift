public import PrivataCore

/// Where the records of one region are: every store of theirs, and nothing of another region.
///
/// ```swift
/// RegionStores(.eu, identity: .postgres(euIdentity), clinical: .postgres(euClinical), country: "DE")
/// ```
public struct RegionStores: Sendable {
  /// The region.
  public var region: Region
  /// Who its people are, and how they are.
  public var identity: StoreSource
  public var clinical: StoreSource
  /// Its audit log; beside the identity rows where `nil`.
  public var audit: StoreSource?
  /// Its key store; needed where the vault encrypts.
  public var keys: StoreSource?
  /// Its own secret, so that no other region can unwrap its keys; the vault's where `nil`.
  public var masterKey: MasterKeySource?
  /// The state in which its servers stand, by its ISO 3166-1 code; checked against the region.
  public var country: String?

  /// The stores of a region.
  public init(
    _ region: Region, identity: StoreSource, clinical: StoreSource, audit: StoreSource? = nil,
    keys: StoreSource? = nil, masterKey: MasterKeySource? = nil, country: String? = nil
  ) {
    self.region = region
    self.identity = identity
    self.clinical = clinical
    self.audit = audit
    self.keys = keys
    self.masterKey = masterKey
    self.country = country
  }
}

extension PrivataError.Code {
  /// Data would leave its region without a ground.
  public static let residencyViolation = PrivataError.Code("residencyViolation")
}

/// The stores of a region once they are open.
struct OpenRegion {
  let given: RegionStores
  let identity: any Store
  let clinical: any Store
  let audit: (any Store)?
  let keys: (any Store)?

  init(_ given: RegionStores) async throws(PrivataError) {
    try given.checkCountry()
    self.given = given
    identity = try await given.identity.open()
    clinical = try await given.clinical.open()
    var audit: (any Store)?
    if let source = given.audit { audit = try await source.open() }
    self.audit = audit
    var keys: (any Store)?
    if let source = given.keys { keys = try await source.open() }
    self.keys = keys
  }

  /// The stores, by what they are for.
  var all: [(use: String, store: any Store)] {
    var all: [(use: String, store: any Store)] = [("identity", identity), ("clinical", clinical)]
    if let audit { all.append(("audit", audit)) }
    if let keys { all.append(("keys", keys)) }
    return all
  }

  /// - Throws: `residencyViolation` where a store is one of another region's too.
  func check(against other: OpenRegion) throws(PrivataError) {
    for (use, store) in all {
      for (otherUse, otherStore) in other.all where StoreIdentity.isSame(store, otherStore) {
        throw PrivataError(
          .residencyViolation,
          """
          the \(use) store of region \(given.region) is the \(otherUse) store of region \
          \(other.given.region) at \(store.traits.place): each region keeps its own
          """)
      }
    }
  }

  /// Opens the region's own vault.
  func vault(_ common: VaultOptions) async throws(PrivataError) -> Vault {
    var options = common
    let name = given.region.name
    options.journal.directory = common.journal.directory.map { $0 + "/" + name }
    options.masterKey = given.masterKey ?? common.masterKey
    if options.encryption != nil {
      guard let keys else {
        throw PrivataError(
          .badArgument, "region \(name) has no key store, and fields are encrypted",
          fields: ["keys"])
      }
      options.encryption?.keyStore = .store(keys)
      options.encryption?.region = name
    }
    return try await Vault(
      identity: .store(identity), clinical: .store(clinical), audit: audit.map { .store($0) },
      options: options)
  }

  func close() async {
    for (_, store) in all { await (store as? any AdministrableStore)?.close() }
  }
}

extension RegionStores {
  /// - Throws: `residencyViolation` where the servers stand in another region.
  fileprivate func checkCountry() throws(PrivataError) {
    guard let country, [.eu, .uk, .us].contains(region),
      Countries.region(ofCountry: country) != region
    else { return }
    throw PrivataError(
      .residencyViolation, "the servers of region \(region) are said to stand in \(country)")
  }
}

extension Region {
  /// The state by which transfers into a region are judged; `nil` for a region that names none.
  var country: String? {
    switch self {
    case .eu: "EU"
    case .uk: "GB"
    case .us: "US"
    default: name.utf8.count == 2 ? name.uppercased() : nil
    }
  }

  /// True for a region whose law asks for a ground before data leaves it.
  ///
  /// Source: GDPR Article 44; UK GDPR Article 44.
  var guardsTransfers: Bool { self != .us }
}

public import PrivataCore

/// A judgment or decision by which a court or an authority of a third country wants data.
///
/// Source: GDPR Article 48.
public struct ForeignOrder: Sendable, Hashable {
  /// Its number in the register, once it is written down.
  public internal(set) var id = ""
  /// Who wants the data, and of which state, by its ISO 3166-1 code.
  public var authority: String
  public var country: String
  /// The number that the authority gave it; it names no person.
  public var reference: String
  /// The international agreement on which it rests, such as a mutual legal assistance treaty.
  public var treaty: String?
  /// What in the law of the region obliges or allows: a judgment that a court here recognised.
  public var localBasis: String?

  /// An order; without agreement and local basis it is blocked.
  public init(
    authority: String, country: String, reference: String, treaty: String? = nil,
    localBasis: String? = nil
  ) {
    self.authority = authority
    self.country = country.uppercased()
    self.reference = reference
    self.treaty = treaty
    self.localBasis = localBasis
  }

  /// True where it rests on an agreement or on the law of the region. The transfer needs a ground of
  /// its own besides.
  public var isAllowed: Bool { treaty?.isEmpty == false || localBasis?.isEmpty == false }
}

/// The orders of authorities of third countries: no ground by themselves.
///
/// ```swift
/// let order = try await vault.foreignOrders.record(
///   .init(authority: "District Court", country: "US", reference: "17-cv-1"))
/// order.isAllowed   // false: the officer was told
/// ```
///
/// Source: GDPR Article 48.
public struct ForeignOrders: Sendable {
  let core: VaultCore
  let context: AccessContext?

  /// Writes an order down. One without a ground is blocked: an event says so, and who hears of
  /// alarms is told.
  ///
  /// - Throws: `badArgument` without authority, state or reference.
  /// - Privacy: sealed; it names no person.
  public func record(_ order: ForeignOrder) async throws(PrivataError) -> ForeignOrder {
    let missing = [
      ("authority", order.authority), ("country", order.country), ("reference", order.reference),
    ].filter(\.1.isEmpty).map(\.0)
    guard missing.isEmpty else {
      throw PrivataError(
        .badArgument, "an order is of an authority, a state and a number", fields: missing)
    }
    let actor = context ?? AccessContext.current ?? .service
    let entry = DocumentationEntry(
      .order, state: order.isAllowed ? "allowed" : "blocked", at: core.access?.now ?? .now,
      body: order.body, actor: actor.actor.id)
    try await core.documentation.add(entry)
    try core.record(order.isAllowed ? "order.allowed" : "order.blocked", by: actor, about: entry)
    if !order.isAllowed {
      core.transfers.tellOfOrder()
      try core.recorder.journal.sync()
    }
    var kept = order
    kept.id = entry.id
    return kept
  }

  /// The orders, the oldest first.
  public func all() async throws(PrivataError) -> [ForeignOrder] {
    try await core.documentation.entries(.order).compactMap(ForeignOrder.init)
  }
}

extension Vault {
  /// The orders of authorities of third countries.
  public var foreignOrders: ForeignOrders { ForeignOrders(core: core, context: context) }
}

extension VaultCore {
  /// The order that a transfer names.
  ///
  /// - Throws: `notFound`.
  func order(of transfer: Transfer) async throws(PrivataError) -> ForeignOrder? {
    guard let number = transfer.order else { return nil }
    return ForeignOrder(try await documentation.entry(number, .order))
  }
}

extension ForeignOrder {
  fileprivate var body: Document {
    var body: Document = [
      "authority": .string(authority), "country": .string(country),
      "reference": .string(reference),
    ]
    body["treaty"] = treaty.map { .string($0) }
    body["localBasis"] = localBasis.map { .string($0) }
    return body
  }

  init?(_ entry: DocumentationEntry) {
    let text = { entry.body[$0]?.asString }
    guard let authority = text("authority"), let country = text("country"),
      let reference = text("reference")
    else { return nil }
    self.init(
      authority: authority, country: country, reference: reference, treaty: text("treaty"),
      localBasis: text("localBasis"))
    id = entry.id
  }
}

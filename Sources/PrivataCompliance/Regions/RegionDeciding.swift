internal import PrivataCore

/// Decides in which region a new record is kept.
struct RegionDeciding {
  let access: RegionalAccess
  let model: ModelSchema
  private let separation: Separation

  init(_ access: RegionalAccess, _ model: ModelSchema) throws(PrivataError) {
    self.access = access
    self.model = model
    separation = try access.regions.home.core.registry.separation(of: model)
  }

  /// The region of a record: of the person whom it names, for one that is a person's own; else of
  /// the person to whom it refers; else the home's.
  ///
  /// - Throws: `residencyViolation` for a region without stores, for a record of people of two
  ///   regions, and where the one region that is meant is less strict than what the record says.
  func region(of record: Document) async throws(PrivataError) -> VaultRegions.Member {
    let regions = access.regions
    if model.fields.contains(where: { $0.privacy == .pii }) {
      return try regions.member(try decide(record))
    }
    if let followed = try await referred(record) {
      guard access.pinned == nil || access.pinned == followed.region else {
        throw violation("refers to a person of region \(followed.region)")
      }
      return followed
    }
    if let pinned = access.pinned { return try regions.member(pinned) }
    return regions.home
  }

  private func decide(_ record: Document) throws(PrivataError) -> Region {
    let policy = access.regions.policy
    let stated = access.caller?.region.map { Region($0) }
    let request = stated.flatMap { region in
      policy.strictness.contains(region) ? RequestRegions.Request(stated: region) : nil
    }
    let id = record[model.key.name]?.asString
    guard let pinned = access.pinned else {
      return policy.decide(.init(id: id, record: record, request: request)).region
    }
    // What the record itself says binds more than where it was sent.
    let found = policy.decide(.init(id: id, record: record))
    guard found.basis == .strictest || found.region == pinned else {
      throw violation("is of region \(found.region) by its \(found.basis.rawValue)")
    }
    return pinned
  }

  private func violation(_ what: String) -> PrivataError {
    PrivataError(
      .residencyViolation,
      "this \(model.name) \(what) and cannot be kept in region \(access.pinned?.name ?? "")",
      model: model.name)
  }

  // MARK: - References

  /// Where the people are to whom a record refers.
  private func referred(
    _ record: Document
  ) async throws(PrivataError) -> VaultRegions.Member? {
    let registry = access.regions.home.core.registry
    var found: VaultRegions.Member?
    for field in model.fields {
      guard let reference = field.reference, let target = registry.model(reference.model),
        try registry.separation(of: target).isPersonal, let value = record[field.name]
      else { continue }
      for value in value.asArray ?? [value] where !value.isNull {
        let filter = Filter.compare(reference.field ?? target.key.name, .equal, value)
        guard let holder = try await access.unpinned.located(filter, target).first else { continue }
        guard found == nil || found?.region == holder.region else {
          throw PrivataError(
            .residencyViolation, "a \(model.name) refers to people of two regions",
            fields: [field.name], model: model.name)
        }
        found = holder
      }
    }
    return found
  }
}

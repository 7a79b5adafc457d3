public import PrivataCore

/// What a vault's cache did since the vault was opened.
public struct CacheStatistics: Sendable, Hashable {
  /// Reads that were answered from memory, and reads that were not.
  public let hits: Int
  public let misses: Int
  /// Records that had to go for others.
  public let evictions: Int
  /// What is in memory now.
  public let entries: Int
  public let bytes: Int

  /// The part of the reads that were answered from memory; 0 before the first.
  public var hitRate: Double {
    hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses)
  }
}

/// The records that a vault keeps in memory, for those who look after it.
///
/// ```swift
/// print(vault.cache?.statistics.hitRate ?? 0)
/// try await vault.acting(as: nightly).cache?.warm(userSchema, ids)
/// ```
public struct VaultCache: Sendable {
  let cache: RecordCache
  let store: any Store
  let context: AccessContext?

  /// What the cache did so far.
  public var statistics: CacheStatistics { cache.statistics }

  /// Reads records by their keys, so that they are in memory: each as the caller may see it, checked
  /// and audited like any read.
  ///
  /// - Returns: how many of them there are.
  /// - Throws: `contextRequired` where nobody says for which purpose; what reading throws.
  public func warm(_ model: ModelSchema, _ keys: [Value]) async throws(PrivataError) -> Int {
    guard (context ?? AccessContext.current)?.purpose != nil else {
      throw PrivataError(
        .contextRequired, "records are read ahead for a purpose: vault.acting(as:)",
        model: model.name)
    }
    var count = 0
    for key in keys {
      let query = Query(
        model, where: .compare(model.key.name, .equal, key),
        layout: model.isOpen ? .documents : .cells)
      count += try await store.rows(for: query).count
    }
    return count
  }

  /// Drops everything.
  public func removeAll() { cache.removeAll() }
}

extension Vault {
  /// The records that the vault keeps in memory; `nil` where it keeps none. Of several regions those
  /// of the one that is meant.
  public var cache: VaultCache? {
    core.cache.map { VaultCache(cache: $0, store: store, context: context) }
  }
}

extension Separation {
  /// True where a projection reads fields of class `.phi`.
  func readsHealth(_ projection: Projection) -> Bool {
    let isHealth = { (name: String) in
      self.model.field(Separation.root(of: name))?.privacy == .phi
    }
    switch projection {
    case .all: return hasHealth
    case .fields(let names): return names.contains(where: isHealth)
    case .document:
      let use = FieldUse(projection)
      return use.isAll || use.names.contains(where: isHealth)
    }
  }
}

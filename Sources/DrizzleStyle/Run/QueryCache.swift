public import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// Keeps the rows of selects for the next time that they are asked for.
///
/// - Privacy: a cache holds what the rows hold; give one that encrypts where they are personal.
public protocol QueryCache: Sendable {
  /// True caches every select that does not opt out, false those alone that ask for it.
  var cachesAll: Bool { get }
  /// The rows kept under a key.
  func rows(for key: CacheKey) async -> [Document]?
  /// Keeps rows.
  func keep(_ rows: [Document], for key: CacheKey) async
  /// Forgets the rows of queries over tables, and those kept under tags.
  func forget(tables: [String], tags: [String]) async
}

/// What a cache knows a query by.
public struct CacheKey: Sendable, Hashable {
  /// The tag that the query gave, or text and parameters of the statement.
  public let name: String
  /// The tables that the statement names, wherever it does.
  public let tables: [String]
  /// True where the query gave a tag.
  public let isTag: Bool
  /// False keeps the rows when the tables change.
  public let isInvalidatedByWrites: Bool
  /// How long the rows may be kept.
  public let lifetimeSeconds: Int?
}

/// What a select asks of a cache.
public struct Caching: Sendable, Hashable {
  /// False keeps the query out of the cache.
  public var isEnabled: Bool
  /// The name to keep the rows under.
  public var tag: String?
  /// False keeps the rows when the tables change.
  public var isInvalidatedByWrites: Bool
  /// How long the rows may be kept.
  public var lifetimeSeconds: Int?

  /// Keeps the rows until one of the tables changes.
  public init(
    isEnabled: Bool = true, tag: String? = nil, isInvalidatedByWrites: Bool = true,
    lifetimeSeconds: Int? = nil
  ) {
    self.isEnabled = isEnabled
    self.tag = tag
    self.isInvalidatedByWrites = isInvalidatedByWrites
    self.lifetimeSeconds = lifetimeSeconds
  }

  /// Keeps the query out of the cache.
  public static let off = Caching(isEnabled: false)
}

/// A cache as sessions use it.
struct CacheBinding: Sendable {
  let cache: any QueryCache
  /// Tables that a transaction wrote, forgotten when it commits; `nil` outside of one.
  var pending: PendingTables?

  /// The key of a select, `nil` where the cache takes no part.
  func key(_ rendered: RenderedSQL, _ caching: Caching?, _ parameters: [Value]) -> CacheKey? {
    if pending != nil || !(caching?.isEnabled ?? cache.cachesAll) { return nil }
    let keeps = caching?.isInvalidatedByWrites ?? true
    let name = caching?.tag ?? "\(rendered.text)\n\(JSONForm.text(.array(parameters)))"
    return CacheKey(
      name: name, tables: rendered.tables, isTag: caching?.tag != nil,
      isInvalidatedByWrites: keeps, lifetimeSeconds: caching?.lifetimeSeconds)
  }

  /// Forgets what a write made old: now, or when the transaction commits.
  func forget(_ rendered: RenderedSQL) async {
    guard ["insert", "update", "delete"].contains(rendered.kind) else { return }
    guard let pending else { return await cache.forget(tables: [rendered.table], tags: []) }
    pending.add(rendered.table)
  }
}

/// The tables that a transaction wrote.
final class PendingTables: Sendable {
  private let tables = Mutex<[String]>([])

  func add(_ table: String) {
    tables.withLock { if !$0.contains(table) { $0.append(table) } }
  }

  var all: [String] { tables.withLock { $0 } }
}

extension Session {
  /// Runs a statement through the cache: a select may be answered from it, a write empties it.
  func cached(
    _ rendered: RenderedSQL, _ caching: Caching?
  ) async throws(PrivataError) -> [Document] {
    guard let cache else { return try await decoded(rendered) }
    guard let key = cache.key(rendered, caching, try rendered.bound([:], dialect)) else {
      let rows = try await decoded(rendered)
      await cache.forget(rendered)
      return rows
    }
    if let rows = await cache.cache.rows(for: key) { return rows }
    let rows = try await decoded(rendered)
    await cache.cache.keep(rows, for: key)
    return rows
  }

  private func decoded(_ rendered: RenderedSQL) async throws(PrivataError) -> [Document] {
    let answer = try await run(rendered)
    guard let shape = rendered.shape else { return try answer.plainDocuments() }
    return try answer.documents(shape)
  }
}

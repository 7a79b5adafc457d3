package import PrivataCore
import Synchronization

/// A store that can be taken away and given back.
package final class Outage: Sendable {
  /// With `answers` a commit arrives, its answer does not, and then everything is away.
  package enum Kind: Sendable { case none, everything, writes, commits, answers }

  private let kind = Mutex(Kind.none)

  package init() {}

  /// True, once, where the answer to a commit gets lost.
  func losesAnswer() -> Bool {
    kind.withLock { kind in
      guard kind == .answers else { return false }
      kind = .everything
      return true
    }
  }

  /// Takes away what the kind says.
  package func set(_ kind: Kind) { self.kind.withLock { $0 = kind } }

  /// - Throws: `connection` where one of these is taken away.
  func check(_ kinds: Kind...) throws(PrivataError) {
    let current = kind.withLock { $0 }
    guard current == .everything || kinds.contains(current) else { return }
    throw PrivataError(.connection, "the store is away", isRetriable: true)
  }

  /// The source with this outage before it.
  package func before(_ source: StoreSource) -> StoreSource {
    StoreSource { [self] () async throws(PrivataError) -> any Store in
      let store = try await source.open()
      guard let base = store as? OutageStore.Base else {
        throw PrivataError(.unsupported, "the store has no transactions")
      }
      return OutageStore(base: base, outage: self)
    }
  }
}

/// A store behind an outage.
struct OutageStore: TransactionalStore, StreamingStore, AdministrableStore {
  typealias Base = any TransactionalStore & StreamingStore & AdministrableStore

  let base: Base
  let outage: Outage

  var traits: StoreTraits { base.traits }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try outage.check()
    try await base.prepare(models)
  }
  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try outage.check()
    return try await base.rows(for: query)
  }
  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try outage.check(.writes)
    return try await base.write(write)
  }
  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    try outage.check()
    return OutageTransaction(base: try await base.begin(options), outage: outage)
  }
  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try outage.check()
    return try await base.stream(query, batchSize: batchSize)
  }
  func drop(_ models: [ModelSchema]) async throws(PrivataError) { try await base.drop(models) }
  func close() async { await base.close() }
}

/// A transaction behind an outage; one whose commit does not arrive is rolled back by its server.
private struct OutageTransaction: StoreTransaction {
  let base: any StoreTransaction
  let outage: Outage

  var traits: StoreTraits { base.traits }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try outage.check()
    try await base.prepare(models)
  }
  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try outage.check()
    return try await base.rows(for: query)
  }
  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try outage.check(.writes)
    return try await base.write(write)
  }
  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    OutageTransaction(base: try await base.begin(options), outage: outage)
  }
  func commit() async throws(PrivataError) {
    do throws(PrivataError) {
      try outage.check(.commits)
    } catch {
      try? await base.rollback()
      throw error
    }
    try await base.commit()
    guard outage.losesAnswer() else { return }
    throw PrivataError(.connection, "the answer to the commit is lost", isRetriable: true)
  }
  func rollback() async throws(PrivataError) { try await base.rollback() }
}

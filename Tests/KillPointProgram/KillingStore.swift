import Foundation
import PrivataCore
import Synchronization

/// Ends the process by SIGKILL before a write of a number, counted over all stores behind it from
/// when it is armed.
final class WriteCount: Sendable {
  private let left: Mutex<Int?>

  /// Counts nothing where no number is given.
  init(_ number: Int?) { left = Mutex(number) }

  static let shared = WriteCount(
    ProcessInfo.processInfo.environment["PRIVATA_KILL_WRITE"].flatMap { Int($0) })
  private let armed = Mutex(ProcessInfo.processInfo.environment["PRIVATA_KILL_EARLY"] != nil)

  func arm() { armed.withLock { $0 = true } }

  func passed() {
    guard armed.withLock({ $0 }) else { return }
    let isDue = left.withLock { left in
      guard let count = left else { return false }
      left = count - 1
      return count <= 1
    }
    if isDue { kill(getpid(), SIGKILL) }
  }

  /// The source with the count before it.
  func before(_ source: StoreSource) -> StoreSource {
    StoreSource { [self] () async throws(PrivataError) -> any Store in
      let store = try await source.open()
      guard let base = store as? KillingStore.Base else {
        throw PrivataError(.unsupported, "the store has no transactions")
      }
      return KillingStore(base: base, count: self)
    }
  }
}

/// A store whose writes are counted.
struct KillingStore: TransactionalStore, StreamingStore, AdministrableStore {
  typealias Base = any TransactionalStore & StreamingStore & AdministrableStore

  let base: Base
  let count: WriteCount

  var traits: StoreTraits { base.traits }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await base.prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await base.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    count.passed()
    return try await base.write(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    KillingTransaction(base: try await base.begin(options), count: count)
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try await base.stream(query, batchSize: batchSize)
  }

  func drop(_ models: [ModelSchema]) async throws(PrivataError) { try await base.drop(models) }

  func close() async { await base.close() }
}

private struct KillingTransaction: StoreTransaction {
  let base: any StoreTransaction
  let count: WriteCount

  var traits: StoreTraits { base.traits }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await base.prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await base.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    count.passed()
    return try await base.write(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    KillingTransaction(base: try await base.begin(options), count: count)
  }

  func commit() async throws(PrivataError) {
    count.passed()
    try await base.commit()
  }

  func rollback() async throws(PrivataError) { try await base.rollback() }
}

import Foundation
import PrivataCore
import PrivataTesting
import Synchronization

@testable import PrivataCompliance

/// A store of which one call waits until it is let go: a write before the store has it, or a read
/// that the store has answered.
final class PausingStore: TransactionalStore, StreamingStore, AdministrableStore {
  enum Call { case write, read }

  private struct State {
    var call: Call?
    var collection = ""
    var skipped = 0
    var isReached = false
    var isHeld = false
  }

  private let inner: any TransactionalStore & StreamingStore & AdministrableStore
  private let state = Mutex(State())

  init(_ inner: any TransactionalStore & StreamingStore & AdministrableStore) {
    self.inner = inner
  }

  var traits: StoreTraits { inner.traits }

  /// Has the next such call wait, or one after `skipping` of them.
  func pause(_ call: Call, _ collection: String, skipping: Int = 0) {
    state.withLock { state in
      state = State(call: call, collection: collection, skipped: skipping, isHeld: true)
    }
  }

  /// Returns once the call waits.
  func reached() async throws {
    while !state.withLock({ $0.isReached }) { try await Task.sleep(for: .milliseconds(2)) }
  }

  func letGo() { state.withLock { $0.isHeld = false } }

  private func wait(_ call: Call, _ collection: String) async {
    let isMeant = state.withLock { state in
      guard state.call == call, state.collection == collection else { return false }
      guard state.skipped == 0 else {
        state.skipped -= 1
        return false
      }
      state.call = nil
      state.isReached = true
      return true
    }
    guard isMeant else { return }
    while state.withLock({ $0.isHeld }) { try? await Task.sleep(for: .milliseconds(2)) }
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await inner.prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    let rows = try await inner.rows(for: query)
    await wait(.read, query.model.collection)
    return rows
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    if let model = write.model { await wait(.write, model.collection) }
    return try await inner.write(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    try await inner.begin(options)
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try await inner.stream(query, batchSize: batchSize)
  }

  func drop(_ models: [ModelSchema]) async throws(PrivataError) { try await inner.drop(models) }
  func close() async { await inner.close() }
}

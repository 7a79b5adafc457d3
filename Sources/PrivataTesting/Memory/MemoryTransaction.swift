internal import PrivataCore
internal import Synchronization

/// A transaction of a ``MemoryStore``: a copy of its state that is checked and merged on commit.
final class MemoryTransaction: StoreTransaction, StreamingStore, AggregatingStore {
  enum Base {
    case store(MemoryStore)
    /// A nested transaction: its changes go to the outer one.
    case transaction(MemoryTransaction)
  }

  private struct Work: Sendable {
    var state: MemoryState
    var isEnded = false
  }

  private let base: Base
  private let snapshot: MemoryState
  private let work: Mutex<Work>
  private let isReadOnly: Bool

  init(base: Base, snapshot: MemoryState, isReadOnly: Bool) {
    var start = snapshot
    if case .store = base { start.touched = [:] }
    self.base = base
    self.snapshot = start
    work = Mutex(Work(state: start))
    self.isReadOnly = isReadOnly
  }

  var traits: StoreTraits {
    switch base {
    case .store(let store): store.traits
    case .transaction(let outer): outer.traits
    }
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    throw PrivataError(.unsupported, "models are prepared outside of transactions")
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    MemoryState.announce(query)
    return try current().rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    MemoryState.announce(write)
    if isReadOnly { throw PrivataError(.rejectedByStore, "the transaction is read-only") }
    return try change { (state) throws(PrivataError) in try state.write(write) }
  }

  func stream(
    _ query: Query, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    MemoryStream(try current().rows(for: query), batchSize: batchSize)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    MemoryTransaction(
      base: .transaction(self), snapshot: try current(),
      isReadOnly: isReadOnly || options.isReadOnly)
  }

  func commit() async throws(PrivataError) {
    let state = try current()
    work.withLock { $0.isEnded = true }
    switch base {
    case .transaction(let outer):
      try outer.change { (target) throws(PrivataError) in target = state }
    case .store(let store):
      try store.state.change { [snapshot] (target) throws(PrivataError) in
        try target.merge(state, since: snapshot)
      }
    }
  }

  func rollback() async throws(PrivataError) {
    work.withLock { $0.isEnded = true }
  }

  func current() throws(PrivataError) -> MemoryState {
    let work = work.withLock { $0 }
    if work.isEnded { throw Self.ended }
    return work.state
  }

  private func change<R: Sendable>(
    _ body: (inout MemoryState) throws(PrivataError) -> R
  ) throws(PrivataError) -> R {
    let result: Result<R, PrivataError> = work.withLock { work in
      guard !work.isEnded else { return .failure(Self.ended) }
      do throws(PrivataError) {
        return .success(try body(&work.state))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static var ended: PrivataError {
    PrivataError(.transactionEnded, "the transaction has ended already")
  }
}

extension MemoryState {
  /// Takes over the rows that a transaction changed since its snapshot, unless others changed them
  /// meanwhile.
  mutating func merge(_ other: MemoryState, since snapshot: MemoryState) throws(PrivataError) {
    try checkOpen()
    var merged = self
    for (key, numbers) in other.touched {
      guard let theirs = other.tables[key] else { continue }
      let before = snapshot.tables[key]
      var mine = try merged.table(theirs.model)
      for number in numbers.sorted() {
        let base = before?.row(number)
        guard let base else {
          if let row = theirs.row(number) { _ = try mine.insert(row.document) }
          continue
        }
        guard mine.row(number)?.version == base.version else {
          throw PrivataError(
            .writeConflict, "another transaction changed the same record", isRetriable: true,
            underlying: ServerError(code: 112))
        }
        if let row = theirs.row(number) {
          try mine.replace(number, with: row.document)
        } else {
          mine.remove(number)
        }
      }
      mine.continueCounting(generatedBy: theirs)
      merged.tables[key] = mine
    }
    self = merged
  }
}

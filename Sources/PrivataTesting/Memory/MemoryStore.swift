public import PrivataCore
internal import Synchronization

/// A store in memory that answers as a MongoDB 6.0 server does, for tests and for trying things out.
///
/// ```swift
/// let store = MemoryStore()
/// try await store.prepare([user])
/// _ = try await store.write(.insert(Insert(user, .documents([["_id": 1, "name": "Ada"]]))))
/// ```
///
/// Transactions see a snapshot; of two that change the same record the second to commit is refused
/// with `writeConflict`.
///
/// Privacy: nothing leaves the process; nothing is encrypted or audited.
public final class MemoryStore: TransactionalStore, StreamingStore, AggregatingStore,
  AdministrableStore
{
  let state: Mutex<MemoryState>
  /// The name that errors and traits show.
  private let name: String

  /// An empty store.
  public init(name: String = "memory") {
    self.name = name
    state = Mutex(MemoryState())
  }

  public var traits: StoreTraits { Self.traits(name) }

  static func traits(_ name: String) -> StoreTraits {
    StoreTraits(
      kind: .memory, place: name,
      abilities: [
        .transactions, .nestedTransactions, .collation, .textSearch, .jsonSchema, .expressions,
        .generatedKeys, .aggregation,
      ])
  }

  public func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try state.change { (state) throws(PrivataError) in try state.prepare(models) }
  }

  public func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    MemoryState.announce(query)
    return try state.snapshot.rows(for: query)
  }

  public func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    MemoryState.announce(write)
    return try state.change { (state) throws(PrivataError) in try state.write(write) }
  }

  public func begin(_ options: TransactionOptions) async throws(PrivataError)
    -> any StoreTransaction
  {
    let snapshot = state.snapshot
    try snapshot.checkOpen()
    return MemoryTransaction(base: .store(self), snapshot: snapshot, isReadOnly: options.isReadOnly)
  }

  public func stream(
    _ query: Query, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    MemoryState.announce(query)
    return MemoryStream(try state.snapshot.rows(for: query), batchSize: batchSize)
  }

  public func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    try state.change { (state) throws(PrivataError) in try state.drop(models) }
  }

  public func close() async {
    state.withLock { $0.isClosed = true }
  }
}

extension Mutex where Value == MemoryState {
  /// The state as it is now; it shares its storage with the store until either changes.
  var snapshot: MemoryState { withLock { $0 } }

  /// Changes the state. What a change did before it threw stays, as MongoDB's updates of many
  /// documents leave what they did before they failed.
  func change<R: Sendable>(
    _ body: (inout MemoryState) throws(PrivataError) -> R
  ) throws(PrivataError) -> R {
    let result: Result<R, PrivataError> = withLock { state in
      do throws(PrivataError) {
        return .success(try body(&state))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

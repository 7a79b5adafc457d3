import Foundation
import MongoStyle
import PrivataCore
import PrivataPostgres
import PrivataSQL
import PrivataTesting
import Synchronization

/// Where the suites run that mean every store: in memory and on SQLite as they say, or, where
/// `PRIVATA_DOCUMENT_STORE` says `postgres`, all of them on Postgres.
enum DocumentStore {
  static let isPostgres =
    ProcessInfo.processInfo.environment["PRIVATA_DOCUMENT_STORE"] == "postgres"

  /// A fresh store in memory, or a fresh schema of Postgres.
  static func memory() -> any Store { isPostgres ? PostgresOnDemand() : MemoryStore() }
}

/// A schema of Postgres of its own, made with the first call. Tests leave their stores open and run
/// one after the other: the newest few stay open, so that the server's connections suffice.
final class PostgresOnDemand: TransactionalStore, StreamingStore, AggregatingStore,
  AdministrableStore, IndexedStore, ExplainingStore
{
  private static let start = "mongostyle_run_"
  private static let count = Atomic<Int>(0)
  private let schema: String
  private let opener: Opener

  /// Opens the store once.
  private actor Opener {
    let schema: String
    var store: PostgresStore?

    init(_ schema: String) { self.schema = schema }

    func open() async throws(PrivataError) -> PostgresStore {
      if let store { return store }
      let url = ProcessInfo.processInfo.environment["PRIVATA_POSTGRES_URL"] ?? ""
      var options = PostgresOptions()
      options.schema = schema
      options.connections = 5
      options.insertionOrder = true
      let opened = try await PostgresStore(url, options: options)
      if let store { return store }
      store = opened
      await PostgresOnDemand.closeOld(keeping: opened, schema)
      await PostgresOnDemand.removeOld(opened)
      return opened
    }
  }

  init() {
    let number = Self.count.add(1, ordering: .relaxed).newValue
    schema = "\(Self.start)\(ProcessInfo.processInfo.processIdentifier)_\(number)"
    opener = Opener(schema)
  }

  private static let newest = Mutex<[(schema: String, store: PostgresStore)]>([])

  /// Closes the store that was opened longest ago, and drops its schema.
  private static func closeOld(keeping opened: PostgresStore, _ schema: String) async {
    let old = newest.withLock { stores in
      stores.append((schema, opened))
      return stores.count > 8 ? stores.removeFirst() : nil
    }
    guard let old else { return }
    await old.store.close()
    _ = try? await opened.execute(SQLStatement(sql: "DROP SCHEMA IF EXISTS \(old.schema) CASCADE"))
  }

  private static let hasRemoved = Atomic<Bool>(false)

  /// Removes what runs before this one have left.
  private static func removeOld(_ store: PostgresStore) async {
    guard !hasRemoved.exchange(true, ordering: .relaxed) else { return }
    let own = "\(start)\(ProcessInfo.processInfo.processIdentifier)_"
    let all = try? await store.execute(
      SQLStatement(sql: "SELECT nspname::text FROM pg_namespace", decoding: [.string])
    ).rows
    for row in 0..<(all?.count ?? 0) {
      guard let name = all?.value(row: row, column: 0)?.asString, name.hasPrefix(start),
        !name.hasPrefix(own)
      else { continue }
      _ = try? await store.execute(SQLStatement(sql: "DROP SCHEMA IF EXISTS \(name) CASCADE"))
    }
  }

  var traits: StoreTraits {
    StoreTraits(
      kind: .postgres, place: schema,
      abilities: [.transactions, .nestedTransactions, .foreignKeys, .generatedKeys, .aggregation])
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await opener.open().prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await opener.open().rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await opener.open().write(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    try await opener.open().begin(options)
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try await opener.open().stream(query, batchSize: batchSize)
  }

  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await opener.open().aggregate(stages, on: model, options: options)
  }

  func stream(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    try await opener.open().stream(stages, on: model, options: options, batchSize: batchSize)
  }

  func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    try await opener.open().drop(models)
  }

  func close() async {
    guard let store = try? await opener.open() else { return }
    await store.close()
  }

  func indexes(of model: ModelSchema) async throws(PrivataError) -> [Document] {
    try await opener.open().indexes(of: model)
  }

  func wantedIndexes(of model: ModelSchema) -> [Document] {
    IndexListing.wanted(of: model, .postgres)
  }

  func createIndexes(_ indexes: [Document], on model: ModelSchema) async throws(PrivataError) {
    try await opener.open().createIndexes(indexes, on: model)
  }

  func dropIndex(_ name: String, of model: ModelSchema) async throws(PrivataError) {
    try await opener.open().dropIndex(name, of: model)
  }

  func explain(_ query: Query, verbosity: String) async throws(PrivataError) -> Document {
    try await opener.open().explain(query, verbosity: verbosity)
  }
}

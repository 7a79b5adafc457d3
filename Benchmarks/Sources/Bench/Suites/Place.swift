import BenchKit
import Foundation
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQL
import PrivataSQLite

/// Where a suite runs: the raw side and the stores of Privata's side on the same server.
struct Place: Sendable {
  let name: String
  let raw: any RawStore
  /// Opens an empty store of a purpose.
  private let source: @Sendable (String) -> StoreSource
  /// Reads the conditions of an open store.
  let conditions: @Sendable (any Store) async throws -> Conditions

  /// How many connections both sides have in the suites of concurrent tasks.
  static let connections = 8

  /// The places that this machine has: SQLite always, the servers where their URLs are given.
  static func all(folder: String, _ options: Options) throws -> [Place] {
    let environment = ProcessInfo.processInfo.environment
    var places: [Place] = []
    if options.wants(store: "sqlite") { places.append(try sqlite(folder)) }
    let postgres = [
      ("postgres", "PRIVATA_POSTGRES_URL"), ("postgres-socket", "PRIVATA_POSTGRES_SOCKET_URL"),
    ]
    for (name, variable) in postgres where options.wants(store: name) {
      if let url = environment[variable] { places.append(try self.postgres(name, url)) }
    }
    if let url = environment["PRIVATA_MONGO_URL"], options.wants(store: "mongo") {
      places.append(try mongo(url))
    }
    return places
  }

  private static func sqlite(_ folder: String) throws -> Place {
    Place(
      name: "sqlite", raw: try RawSQLite(path: folder + "/raw.db"),
      source: { purpose in
        var options = SQLiteOptions()
        options.readers = connections
        return .sqlite("\(folder)/\(purpose).db", options: options)
      },
      conditions: { try await show(SQLiteConditions.names.map { ($0, "PRAGMA \($0)") }, on: $0) })
  }

  private static func postgres(_ name: String, _ url: String) throws -> Place {
    Place(
      name: name, raw: try RawPostgres(url: url),
      source: {
        .postgres(url, schema: "bench_\($0)", options: PostgresOptions(connections: connections))
      },
      conditions: { try await show(PostgresConditions.names.map { ($0, "SHOW \($0)") }, on: $0) })
  }

  private static func mongo(_ url: String) throws -> Place {
    let pooled = url + (url.contains("?") ? "&" : "?") + "maxPoolSize=\(connections)"
    let isOwn = url.contains("w=") || url.contains("journal=")
    return Place(
      name: "mongo", raw: try RawMongo(url: url),
      source: { .mongo(pooled, database: "bench_\($0)") },
      conditions: { _ in ["writeConcern": isOwn ? "own" : "server's default"] })
  }

  /// What a store's own connection says of itself.
  private static func show(
    _ statements: [(name: String, sql: String)], on store: any Store
  ) async throws -> Conditions {
    guard let executor = store as? any SQLExecutor else { return [:] }
    var found: Conditions = [:]
    for (name, sql) in statements {
      let value = try await executor.execute(SQLStatement(sql: sql)).rows.value(row: 0, column: 0)
      switch value {
      case .string(let text)?: found.values[name] = text
      default: found.values[name] = value?.asInt.map { String($0) }
      }
    }
    return found
  }

  /// Lets Postgres know how the filled tables are, as the raw side does.
  func analyze(_ store: any Store) async throws {
    guard name.hasPrefix("postgres"), let executor = store as? any SQLExecutor else { return }
    _ = try await executor.execute(SQLStatement(sql: "ANALYZE"))
  }

  /// An open store of a purpose, without the tables of earlier runs.
  func store(_ purpose: String, dropping models: [ModelSchema]) async throws -> any Store {
    let store = try await source(purpose).open()
    if let admin = store as? any AdministrableStore { try? await admin.drop(models) }
    return store
  }
}

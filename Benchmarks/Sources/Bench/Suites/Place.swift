import Foundation
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQLite

/// Where a suite runs: the raw side and the stores of Privata's side on the same server.
struct Place {
  let name: String
  let raw: any RawStore
  private let source: (String) throws -> StoreSource

  /// The places that this machine has: SQLite always, the servers where their URLs are given.
  static func all(folder: String) throws -> [Place] {
    let environment = ProcessInfo.processInfo.environment
    var places = [
      Place(name: "sqlite", raw: try RawSQLite(path: folder + "/raw.db")) {
        .sqlite(folder + "/\($0).db")
      }
    ]
    let postgres = [
      ("postgres", "PRIVATA_POSTGRES_URL"), ("postgres-socket", "PRIVATA_POSTGRES_SOCKET_URL"),
    ]
    for (name, variable) in postgres {
      guard let url = environment[variable] else { continue }
      places.append(
        Place(name: name, raw: try RawPostgres(url: url)) { .postgres(url, schema: "bench_\($0)") })
    }
    if let url = environment["PRIVATA_MONGO_URL"] {
      places.append(
        Place(name: "mongo", raw: try RawMongo(url: url)) { .mongo(url, database: "bench_\($0)") })
    }
    return places
  }

  private init(
    name: String, raw: any RawStore, source: @escaping (String) throws -> StoreSource
  ) {
    self.name = name
    self.raw = raw
    self.source = source
  }

  /// A source of an empty store of that purpose.
  func store(_ purpose: String) throws -> StoreSource { try source(purpose) }
}

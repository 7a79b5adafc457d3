import Foundation
package import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQLite

/// A fresh place on one of the engines: a file, a schema, a database.
package struct Place: Sendable {
  package enum Engine: String, Sendable, CaseIterable { case sqlite, postgres, mongo }

  package let engine: Engine
  /// The file's path, the schema's name, the database's name.
  package let name: String

  package init(_ engine: Engine, _ label: String) {
    self.engine = engine
    let unique = UUID().uuidString.replacing("-", with: "").lowercased().prefix(12)
    switch engine {
    case .sqlite: name = Self.folder + "/\(label)-\(unique).db"
    case .postgres, .mongo: name = "sep_\(label)_\(unique)"
    }
  }

  /// A place that is there already.
  package init(_ engine: Engine, named name: String) {
    self.engine = engine
    self.name = name
  }

  package static let folder: String = {
    let url = FileManager.default.temporaryDirectory.appending(path: "privata-separation")
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path
  }()

  package static func environment(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
      throw PrivataError(.badArgument, "\(name) is not set: run make services")
    }
    return value
  }

  package var source: StoreSource {
    StoreSource { [self] () async throws(PrivataError) -> any Store in
      switch engine {
      case .sqlite: try await SQLiteStore(path: name)
      case .postgres:
        try await PostgresStore(Self.url("PRIVATA_POSTGRES_URL"), options: .init(schema: name))
      case .mongo: try await MongoStore.open(Self.url("PRIVATA_MONGO_URL"), database: name)
      }
    }
  }

  private static func url(_ name: String) throws(PrivataError) -> String {
    do { return try environment(name) } catch {
      throw PrivataError(.badArgument, "\(name) is not set: run make services")
    }
  }

  /// Removes the place with all that is in it.
  package func remove() async throws {
    switch engine {
    case .sqlite:
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: name + end) }
    case .postgres:
      _ = try Shell.run(
        "psql",
        [
          try Self.environment("PRIVATA_POSTGRES_URL"), "-qc",
          "DROP SCHEMA IF EXISTS \(name) CASCADE",
        ])
    case .mongo: try await RawMongo.drop(name)
    }
  }
}

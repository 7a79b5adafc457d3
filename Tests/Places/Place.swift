import Foundation
package import PrivataCompliance
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

/// Two places for the halves, and whether they are one.
package struct Pair: Sendable, CustomStringConvertible {
  package let identity: Place.Engine
  package let clinical: Place.Engine
  package var isOne = false

  package init(identity: Place.Engine, clinical: Place.Engine, isOne: Bool = false) {
    self.identity = identity
    self.clinical = clinical
    self.isOne = isOne
  }

  package var description: String { isOne ? "\(identity) alone" : "\(identity) | \(clinical)" }

  package static let same = Place.Engine.allCases.map { Pair(identity: $0, clinical: $0) }
  package static let one = Place.Engine.allCases.map { Pair(identity: $0, clinical: $0, isOne: true) }
  package static let mixed = [
    Pair(identity: .postgres, clinical: .mongo), Pair(identity: .sqlite, clinical: .postgres),
    Pair(identity: .mongo, clinical: .sqlite),
  ]
  package static let all = same + one + mixed

  /// Runs with a vault over fresh places.
  package func withVault<R>(
    _ change: (inout VaultOptions) -> Void = { _ in },
    _ body: (Vault, (identity: Place, clinical: Place)) async throws -> R
  ) async throws -> R {
    let first = Place(identity, "identity")
    let second = isOne ? first : Place(clinical, "clinical")
    let directory = Place.folder + "/journal-\(UUID().uuidString)"
    var options = VaultOptions()
    options.journal.directory = directory
    options.journal.segmentBytes = 1 << 20
    options.masterKey = .bytes(Array(repeating: 9, count: 32))
    change(&options)
    let vault = try await Vault(identity: first.source, clinical: second.source, options: options)
    func clean() async throws {
      await vault.close()
      try await first.remove()
      if !isOne { try await second.remove() }
      try? FileManager.default.removeItem(atPath: directory)
    }
    do {
      let result = try await body(vault, (first, second))
      try await clean()
      return result
    } catch {
      try? await clean()
      throw error
    }
  }
}

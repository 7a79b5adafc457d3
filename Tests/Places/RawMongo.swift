import Foundation

/// What a MongoDB server holds, through a plain libmongoc client.
package enum RawMongo {
  /// Every document of a database: collection and JSON.
  package static func documents(_ database: String) throws -> [(collection: String, json: String)] {
    let text = try Shell.run(Programs.path("RawMongoClient"), [try url(), database])
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\t", maxSplits: 1)
      return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
  }

  package static func drop(_ database: String) async throws {
    try Shell.run(Programs.path("RawMongoClient"), [try url(), database, "--drop"])
  }

  private static func url() throws -> String { try Place.environment("PRIVATA_MONGO_URL") }
}

/// Programs that the package builds for these tests.
package enum Programs {
  package static func path(_ name: String) -> String {
    let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return folder.appending(path: name).path
  }
}

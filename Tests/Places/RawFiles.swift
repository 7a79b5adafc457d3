import Foundation
import PrivataCore
import PrivataMongo

/// The files in which a place's engine keeps what it was ever told: pages, write-ahead log, journal,
/// free lists.
package enum RawFiles {
  /// The files or folders of a place, written out to the disk before.
  package static func paths(_ place: Place) async throws -> [String] {
    switch place.engine {
    case .sqlite:
      return ["", "-wal", "-shm"].map { place.name + $0 }
        .filter { FileManager.default.fileExists(atPath: $0) }
    case .postgres:
      try RawContents.rows(place, "CHECKPOINT")
      return [trimmed(try RawContents.rows(place, "SHOW data_directory"))]
    case .mongo:
      let store = try await MongoStore.open(
        try Place.environment("PRIVATA_MONGO_URL"), database: place.name)
      _ = try await store.runCommand(["fsync": 1], database: "admin")
      let options = try await store.runCommand(["getCmdLineOpts": 1], database: "admin")
      await store.close()
      let storage = options["parsed"]?.asDocument?["storage"]?.asDocument
      guard let path = storage?["dbPath"]?.asString else {
        throw PrivataError(.notFound, "the server does not say where its files are")
      }
      return [path]
    }
  }

  /// The files below these paths that have a text in them, in UTF-8 or UTF-16.
  package static func finding(_ text: String, below paths: [String]) throws -> Set<String> {
    // In both byte orders: a zero byte between two letters.
    let wide = text.utf8.map { String(format: "\\x%02x", $0) }.joined(separator: "\\x00")
    let plain = text.utf8.map { String(format: "\\x%02x", $0) }.joined()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["LC_ALL=C", "grep", "-rlaP", "\(plain)|\(wide)"] + paths
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let found = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // A server removes files of its own meanwhile; that nothing could be read at all is found by the
    // control of the test.
    return Set(String(decoding: found, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  private static func trimmed(_ text: String) -> String {
    text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

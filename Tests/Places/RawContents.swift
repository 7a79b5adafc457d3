import Foundation

/// What a place holds, read by the database's own client (sqlite3, psql, a plain libmongoc client)
/// and never through Privata.
package enum RawContents {
  /// Everything in a place, as text; bytes in hexadecimal and as they are.
  package static func dump(_ place: Place) throws -> String {
    switch place.engine {
    case .sqlite:
      let text = try Shell.run("sqlite3", [place.name, ".dump"])
      // By another process: closing the file in this one would take SQLite's locks away.
      let files = ["", "-wal"].map { place.name + $0 }
        .filter { FileManager.default.fileExists(atPath: $0) }
      return text + (try Shell.run("cat", files))
    case .postgres:
      return try tables(place).map { table in
        let text = try rows(place, "SELECT * FROM \(place.name).\"\(table)\"")
        return text + decoded(text)
      }.joined(separator: "\n")
    case .mongo:
      return try RawMongo.documents(place.name).map { "\($0.collection) \($0.json)" }
        .joined(separator: "\n")
    }
  }

  /// The rows that there are, without what a file still holds of others.
  package static func live(_ place: Place) throws -> String {
    place.engine == .sqlite ? try Shell.run("sqlite3", [place.name, ".dump"]) : try dump(place)
  }

  /// The names of the tables or collections.
  package static func tables(_ place: Place) throws -> [String] {
    switch place.engine {
    case .sqlite:
      return try rows(place, "SELECT name FROM sqlite_master WHERE type = 'table'")
        .split(separator: "\n").map(String.init)
    case .postgres:
      return try rows(
        place, "SELECT tablename FROM pg_tables WHERE schemaname = '\(place.name)'"
      ).split(separator: "\n").map(String.init)
    case .mongo: return Set(try RawMongo.documents(place.name).map(\.collection)).sorted()
    }
  }

  /// How many rows a table or collection has; none where there is no such table.
  package static func count(_ table: String, in place: Place) throws -> Int {
    switch place.engine {
    case .mongo: return try RawMongo.documents(place.name).count { $0.collection == table }
    case .sqlite, .postgres:
      guard try tables(place).contains(table) else { return 0 }
      let name = place.engine == .sqlite ? "\"\(table)\"" : "\(place.name).\"\(table)\""
      let text = try rows(place, "SELECT count(*) FROM \(name)")
      return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }
  }

  /// What an SQL client answers, or does.
  @discardableResult
  package static func rows(_ place: Place, _ statement: String) throws -> String {
    switch place.engine {
    case .sqlite: return try Shell.run("sqlite3", [place.name, statement])
    case .postgres:
      let url = try Place.environment("PRIVATA_POSTGRES_URL")
      return try Shell.run("psql", [url, "-Atc", statement])
    case .mongo: throw Shell.Failure(text: "MongoDB takes no SQL")
    }
  }

  /// The pseudonyms in a text.
  package static func pseudonyms(_ text: String) -> Set<String> {
    Set(text.matches(of: /pseu_[a-zA-Z0-9]{32}/).map { String($0.output) })
  }

  /// Bytes that psql shows as `\x…`, as text.
  private static func decoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for match in text.matches(of: /\\x([0-9a-f]+)/) {
      var digits = match.output.1[...]
      while digits.count >= 2 {
        bytes.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
        digits = digits.dropFirst(2)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

import Foundation
import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// The stores are opened with the databases' own clients, not through Privata: no health data beside
/// an identity, no identity beside health data, and nothing in common but pseudonyms.
@Suite(.serialized) struct SeparationProofTests {
  static let ada = ObjectID(high: 0x60A0_0000_0000_0001, low: 0xADA)

  @Test(arguments: Pair.same + Pair.mixed)
  func theRawStoresAreSeparate(_ pair: Pair) async throws {
    try await pair.withVault { vault, places in
      let models = ClinicModels()
      try await Self.fill(vault, models)
      let identity = try Self.dump(places.identity)
      let clinical = try Self.dump(places.clinical)
      for pii in ["Ada Canary", "ada.canary@example.org", "Canary Street"] {
        #expect(identity.contains(pii), "the identity store lacks \(pii)")
        #expect(!clinical.contains(pii), "the clinical store has \(pii)")
      }
      for phi in ["canary-disease", "canary-note", "canary-summary"] {
        #expect(clinical.contains(phi), "the clinical store lacks \(phi)")
        #expect(!identity.contains(phi), "the identity store has \(phi)")
      }
      #expect(!clinical.lowercased().contains(Self.ada.description))
      let inIdentity = Self.pseudonyms(identity)
      #expect(inIdentity.count == 1)
      #expect(Self.pseudonyms(clinical) == inIdentity)
    }
  }

  @Test(arguments: Pair.one)
  func oneStoreKeepsTheHalvesApartToo(_ pair: Pair) async throws {
    try await pair.withVault { vault, places in
      let models = ClinicModels()
      try await Self.fill(vault, models)
      let tables = try Self.tables(places.identity)
      #expect(tables.contains("patients") && tables.contains("patients_clinical"))
      let found = try await vault.store.rows(for: Query(models.patient)).documents
      #expect(found.first?["name"] == "Ada Canary" && found.first?["diagnosis"] == "canary-disease")
    }
  }

  static func fill(_ vault: Vault, _ models: ClinicModels) async throws {
    let store = vault.store
    try await store.prepare(models.all)
    let patient: Document = [
      "_id": .objectID(ada), "name": "Ada Canary", "email": "ada.canary@example.org",
      "address": ["street": "Canary Street"], "role": "patient", "diagnosis": "canary-disease",
      "notes": [["text": "canary-note"]],
    ]
    let session: Document = [
      "_id": .objectID(ObjectID(high: 9, low: 9)), "patient": .objectID(ada),
      "team": [.objectID(ada)], "summary": "canary-summary",
    ]
    _ = try await store.write(.insert(Insert(models.patient, .documents([patient]))))
    _ = try await store.write(.insert(Insert(models.session, .documents([session]))))
    try await vault.audit.flush()
  }

  /// Everything in a place, as text; bytes in hexadecimal and as they are.
  static func dump(_ place: Place) throws -> String {
    switch place.engine {
    case .sqlite:
      let text = try Shell.run("sqlite3", [place.name, ".dump"])
      let bytes = ["", "-wal"].map {
        (try? Data(contentsOf: URL(filePath: place.name + $0))) ?? Data()
      }
      return text + bytes.map { String(decoding: $0, as: UTF8.self) }.joined()
    case .postgres:
      let url = try Place.environment("PRIVATA_POSTGRES_URL")
      return try tables(place).map { table in
        let text = try Shell.run("psql", [url, "-Atc", "SELECT * FROM \(place.name).\"\(table)\""])
        return text + Hexadecimal.decoded(text)
      }.joined(separator: "\n")
    case .mongo:
      return try RawMongo.documents(place.name).map { "\($0.collection) \($0.json)" }
        .joined(separator: "\n")
    }
  }

  static func tables(_ place: Place) throws -> [String] {
    switch place.engine {
    case .sqlite:
      return try Shell.run(
        "sqlite3", [place.name, "SELECT name FROM sqlite_master WHERE type = 'table'"]
      ).split(separator: "\n").map(String.init)
    case .postgres:
      let query = "SELECT tablename FROM pg_tables WHERE schemaname = '\(place.name)'"
      return try Shell.run("psql", [try Place.environment("PRIVATA_POSTGRES_URL"), "-Atc", query])
        .split(separator: "\n").map(String.init)
    case .mongo: return Set(try RawMongo.documents(place.name).map(\.collection)).sorted()
    }
  }

  static func pseudonyms(_ text: String) -> Set<String> {
    Set(text.matches(of: /pseu_[a-zA-Z0-9]{32}/).map { String($0.output) })
  }
}

/// Bytes that a client shows as `\x…`.
enum Hexadecimal {
  static func decoded(_ text: String) -> String {
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

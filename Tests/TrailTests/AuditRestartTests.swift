import Foundation
import PrivataCompliance
import PrivataCore
import PrivataPostgres
import PrivataSQLite
import TestPlaces
import TestSupport
import Testing

/// The server ends the connections of the audit store again and again while requests come in, as a
/// restart does: each request leaves one event.
///
/// `PRIVATA_RESTART_SECONDS=600` is the full run, with ten restarts a minute apart; by default it is
/// short.
@Suite(.serialized) struct AuditRestartTests {
  private static let rate = 200
  private static var seconds: Int {
    ProcessInfo.processInfo.environment["PRIVATA_RESTART_SECONDS"].flatMap(Int.init) ?? 4
  }

  @Test func eachRequestIsThereOnce() async throws {
    let folder = Place.folder + "/restart-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let log = Place(.postgres, "restart")
    let vault = try await open(folder, log)
    let models = ClinicModels()
    try await vault.store.prepare(models.all)
    try await vault.audit.flush()
    let clock = ContinuousClock()
    let begun = clock.now
    let requests = Self.rate * Self.seconds
    var ended = 0
    for number in 1...requests {
      _ = try await vault.store.rows(for: Query(models.clinic, answer: .count))
      if number.isMultiple(of: requests / 10) { ended += try end(log) }
      let due = begun + .seconds(Double(number) / Double(Self.rate))
      if due > clock.now { try await Task.sleep(until: due) }
    }
    #expect(ended > 0)
    for _ in 0..<300 {
      if (try? await vault.audit.flush()) != nil, vault.audit.waiting == 0 { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    let found = try await vault.audit.count(matching: .init(model: "Clinic", action: .count))
    #expect(found == requests)
    let raw = try psql(
      "SELECT count(*), count(DISTINCT _id) FROM \(log.name).privata_audit_events "
        + "WHERE model = 'Clinic' AND action = 'count'")
    #expect(raw == "\(requests)|\(requests)")
    #expect(try await vault.audit.verify().isValid)
    await vault.close()
    try await log.remove()
  }

  private func open(_ folder: String, _ log: Place) async throws -> Vault {
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    options.masterKey = .bytes(Array(repeating: 9, count: 32))
    let url = try Place.environment("PRIVATA_POSTGRES_URL")
    let named = url + (url.contains("?") ? "&" : "?") + "application_name=\(log.name)"
    let source = StoreSource { () async throws(PrivataError) -> any Store in
      try await PostgresStore(named, options: .init(schema: log.name))
    }
    return try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
      audit: source, options: options)
  }

  /// Ends the connections that the vault has now, and answers how many there were.
  private func end(_ log: Place) throws -> Int {
    let answer = try psql(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        + "WHERE application_name = '\(log.name)'")
    return Int(answer) ?? 0
  }

  private func psql(_ statement: String) throws -> String {
    let url = try Place.environment("PRIVATA_POSTGRES_URL")
    return try Shell.run("psql", [url, "-qAtc", statement])
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

import Foundation
import PrivataCompliance
import PrivataCore
import PrivataPostgres
import PrivataSQLite
import TestPlaces
import TestSupport
import Testing

/// The audit store is held by another program while events come in at a fixed rate.
///
/// `PRIVATA_OUTAGE_SECONDS=60` is the full run; by default it is short.
@Suite(.serialized) struct AuditOutageTests {
  private static let rate = 5_000
  private static var seconds: Int {
    ProcessInfo.processInfo.environment["PRIVATA_OUTAGE_SECONDS"].flatMap(Int.init) ?? 3
  }

  @Test(arguments: [Place.Engine.sqlite, .postgres])
  func nothingIsLostAndNobodyWaits(_ engine: Place.Engine) async throws {
    let folder = Place.folder + "/outage-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let log = Place(engine, "outage")
    let vault = try await open(folder, log)
    let models = ClinicModels()
    try await vault.store.prepare(models.all)
    _ = try await vault.store.rows(for: Query(models.clinic))
    try await vault.audit.flush()

    let holder = try Holder(log)
    let outage = try await load(vault, models)
    let waiting = vault.audit.waiting
    // The store was away all the time, and all of it is in the journal.
    #expect(waiting >= outage.events)
    try holder.release()
    try await settles(vault)
    let notes = AuditSelection(model: "Patient", action: .init(rawValue: "app.load"))
    #expect(try await vault.audit.count(matching: notes) == outage.events)
    #expect(try await vault.audit.verify().isValid)
    #expect(outage.events == Self.rate * Self.seconds)
    // An append is some microseconds on a busy machine; who waits for a store waits for seconds.
    #expect(outage.worstAppend < 0.5 && outage.worstRead < 1)
    await vault.close()
    try await log.remove()
  }

  private func open(_ folder: String, _ log: Place) async throws -> Vault {
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    options.masterKey = .bytes(Array(repeating: 9, count: 32))
    return try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
      audit: log.source, options: options)
  }

  private struct Load {
    var events = 0
    var worstAppend = 0.0
    var worstRead = 0.0
  }

  /// Appends at the rate; reads between.
  private func load(_ vault: Vault, _ models: ClinicModels) async throws -> Load {
    var load = Load()
    let clock = ContinuousClock()
    let start = clock.now
    let note = AuditNote("app.load", model: "Patient", records: [.objectID(ObjectID())])
    for slice in 1...(Self.seconds * 100) {
      for _ in 0..<(Self.rate / 100) {
        let before = clock.now
        try vault.audit.append(note)
        load.worstAppend = max(load.worstAppend, (clock.now - before).seconds)
        load.events += 1
      }
      if slice.isMultiple(of: 10) {
        let before = clock.now
        _ = try await vault.store.rows(for: Query(models.clinic, answer: .count))
        load.worstRead = max(load.worstRead, (clock.now - before).seconds)
      }
      let due = start + .milliseconds(10 * slice)
      if due > clock.now { try await Task.sleep(until: due) }
    }
    return load
  }

  /// Waits until the backlog is moved.
  private func settles(_ vault: Vault) async throws {
    for _ in 0..<600 {
      if (try? await vault.audit.flush()) != nil, vault.audit.waiting < 100 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("the backlog was not moved within a minute")
  }
}

/// Another program that holds the audit store so that nobody writes to it.
private struct Holder {
  private let process = Process()
  private let input = Pipe()

  init(_ place: Place) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    let lock: String
    switch place.engine {
    case .sqlite:
      process.arguments = ["sqlite3", place.name]
      lock = "BEGIN IMMEDIATE;\nSELECT 'held';\n"
    default:
      process.arguments = ["psql", try Place.environment("PRIVATA_POSTGRES_URL"), "-qAt"]
      lock = """
        BEGIN;
        LOCK TABLE \(place.name).privata_audit_events IN ACCESS EXCLUSIVE MODE;
        SELECT 'held';

        """
    }
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(Data(lock.utf8))
    // The line says that the lock is taken.
    let line = output.fileHandleForReading.availableData
    #expect(String(decoding: line, as: UTF8.self).contains("held"))
  }

  func release() throws {
    input.fileHandleForWriting.write(Data("ROLLBACK;\n".utf8))
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}

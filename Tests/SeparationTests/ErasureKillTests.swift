import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

/// An erasure whose process is killed before each of its writes comes to its end by itself, on every
/// pair of engines, and leaves neither a value nor a half done record.
@Suite(.serialized) struct ErasureKillTests {
  private struct Run {
    let folder: String
    let places: [Place]

    init(_ pair: Pair) throws {
      folder = Place.folder + "/dossier-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      places = [Place(pair.identity, "identity"), Place(pair.clinical, "clinical")]
    }

    /// Runs a step; the process ends by SIGKILL before the write of a number.
    func step(_ step: String..., killedAt write: Int? = nil, early: Bool = false) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(filePath: Programs.path("KillPointProgram"))
      process.arguments =
        [folder, "dossier"] + places.map { "\($0.engine.rawValue)=\($0.name)" } + step
      var environment = ProcessInfo.processInfo.environment
      environment["PRIVATA_KILL_WRITE"] = write.map { String($0) }
      environment["PRIVATA_KILL_EARLY"] = early ? "1" : nil
      process.environment = environment
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }

    func remove() async throws {
      for place in places { try await place.remove() }
      try FileManager.default.removeItem(atPath: folder)
    }
  }

  static let pairs = [
    Pair(identity: .sqlite, clinical: .sqlite), Pair(identity: .postgres, clinical: .postgres),
    Pair(identity: .mongo, clinical: .mongo), Pair(identity: .postgres, clinical: .mongo),
  ]

  /// Each person's erasure is killed one write later than the one before; the next start goes on with
  /// it. The last one is not killed any more.
  @Test(arguments: pairs)
  func killedBeforeEachOfItsWrites(_ pair: Pair) async throws {
    let run = try Run(pair)
    let people = 60
    #expect(try run.step("fill", "\(people)") == 0)
    var erased = 1
    // The first one is everybody's friend and stays.
    for write in 1..<people {
      erased = write + 1
      let status = try run.step("erase", "\(erased)", killedAt: write)
      if status == 0 { break }
      #expect(status == SIGKILL, "write \(write)")
    }
    #expect(erased > 20 && erased < people, "an erasure has \(erased - 2) writes")
    #expect(try run.step("check") == 0)
    // Before its first write the second one's was not recorded yet, so nobody knows of it.
    try expectErased(3...erased, of: people, run)
    try await run.remove()
  }

  /// Going on is killed before each of its writes too.
  @Test func killedWhileGoingOn() async throws {
    let run = try Run(Pair(identity: .sqlite, clinical: .sqlite))
    #expect(try run.step("fill", "3") == 0)
    #expect(try run.step("erase", "2", killedAt: 8) == SIGKILL)
    var write = 1
    while try run.step("check", killedAt: write, early: true) == SIGKILL, write < 200 { write += 1 }
    #expect(write > 5 && write < 200)
    #expect(try run.step("check") == 0)
    try expectErased(2...2, of: 3, run)
    try await run.remove()
  }

  private func expectErased(_ erased: ClosedRange<Int>, of people: Int, _ run: Run) throws {
    let identity = try RawContents.live(run.places[0])
    let clinical = try RawContents.live(run.places[1])
    for person in erased {
      for text in [identity, clinical] { #expect(!text.contains(DossierModels.canary(person))) }
    }
    let left = people - erased.count
    for (table, count) in [("persons", left), ("letters", left), ("pages", left)] {
      #expect(try RawContents.count(table, in: run.places[0]) == count, "\(table)")
    }
    #expect(try RawContents.count("invoices", in: run.places[0]) == left)
    // What a law has kept is sealed away, once.
    #expect(try RawContents.count("privata_retained", in: run.places[0]) == erased.count)
    #expect(try RawContents.count("privata_erasures", in: run.places[0]) == erased.count)
    // Clinical rows stay, each once, and no pseudonym of theirs leads to anybody.
    for table in ["persons", "letters", "visits"] {
      #expect(try RawContents.count(table, in: run.places[1]) == people, "\(table)")
    }
    let shared = RawContents.pseudonyms(identity).intersection(RawContents.pseudonyms(clinical))
    // A person and a letter of each who stays.
    #expect(shared.count == 2 * left)
    for place in run.places {
      #expect(try RawContents.count("privata_tombstones", in: place) == erased.count)
    }
  }
}

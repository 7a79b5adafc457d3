import Foundation
import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct PackageTests {
  private func files(_ clinic: Clinic) -> [String] {
    let folder = clinic.memory.directory + "/packages"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .map { "\(folder)/\($0)" }
  }

  private func code(_ body: () async throws -> Void) async -> PrivataError.Code? {
    do { try await body() } catch { return (error as? PrivataError)?.code }
    return nil
  }

  @Test func isFetchedOnce() async throws {
    let clinic = try await Clinic()
    let packages = clinic.vault.packages
    let ticket = try await packages.prepare(
      Clinic.ada, of: clinic.models.patient, .json, expiresIn: .seconds(60))
    let paths = files(clinic)
    #expect(paths.count == 1 && !ticket.token.contains(Clinic.ada.description))
    let bytes = try Data(contentsOf: URL(filePath: paths[0]))
    for word in ["Ada Canary", "canary", Clinic.ada.description] {
      #expect(bytes.range(of: Data(word.utf8)) == nil)
    }
    #expect(try packages.open(ticket.token).contains("Ada Canary"))
    #expect(files(clinic).isEmpty)
    #expect(await code { _ = try packages.open(ticket.token) } == .notFound)
    #expect(await code { _ = try packages.open("no token") } == .malformed)
  }

  /// The first copy of a year is free, another person's is another first one.
  @Test func theFirstCopyIsToldFromFurtherOnes() async throws {
    let clinic = try await Clinic()
    let packages = clinic.vault.packages
    var numbers: [Int] = []
    for id in [Clinic.ada, Clinic.ada, Clinic.bob, Clinic.ada] {
      let ticket = try await packages.prepare(
        id, of: clinic.models.patient, .json, expiresIn: .seconds(60))
      numbers.append(ticket.copyNumber)
      #expect(ticket.isFree == (ticket.copyNumber == 1))
    }
    #expect(numbers == [1, 2, 1, 3])
  }

  /// An erasure that runs while the copy is made leaves none.
  @Test func anErasureMeanwhileLeavesNoCopy() async throws {
    let clinic = try await Clinic()
    let sessions = (0..<400).map { number -> Document in
      [
        "_id": .objectID(ObjectID(high: 9, low: UInt32(number))), "patient": .objectID(Clinic.ada),
        "summary": "a note",
      ]
    }
    try await clinic.insert(clinic.models.session, sessions)
    let (packages, patient) = (clinic.vault.packages, clinic.models.patient)
    let gdpr = clinic.vault.gdpr(for: patient)
    let request = ErasureRequest(
      requestedBy: Clinic.ada, reason: "asked", legalBasis: .article17)
    async let prepared = code {
      _ = try await packages.prepare(Clinic.ada, of: patient, .json, expiresIn: .seconds(60))
    }
    async let erased = gdpr.rightToErasure(Clinic.ada, request)
    #expect(try await erased.success)
    let end = await prepared
    #expect(end == nil || end == .subjectFrozen || end == .notFound)
    #expect(files(clinic).isEmpty)
  }

  @Test func endsWithItsTime() async throws {
    let clinic = try await Clinic()
    let packages = clinic.vault.packages
    let late = DateTime(milliseconds: DateTime.now.milliseconds + 61_000)
    for _ in 0..<2 {
      let ticket = try await packages.prepare(
        Clinic.ada, of: clinic.models.patient, .csv, expiresIn: .seconds(60))
      #expect(await code { _ = try packages.open(ticket.token, now: late) } == .notFound)
    }
    #expect(files(clinic).isEmpty)
    _ = try await packages.prepare(
      Clinic.bob, of: clinic.models.patient, .csv, expiresIn: .seconds(60))
    #expect(try packages.removeExpired() == 0)
    #expect(try packages.removeExpired(now: late) == 1)
    #expect(files(clinic).isEmpty)
  }

  @Test func goesWithThePerson() async throws {
    let clinic = try await Clinic()
    let packages = clinic.vault.packages
    let ada = try await packages.prepare(
      Clinic.ada, of: clinic.models.patient, .xml, expiresIn: .seconds(60))
    let bob = try await packages.prepare(
      Clinic.bob, of: clinic.models.patient, .xml, expiresIn: .seconds(60))
    _ = try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure(
      Clinic.ada, .init(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17))
    #expect(files(clinic).count == 1)
    #expect(await code { _ = try packages.open(ada.token) } == .notFound)
    #expect(try packages.open(bob.token).contains("Bob Canary"))
    let late = await code {
      _ = try await packages.prepare(
        Clinic.ada, of: clinic.models.patient, .xml, expiresIn: .seconds(60))
    }
    #expect(late == .notFound)
  }

  /// A file that was changed, and the key of another one.
  @Test func aChangedFileIsRefused() async throws {
    let clinic = try await Clinic()
    let packages = clinic.vault.packages
    for position in [10, 40, 60, -1] {
      let ticket = try await packages.prepare(
        Clinic.ada, of: clinic.models.patient, .json, expiresIn: .seconds(6_000))
      var bytes = try Array(Data(contentsOf: URL(filePath: files(clinic)[0])))
      bytes[position < 0 ? bytes.count - 1 : position] ^= 1
      try Data(bytes).write(to: URL(filePath: files(clinic)[0]))
      let refused = await code { _ = try packages.open(ticket.token) }
      #expect(refused == .tampered || position == 40 && refused == .notFound, "\(position)")
    }
  }

  @Test func aRestrictionIsLiftedOnEvidence() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    for ground in [RestrictionGround.accuracyContested, .neededForClaims] {
      try await gdpr.rightToRestriction(Clinic.ada, ground: ground)
    }
    let future = DateTime(milliseconds: DateTime.now.milliseconds + 60_000)
    let early = await code {
      try await gdpr.liftRestriction(
        Clinic.ada, ground: .accuracyContested, notice: .sent(at: future, channel: .letter))
    }
    #expect(early == .badArgument)
    let sent = DateTime(milliseconds: 1_700_000_000_000)
    try await gdpr.liftRestriction(
      Clinic.ada, ground: .accuracyContested,
      notice: .sent(at: sent, channel: .letter, reference: "L-7"))
    #expect(try await clinic.find(clinic.models.patient).count == 1)
    #expect(
      try await gdpr.restrictionNotices(Clinic.ada) == [
        .accuracyContested: .sent(at: sent, channel: .letter, reference: "L-7")
      ])
    try await gdpr.liftRestriction(
      Clinic.ada, ground: .neededForClaims, notice: .sent(at: .now, channel: .portal))
    #expect(try await clinic.find(clinic.models.patient).count == 2)
  }
}

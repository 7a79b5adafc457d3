import MongoStyle
import PrivataCompliance
import PrivataCore
import TestPlaces
import Testing

/// A store of a vault goes away while the program runs: the call says so, nothing is lost, and what
/// stays half done is finished as soon as the store is back.
@Suite(.serialized) struct OutageTests {
  @Test(arguments: Setting.vaults) func theClinicalStore(_ setting: Setting) async throws {
    try await with(setting) { clinic, _, clinical in
      let before = try await clinic.contents()
      clinical.set(.everything)
      await isTold { _ = try await clinic.people.create(Self.cy) }
      await isTold { _ = try await clinic.people.find(["diagnosis": "canary-disease"]).exec() }
      await isTold {
        _ = try await clinic.people.updateOne(["age": 36], ["$set": ["age": 37, "weight": 1]])
          .exec()
      }
      let names = try await clinic.people.find().select("name").sort("_id").lean().exec()
      #expect(names.map { $0["name"] } == ["Ada Canary", "Bob Canary"])
      clinical.set(.none)
      try await settles { try await clinic.contents() == before }
    }
  }

  @Test(arguments: Setting.vaults, [Outage.Kind.everything, .writes])
  func theIdentityStore(_ setting: Setting, _ kind: Outage.Kind) async throws {
    try await with(setting) { clinic, identity, _ in
      let before = try await clinic.contents()
      identity.set(kind)
      await isTold { _ = try await clinic.people.create(Self.cy) }
      await isTold {
        _ = try await clinic.people.updateOne(["age": 36], ["$set": ["age": 37, "weight": 1]])
          .exec()
      }
      await isTold { _ = try await clinic.people.deleteOne(["age": 36]).exec() }
      identity.set(.none)
      try await settles { try await clinic.contents() == before }
      let after = try await clinic.contents()
      #expect(after == before)
      _ = try await clinic.people.create(Self.cy)
      for place in clinic.places { #expect(try RawContents.count("people", in: place) == 3) }
    }
  }

  /// The identity row is gone and the clinical one follows.
  @Test(arguments: Setting.vaults) func betweenTheHalvesOfADelete(_ setting: Setting) async throws {
    try await with(setting) { clinic, _, clinical in
      clinical.set(.writes)
      await isTold { _ = try await clinic.people.deleteOne(["name": "Bob Canary"]).exec() }
      clinical.set(.none)
      try await settles {
        try clinic.places.allSatisfy { try RawContents.count("people", in: $0) == 1 }
      }
    }
  }

  /// The clinical part of a change is stored; the identity part follows, once, whoever went away.
  @Test(arguments: Setting.vaults, [true, false])
  func betweenTwoCommits(_ setting: Setting, _ isIdentity: Bool) async throws {
    try await with(setting) { clinic, identity, clinical in
      if isIdentity { identity.set(.commits) } else { clinical.set(.answers) }
      let change: Document = ["$inc": ["age": 1, "weight": 1]]
      await isTold { _ = try await clinic.people.updateOne(["age": 36], change).exec() }
      identity.set(.none)
      clinical.set(.none)
      try await settles { try await Self.isChanged(clinic) }
      try await Task.sleep(for: .milliseconds(300))
      #expect(try await Self.isChanged(clinic))
    }
  }

  private static func isChanged(_ clinic: BadInputClinic) async throws -> Bool {
    let ada = try await clinic.people.findById(BadInputClinic.ada).lean().exec()
    return ada?["age"]?.asInt == 37 && ada?["weight"]?.asDouble == 62.5
  }

  /// What is done while the log's store is away waits in the journal and is not lost.
  @Test(arguments: Setting.vaults) func theStoreOfTheLog(_ setting: Setting) async throws {
    let pair = try #require(setting.pair)
    let places = VaultPlaces(pair)
    let log = Place(pair.identity, "log")
    let outage = Outage()
    try await places.removing {
      let vault = try await places.open(audit: outage.before(log.source))
      let clinic = try BadInputClinic(vault.mongo, [places.identity, places.clinical])
      try await clinic.fill()
      let reads = AuditSelection(action: .read)
      let before = try await vault.audit.count(matching: reads)
      outage.set(.everything)
      for _ in 0..<5 { _ = try await clinic.people.find(["age": 36]).exec() }
      let error = await #expect(throws: PrivataError.self) { try await vault.audit.flush() }
      expectTold(error, .connection, [], "\(setting)")
      #expect(vault.audit.waiting >= 5)
      outage.set(.none)
      #expect(try await vault.audit.count(matching: reads) == before + 5)
      #expect(try await vault.audit.verify().isValid)
      await vault.close()
    }
    try await log.remove()
  }

  // MARK: -

  private static let cy: Document = [
    "name": "Cy Canary", "email": "cy.canary@example.org", "diagnosis": "canary-cy",
  ]

  private func with(
    _ setting: Setting, _ body: (BadInputClinic, Outage, Outage) async throws -> Void
  ) async throws {
    let places = VaultPlaces(try #require(setting.pair))
    let identity = Outage()
    let clinical = Outage()
    try await places.removing {
      let vault = try await places.open(
        around: { place, source in
          (place.name == places.identity.name ? identity : clinical).before(source)
        })
      do {
        let clinic = try BadInputClinic(vault.mongo, [places.identity, places.clinical])
        try await clinic.fill()
        try await body(clinic, identity, clinical)
      } catch {
        identity.set(.none)
        clinical.set(.none)
        await vault.close()
        throw error
      }
      await vault.close()
    }
  }

  private func isTold(
    _ body: () async throws -> Void, line: Int = #line
  ) async {
    do {
      try await body()
      expectTold(nil, .connection, [], "line \(line)")
    } catch { expectTold(error, .connection, [], "line \(line)") }
  }

  /// Waits for what the vault finishes by itself.
  private func settles(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<100 {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("nothing was finished within five seconds")
  }
}

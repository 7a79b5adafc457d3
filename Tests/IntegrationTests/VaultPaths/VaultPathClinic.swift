import MongoStyle
import PrivataCompliance
import PrivataCore
import TestPlaces

/// A filled vault whose every identifying value begins with `pii-` and every health value with
/// `phi-`, so that a look into the raw stores shows what stands where.
struct VaultPathClinic: Sendable {
  let vault: Vault
  let mongo: MongoConnection
  let people: MongoModel
  let visits: MongoModel
  let places: VaultPlaces
  /// The store of the audit log, which holds neither names nor diagnoses.
  let log: Place

  static let ada = ObjectID(high: 0x60A0_0000_0000_0001, low: 1)
  static let bob = ObjectID(high: 0x60A0_0000_0000_0001, low: 2)
  static let visit = ObjectID(high: 0x80A0_0000_0000_0001, low: 1)
  static let caller = AccessContext(actor: .user("dr-7"), role: "clinician", purpose: "treatment")

  private static let personSchema = Schema([
    "name": .string(.required, .pii), "email": .string(.unique, .pii), "age": .number,
    "friend": .objectID(.ref("Person")), "diagnosis": .string(.phi), "weight": .number(.phi),
  ])
  private static let visitSchema = Schema([
    "patient": .objectID(.ref("Person")), "note": .string(.phi), "minutes": .number,
  ])

  /// Runs on behalf of a caller, or of nobody in a vault that asks who it is.
  static func with(
    _ pair: Pair, isAnonymous: Bool = false, _ body: (VaultPathClinic) async throws -> Void
  ) async throws {
    let places = VaultPlaces(pair)
    let log = Place(pair.identity, "log")
    try await places.removing {
      let vault = try await places.open(
        { $0.contextPolicy = .required }, audit: log.source)
      do {
        let known = try VaultPathClinic(vault.acting(as: caller), places, log)
        try await known.fill()
        try await body(isAnonymous ? try VaultPathClinic(vault, places, log) : known)
      } catch {
        await vault.close()
        throw error
      }
      await vault.close()
    }
    try await log.remove()
  }

  private init(_ vault: Vault, _ places: VaultPlaces, _ log: Place) throws {
    self.vault = vault
    self.places = places
    self.log = log
    people = try vault.model("Person", Self.personSchema)
    visits = try vault.model("Visit", Self.visitSchema)
    mongo = vault.mongo
  }

  private func fill() async throws {
    try await people.insertMany([
      [
        "_id": .objectID(Self.ada), "name": "pii-ada", "email": "pii-ada@example.org", "age": 36,
        "diagnosis": "phi-asthma", "weight": 61.5,
      ],
      [
        "_id": .objectID(Self.bob), "name": "pii-bob", "email": "pii-bob@example.org", "age": 40,
        "friend": .objectID(Self.ada), "diagnosis": "phi-flu", "weight": 80,
      ],
    ])
    _ = try await visits.create([
      "_id": .objectID(Self.visit), "patient": .objectID(Self.ada), "note": "phi-first",
    ])
  }

  // MARK: - Looking

  /// What is wrong with the raw stores, which the databases' own clients read.
  func exposures(marks: [String] = []) throws -> [String] {
    let identity = try RawContents.dump(places.identity)
    let clinical = try RawContents.dump(places.clinical)
    let log = try RawContents.dump(log)
    var found: [String] = []
    if clinical.contains("pii-") { found.append("a name in the clinical store") }
    if identity.contains("phi-") { found.append("a diagnosis in the identity store") }
    if log.contains("pii-") || log.contains("phi-") { found.append("a value in the log") }
    for id in [Self.ada, Self.bob] where clinical.lowercased().contains(id.description) {
      found.append("an id in the clinical store")
    }
    for mark in marks {
      let home = mark.hasPrefix("pii-") ? identity : clinical
      if !home.contains(mark) { found.append("no \(mark) where it belongs") }
    }
    return found
  }

  /// The events so far, oldest first, but for those of looking into the log.
  func events() async throws -> [AuditEvent] {
    var events: [AuditEvent] = []
    for try await event in vault.audit.events() where event.action != .auditQuery {
      events.append(event)
    }
    return events
  }
}

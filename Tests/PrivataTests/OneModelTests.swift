import DrizzleStyle
import Foundation
import MongoStyle
import PrismaStyle
import Privata
import PrivataMongo
import PrivataPostgres
import PrivataSQLite
import Testing

/// One struct for all three styles.
@Model("patients")
struct Patient: Equatable {
  @Column(.primaryKey) var id: String
  @PII @Column(.unique) var email: String
  @PHI var diagnosis: String?
  var ward: String
  var age: Int
}

/// Where the styles run: each store alone, and under a vault.
enum Ground: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite, postgres, mongo, vault, mixedVault

  var testDescription: String { rawValue }
  var hasSQL: Bool { self != .mongo }

  /// The place, opened.
  func open() async throws -> Opened {
    let servers = ProcessInfo.processInfo.environment
    let name = "one_model_\(UInt32.random(in: 0 ... .max))"
    let postgres = StoreSource.postgres(servers["PRIVATA_POSTGRES_URL"] ?? "", schema: name)
    let mongo = StoreSource.mongo(servers["PRIVATA_MONGO_URL"] ?? "", database: name)
    switch self {
    case .sqlite: return Opened(store: try await StoreSource.sqlite(":memory:").open())
    case .postgres: return Opened(store: try await postgres.open())
    case .mongo: return Opened(store: try await mongo.open())
    case .vault: return Opened(vault: try await vault(.sqlite(":memory:"), .sqlite(":memory:")))
    case .mixedVault: return Opened(vault: try await vault(postgres, mongo))
    }
  }

  private func vault(_ identity: StoreSource, _ clinical: StoreSource) async throws -> Vault {
    var options = VaultOptions()
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("one-model-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    options.journal.directory = folder.path
    return try await Vault(identity: identity, clinical: clinical, options: options)
  }
}

/// An open store, with the vault that it belongs to.
struct Opened: Sendable {
  var store: any Store
  var vault: Vault?

  init(store: any Store) { self.store = store }

  init(vault: Vault) {
    store = vault.store
    self.vault = vault
  }

  func drizzle() async throws -> Database {
    if let vault { return DrizzleStyle.connect(vault, Patient.self) }
    return try await DrizzleStyle.connect(.store(store))
  }
}

@Suite struct OneModelTests {
  private static let ada = Patient(
    id: "p1", email: "ada@example.org", diagnosis: "asthma", ward: "north", age: 36)
  private static let ben = Patient(
    id: "p2", email: "ben@example.org", diagnosis: nil, ward: "north", age: 17)

  @Test(arguments: Ground.allCases) func whatOneStyleWritesTheOthersRead(
    _ ground: Ground
  ) async throws {
    let place = try await ground.open()
    let mongo = try MongoConnection(store: place.store).model(Patient.self)
    let prisma = PrismaClient(store: place.store, try PrismaSchema([]))[Patient.self]

    try await mongo.create(Self.ada)
    try await prisma.create(Self.ben)
    #expect(try await mongo.findById("p2").exec() == Self.ben)
    #expect(try await prisma.findUnique(\.id, "p1") == Self.ada)

    try await prisma.update(\.id, "p1", [.increment(\.age, 1)])
    try await mongo.updateOne(\.email == "ben@example.org", .set(\.diagnosis, "cold"))
    #expect(try await mongo.find(\.age >= 37).exec().map(\.id) == ["p1"])
    #expect(try await prisma.findMany(where: \.diagnosis == "cold").map(\.id) == ["p2"])
    let both = try await mongo.find(\.ward == "north" && \.diagnosis == "asthma").exec()
    #expect(both.map(\.id) == ["p1"])

    if ground.hasSQL { try await drizzleAgrees(try await place.drizzle()) }
    if let store = place.store as? any AdministrableStore {
      try await store.drop([Patient.schema])
      await store.close()
    }
  }

  private func drizzleAgrees(_ db: Database) async throws {
    let rows = try await db.select().from(Patient.self).where(\.age >= 37).all()
    #expect(rows.map(\.email) == ["ada@example.org"])
    try await db.insert(Patient.self).values([
      Patient(id: "p3", email: "cy@example.org", diagnosis: nil, ward: "south", age: 52)
    ]).run()
    #expect(try await db.select().from(Patient.self).all().count == 3)
  }

  @Test func everyStyleHasTheRightsOfPersons() async throws {
    let place = try await Ground.vault.open()
    let vault = try #require(place.vault)
    let mongo = try vault.model(Patient.self)
    let prisma = try await PrismaClient.connect(vault, try PrismaSchema([]))[Patient.self]
    let drizzle = try await place.drizzle()
    try await mongo.insertMany([Self.ada, Self.ben])
    for gdpr in [try mongo.gdpr, try prisma.gdpr, try drizzle.gdpr(Patient.self)] {
      let report = try await gdpr.rightToAccess("p1")
      #expect(report.records.first?.records.first?["diagnosis"] == "asthma")
    }
    let proof = try await prisma.gdpr.rightToErasure(
      "p1", .init(requestedBy: "p1", reason: "asked by letter", legalBasis: .article17))
    #expect(proof.certificate.isValid(publicKey: vault.audit.publicKey))
    #expect(try await mongo.find().exec() == [Self.ben])
    #expect(try await drizzle.select().from(Patient.self).all() == [Self.ben])
    await vault.close()
  }
}

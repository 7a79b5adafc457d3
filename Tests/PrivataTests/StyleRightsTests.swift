import DrizzleStyle
import Foundation
import MongoStyle
import PrismaStyle
import Privata
import Testing

/// What all three styles offer beside their queries.
private protocol HasRights {
  var gdpr: GDPR { get throws(PrivataError) }
  var hipaa: HIPAA { get throws(PrivataError) }
}

extension TypedModel: HasRights where M == Patient {}
extension TypedClient: HasRights where M == Patient {}

/// Drizzle names the model in the call.
private struct DrizzlePatients: HasRights {
  let db: Database
  var gdpr: GDPR { get throws(PrivataError) { try db.gdpr(Patient.self) } }
  var hipaa: HIPAA { get throws(PrivataError) { try db.hipaa(Patient.self) } }
}

/// `.gdpr` and `.hipaa` are the same, whatever style a program is written in.
@Suite struct StyleRightsTests {
  /// What code that knows no style gets to know through one.
  private struct Seen: Equatable {
    var access: [[Document]]
    var portable: Document?
    var copy: [String: [Document]]
    var disclosed: Document
    var related: Int
    var deidentified: [Document]
    var limited: [Document]
    var allowed: MinimumNecessary
    var communication: ConfidentialCommunication?
    var restrictions: Int
    var amendments: [Value]
    var accounted: [String]
  }

  private static let kinds: [String: IdentifierKind] = [
    "id": .otherUnique, "email": .email, "diagnosis": .safe, "ward": .safe, "age": .age,
  ]

  /// The same code for every style.
  private func seen<Model: HasRights>(_ model: Model, _ agreement: String) async throws -> Seen {
    let (gdpr, hipaa) = (try model.gdpr, try model.hipaa)
    let request = DisclosureRequest(
      to: .init("County office", kind: .authority), purpose: .publicHealth,
      fields: ["diagnosis"], reference: "report 7")
    let disclosed = try await hipaa.disclose("p1", request)
    let portable = try Document(
      extendedJSON: try await gdpr.rightToPortability("p1").json)
    return Seen(
      access: try await gdpr.rightToAccess("p1").records.map(\.records),
      portable: portable["records"]?.asDocument,
      copy: try await hipaa.rightOfAccess("p1").records,
      disclosed: disclosed.record, related: disclosed.related.count,
      deidentified: try await hipaa.deidentify(.safeHarbor(SafeHarbor(Self.kinds))).records,
      limited: try await hipaa.limitedDataSet(
        Self.kinds, agreement: agreement, purpose: .research
      ).records,
      allowed: hipaa.minimumNecessary, communication: try await hipaa.communication("p1"),
      restrictions: try await hipaa.restrictions("p1").count,
      amendments: try await hipaa.amendments("p1").map(\.proposed),
      accounted: try await hipaa.accountingOfDisclosures("p1").entries.map(\.recipient.name))
  }

  @Test(arguments: [Ground.vault, .mixedVault])
  func everyStyleAnswersTheSame(_ ground: Ground) async throws {
    let place = try await ground.open()
    let vault = try #require(place.vault)
    let mongo = try vault.model(Patient.self)
    let prisma = try await PrismaClient.connect(vault, try PrismaSchema([]))[Patient.self]
    let drizzle = DrizzlePatients(db: try await place.drizzle())
    try await mongo.insertMany([
      Patient(id: "p1", email: "ada@example.org", diagnosis: "asthma", ward: "north", age: 36),
      Patient(id: "p2", email: "ben@example.org", diagnosis: nil, ward: "north", age: 17),
    ])
    // What is done through one style holds for the others.
    try await mongo.hipaa.setCommunication(
      "p1", .alternative(address: "PO Box 7", channel: .letter))
    _ = try await prisma.hipaa.requestRestriction("p1", RestrictionRequest(fields: ["email"]))
    _ = try await drizzle.hipaa.requestAmendment(
      "p1", "diagnosis", proposed: "J45.1", reason: "mild form")
    let agreement = try await prisma.hipaa.fileAgreement(
      DataUseAgreement(recipient: "University", purposes: [.research]))

    let first = try await seen(mongo, agreement)
    #expect(first.access.first?.first?["diagnosis"] == "asthma")
    #expect(first.disclosed["diagnosis"] == "asthma" && first.disclosed["email"] == nil)
    #expect(first.copy["Patient"]?.count == 1)
    #expect(first.deidentified.count == 2)
    #expect(first.deidentified.allSatisfy { !$0.contains("email") && !$0.contains("id") })
    #expect(first.limited.count == 2 && first.limited.allSatisfy { !$0.contains("email") })
    #expect(first.communication == .alternative(address: "PO Box 7", channel: .letter))
    #expect(first.restrictions == 1 && first.amendments == ["J45.1"])
    #expect(first.accounted == ["County office"])
    #expect(first.allowed.fields == ["email", "diagnosis"])
    let second = try await seen(prisma, agreement)
    let third = try await seen(drizzle, agreement)
    #expect(second == first && third == first)
    // The account of each counts what the others disclosed.
    let entries = try await drizzle.hipaa.accountingOfDisclosures("p1").entries
    #expect(entries.map(\.count) == [3])
    await vault.close()
  }

  @Test func aPlainConnectionHasNone() async throws {
    let place = try await Ground.sqlite.open()
    let mongo = try MongoConnection(store: place.store).model(Patient.self)
    let prisma = PrismaClient(store: place.store, try PrismaSchema([]))[Patient.self]
    let drizzle = DrizzlePatients(db: try await place.drizzle())
    let models: [any HasRights] = [mongo, prisma, drizzle]
    for model in models {
      #expect(#expect(throws: PrivataError.self) { try model.hipaa }?.code == .vaultRequired)
      #expect(#expect(throws: PrivataError.self) { try model.gdpr }?.code == .vaultRequired)
    }
    await (place.store as? any AdministrableStore)?.close()
  }
}

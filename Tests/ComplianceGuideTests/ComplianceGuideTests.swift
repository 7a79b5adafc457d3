import Foundation
import MongoStyle
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import Testing

/// The code of Docs/Compliance.md about access and HIPAA, run over SQLite files.
@Suite struct ComplianceGuideTests {
  private static let schema = Schema([
    "_id": .string, "name": .string(.pii), "phone": .string(.pii),
    "ward": .string, "diagnosis": .string(.phi),
  ])

  private struct Clinic {
    let vault: Vault
    let User: MongoModel
  }

  private func clinic(_ change: (inout VaultOptions) -> Void = { _ in }) async throws -> Clinic {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "guide-\(UUID().uuidString)"
    )
    .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    change(&options)
    let vault = try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
      options: options)
    let User = try vault.model("User", Self.schema)
    try await User.create([
      "_id": "u1", "name": "Ada", "phone": "030 1234567", "ward": "north", "diagnosis": "J45",
    ])
    try await User.create(["_id": "u2", "name": "Bob", "phone": "030 7654321", "ward": "south"])
    return Clinic(vault: vault, User: User)
  }

  private func acting<R>(
    _ role: String, _ purpose: String, ward: String = "north", _ body: () async throws -> R
  ) async rethrows -> R {
    var details = AccessDetails()
    details.attributes = ["ward": [ward]]
    let context = AccessContext(
      actor: .user("u-7"), role: role, purpose: purpose, details: details)
    return try await AccessContext.$current.withValue(context, operation: body)
  }

  /// Without configuration a program runs as on a plain connection.
  @Test func aSwappedProgramRunsUnchanged() async throws {
    let clinic = try await clinic()
    let ada = try #require(try await clinic.User.findById("u1").exec())
    #expect(ada["phone"] == "030 1234567" && ada["diagnosis"] == "J45")
    #expect(try await clinic.User.countDocuments(["diagnosis": "J45"]).exec() == 1)
    ada["phone"] = "030 1"
    try await ada.save()
    #expect(try await clinic.User.findOne(["phone": "030 1"]).exec() != nil)
    await clinic.vault.close()
  }

  @Test func policies() async throws {
    var policy = FieldPolicy()
    policy.allow(role: "billing", purpose: "payment", on: "User", fields: ["name"])
    policy.allow(
      role: "clinician", purpose: "treatment", on: "User", when: .attribute("ward", "ward"))
    policy.allow(role: "reception", purpose: "operations", on: "User", fields: ["name", "phone"])
    policy.mask("phone", on: "User", role: "reception", with: .last(4))
    let rules = policy
    let clinic = try await clinic { $0.fieldPolicy = rules }
    let User = clinic.User
    try await acting("billing", "payment") {
      let ada = try #require(try await User.findById("u1").exec())
      #expect(ada["name"] == "Ada" && ada["phone"] == nil && ada["diagnosis"] == nil)
      await #expect(throws: PrivataError.self) {
        try await User.find(["diagnosis": "J45"]).exec()
      }
      await #expect(throws: PrivataError.self) { try await User.find().sort("phone").exec() }
    }
    try await acting("clinician", "treatment") { () async throws in
      #expect(try await User.countDocuments().exec() == 1)
      #expect(try await User.findById("u2").exec() == nil)
    }
    try await acting("reception", "operations") {
      let ada = try #require(try await User.findById("u1").exec())
      #expect(ada["phone"] == "•••••••4567")
      ada["name"] = "Eva"
      try await ada.save()
      ada["phone"] = "030 9"
      await #expect(throws: PrivataError.self) { try await ada.save() }
    }
    let eva = try #require(try await User.findById("u1").exec())
    #expect(eva["name"] == "Eva" && eva["phone"] == "030 1234567")
    await clinic.vault.close()
  }

  @Test func emergencies() async throws {
    let clinic = try await clinic { options in
      var policy = FieldPolicy()
      policy.restrict("User")
      policy.emergencyRoles = ["clinician"]
      options.fieldPolicy = policy
      var hipaa = HIPAAOptions()
      hipaa.emergencyRoles = ["clinician"]
      options.hipaa = hipaa
    }
    let User = clinic.User
    let request = EmergencyRequest(
      subject: "u1", of: "User", reason: .unconscious, note: "brought in at 3")
    try await acting("clinician", "treatment") {
      #expect(try await User.findById("u1").exec()?["diagnosis"] == nil)
      try await clinic.vault.breakGlass(request) { () async throws in
        #expect(try await User.findById("u1").exec()?["diagnosis"] == "J45")
        #expect(try await User.findById("u2").exec() == nil)
      }
    }
    #expect(try await clinic.vault.emergencies().count == 1)
    await clinic.vault.close()
  }

  @Test func disclosuresAndRights() async throws {
    let clinic = try await clinic()
    let hipaa = try clinic.User.hipaa
    let number = try await hipaa.authorize(
      "u1",
      Authorization(
        description: "diagnoses", discloser: "North Clinic", recipient: "Acme Life",
        purpose: "life insurance", expirationEvent: "end of the contract",
        signature: .init(signedBy: "Ada", at: .now), fields: ["diagnosis"]))
    let disclosed = try await hipaa.disclose(
      "u1",
      DisclosureRequest(
        to: .init("Acme Life", kind: .other), purpose: .authorization, fields: ["diagnosis"],
        authorization: number))
    #expect(disclosed.record == ["_id": "u1", "diagnosis": "J45"])
    let asked = try await hipaa.requestAmendment(
      "u1", "diagnosis", proposed: "J45.1", reason: "mild form")
    _ = try await hipaa.acceptAmendment(asked.id, of: "u1")
    #expect(try await clinic.User.findById("u1").exec()?["diagnosis"] == "J45.1")
    #expect(try await hipaa.rightOfAccess("u1").text.contains("J45.1"))
    await clinic.vault.close()
  }

  @Test func deidentification() async throws {
    let clinic = try await clinic()
    let method = SafeHarbor([
      "_id": .otherUnique, "name": .name, "phone": .phone, "ward": .safe, "diagnosis": .safe,
      "__v": .safe,
    ])
    let set = try await clinic.User.hipaa.deidentify(.safeHarbor(method), codes: true)
    #expect(set.records.count == 2 && set.removed[.name] == 2)
    #expect(set.records.allSatisfy { !$0.contains("name") && !$0.contains("_id") })
    await clinic.vault.close()
  }

  @Test func detection() {
    let analyzer = FieldAnalyzer()
    #expect(analyzer.finding("patientEmail").verdict == .pii)
    #expect(analyzer.finding("emailSentCount").verdict == .none)
    #expect(analyzer.finding("name", model: "Product").verdict == .none)
    #expect(analyzer.finding("notes", model: "User").verdict == .review)
    let found = analyzer.analysis(
      of: "Patient", fields: ["firstName": nil, "diagnosis": nil, "age": "Int"])
    #expect(found.pii == ["firstName"] && found.phi == ["diagnosis"] && found.review == ["age"])
  }
}

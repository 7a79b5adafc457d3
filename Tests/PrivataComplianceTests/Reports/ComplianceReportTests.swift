import Foundation
import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct ComplianceReportTests {
  private var future: DateTime { DateTime(milliseconds: DateTime.now.milliseconds + 60_000) }

  /// Three reads, two refusals, two requests, a breach and a recipient to tell.
  private func happenings(_ clinic: FileClinic) async throws {
    let (vault, patient) = (clinic.vault, clinic.models.patient)
    try await vault.purposes.register(Purpose("care", basis: .contract))
    for _ in 0..<3 { _ = try await clinic.count(clinic.acting("care"), patient) }
    for _ in 0..<2 {
      #expect(
        await code { _ = try await clinic.count(clinic.acting("sales"), patient) }
          == .unknownPurpose)
    }
    _ = try await vault.requests.open(.access, of: patient, subject: FileClinic.ada)
    _ = try await vault.requests.open(
      .erasure, of: patient, subject: FileClinic.bob,
      receivedAt: DateTime(iso8601: "2026-01-15T10:00:00Z") ?? .now)
    _ = try await vault.breaches.open(
      Breach(awareAt: .now, kinds: [.availability], facts: "canary-facts"))
    try await vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
    try await clinic.gdpr.recordDisclosure(
      FileClinic.ada, to: "lab-9", fields: ["name"], purpose: "care")
    try await clinic.gdpr.rightToRestriction(FileClinic.ada, ground: .accuracyContested)
  }

  /// Every number is that of the log and the registers.
  @Test func theNumbersAreThoseOfTheLog() async throws {
    let clinic = try await FileClinic { $0.purposes = .registered }
    let vault = clinic.vault
    try await Task.sleep(for: .milliseconds(2))
    let start = DateTime.now
    try await happenings(clinic)
    let end = future
    let report = try await vault.complianceReport(from: start, to: end)
    var actions: [String: Int] = [:]
    var purposes: [String: Int] = [:]
    for try await event in vault.audit.events(matching: .init(from: start, to: end)) {
      // This very reading of the log is an event as well; the report was made before it.
      if event.action == .auditQuery { continue }
      actions[event.action.rawValue, default: 0] += 1
      purposes[event.purpose ?? "none", default: 0] += 1
    }
    #expect(report.actions == actions && report.purposes == purposes)
    #expect(report.actions["count"] == 5 && report.purposes["care"] == 3)
    #expect(report.refusals == ["unknownPurpose": 2] && report.outcomes["refused"] == 2)
    #expect(report.openRequests == 2 && report.overdueRequests == 1)
    #expect(report.breaches == 1 && report.breachesDue == 1)
    #expect(report.duties["recipientsToTell"] == 1 && report.duties["personsToInform"] == 0)
    #expect(report.weaknesses.contains("Patient: encryption"))
    #expect(report.auditIsWhole && report.provenEvents >= actions.values.reduce(0, +))
    for text in [report.json, report.html] {
      #expect(!text.contains("Canary") && !text.contains("canary"))
      #expect(!text.contains("\(FileClinic.ada)") && text.contains("unknownPurpose"))
    }
    await clinic.close()
  }

  /// The age of keys, and what a sweep has to do.
  @Test func keysAndRetentionAreInIt() async throws {
    let clinic = try await FileClinic {
      $0.retention.rules = [.after(nil, .years(1), DataScope("Session"), then: .erase)]
    }
    let start = DateTime(milliseconds: 0)
    let before = try await clinic.vault.complianceReport(from: start, to: future)
    #expect(before.retentionDue == ["Session": 2] && before.keyAgeDays == nil)
    #expect(before.document["retentionDue"]?.asDocument?["Session"] == 2)
    _ = try await clinic.vault.retention.run()
    #expect(
      try await clinic.vault.complianceReport(from: start, to: future).retentionDue.isEmpty)
    await clinic.close()
    let dossier = try await DossierVault()
    let later = DateTime(milliseconds: DateTime.now.milliseconds + 31 * 86_400_000)
    let report = try await dossier.vault.complianceReport(from: start, to: future, now: later)
    #expect(report.keyAgeDays == 31 && !report.isKeyRotationDue)
    #expect(report.document["keys"]?.asDocument?["ageDays"] == 31)
  }

  @Test func aPeriodBeforeEverythingIsEmpty() async throws {
    let clinic = try await FileClinic()
    let empty = try await clinic.vault.complianceReport(
      from: DateTime(milliseconds: 0), to: DateTime(milliseconds: 1))
    #expect(empty.actions.isEmpty && empty.breaches == 0)
    await clinic.close()
  }

  // MARK: - Evidence

  private func bundle(_ clinic: FileClinic) async throws -> EvidenceBundle {
    _ = try await clinic.gdpr.rightToErasure(
      FileClinic.ada, .init(requestedBy: FileClinic.ada, reason: "r", legalBasis: .article17))
    return try await clinic.vault.evidence(from: DateTime(milliseconds: 0), to: future)
  }

  @Test func aChangedByteOfEvidenceNamesItsMember() async throws {
    let clinic = try await FileClinic()
    let bundle = try await bundle(clinic)
    let key = clinic.vault.audit.publicKey
    #expect(bundle.members.map(\.name).contains("certificates"))
    #expect(bundle.members.first { $0.name == "certificates" }?.text.contains("saga") == true)
    #expect(!bundle.json.contains("Canary") && !bundle.json.contains("canary"))
    // What is not there is said.
    #expect(bundle.gaps == ["no purpose is registered", "no notice is published"])
    let read = try EvidenceBundle(json: bundle.json)
    try read.verify(publicKey: key)
    #expect(read == bundle)
    for member in bundle.members where !member.text.isEmpty {
      var whole = try Document(extendedJSON: bundle.json)
      var parts = try #require(whole["members"]?.asDocument)
      var bytes = Array(member.text.utf8)
      bytes[bytes.count / 2] ^= 1
      parts[member.name] = .string(String(decoding: bytes, as: UTF8.self))
      whole["members"] = .document(parts)
      let forged = try EvidenceBundle(json: whole.extendedJSON(.relaxed))
      let error = await failure { try forged.verify(publicKey: key) }
      #expect(error?.code == .tampered && error?.fields == [member.name])
    }
    await clinic.close()
  }

  @Test func whatIsTakenAwayOrSignedByOthersIsFound() async throws {
    let clinic = try await FileClinic()
    let bundle = try await bundle(clinic)
    var whole = try Document(extendedJSON: bundle.json)
    var parts = try #require(whole["members"]?.asDocument)
    parts.remove("events")
    whole["members"] = .document(parts)
    let less = try EvidenceBundle(json: whole.extendedJSON(.relaxed))
    let key = clinic.vault.audit.publicKey
    #expect(await failure { try less.verify(publicKey: key) }?.fields == ["events"])
    whole = try Document(extendedJSON: bundle.json)
    whole["gaps"] = .array([])
    let clean = try EvidenceBundle(json: whole.extendedJSON(.relaxed))
    #expect(await failure { try clean.verify(publicKey: key) }?.fields == ["gaps"])
    let other = Array(repeating: UInt8(1), count: 32)
    #expect(await failure { try bundle.verify(publicKey: other) }?.fields == ["manifest"])
    #expect(await code { _ = try EvidenceBundle(json: "{}") } == .malformed)
    #expect(await code { _ = try SignedStatement(json: "{}") } == .malformed)
    await clinic.close()
  }
}

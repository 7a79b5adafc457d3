import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct RecordAccessTests {
  private func clinic() async throws -> KeyedClinic {
    try await KeyedClinic { options in
      var policy = FieldPolicy()
      policy.allow(role: "clinician", purpose: "treatment", on: "Visit")
      policy.reserve("process", on: "Visit", writtenBy: "doctor")
      options.fieldPolicy = policy
      options.fhir = [
        FHIRMapping(
          "Patient", as: "Patient", ["name": "name[0].text", "phone": "telecom[0].value"]),
        FHIRMapping(
          "Visit", as: "Encounter", ["summary": "reasonCode[0].text", "process": "text.div"],
          constants: ["status": "finished", "class.code": "AMB"], subject: "subject"),
      ]
    }
  }

  @Test func theCopyIsABundle() async throws {
    let clinic = try await clinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let copy = try await hipaa.rightOfAccess("p1", .init(format: .fhirR4))
    let bundle = try Document(extendedJSON: copy.text)
    #expect(bundle["resourceType"] == "Bundle" && bundle["type"] == "collection")
    let resources = (bundle["entry"]?.asArray ?? []).compactMap {
      $0.asDocument?["resource"]?.asDocument
    }
    #expect(resources.map { $0["resourceType"] } == ["Patient", "Encounter", "Encounter"])
    #expect(resources.first?["name"]?.asArray?.first?.asDocument?["text"] == "Ada Canary")
    for visit in resources.dropFirst() {
      #expect(visit["subject"]?.asDocument?["reference"] == "urn:privata:Patient/p1")
      // Psychotherapy notes are no part of the record set, whatever maps them.
      #expect(visit["text"] == nil)
    }
    #expect(!copy.text.contains("canary-process") && !copy.text.contains("Bob"))
    await clinic.vault.close()
  }

  @Test func whatHasNoMappingIsRefused() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let error = await failure { _ = try await hipaa.rightOfAccess("p1", .init(format: .fhirR4)) }
    #expect(error?.code == .badArgument && error?.fields == ["format"])
    await clinic.vault.close()
  }

  @Test func aFeeIsWhatTheCopyCost() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    var request = RecordAccessRequest(
      format: .csv, requester: .thirdParty("Lawyer", signedAt: .now))
    #expect(try await hipaa.rightOfAccess("p1", request).fee == 0)
    request.fee = RecordAccessFee(labor: 350, supplies: 100, postage: 250, summary: 1_000)
    #expect(try await hipaa.rightOfAccess("p1", request).fee == 1_700)
    request.fee?.postage = -1
    #expect(await code { _ = try await hipaa.rightOfAccess("p1", request) } == .badArgument)
    await clinic.vault.close()
  }

  /// 30 days, 30 more with a reason in writing, and the earlier of two laws' periods.
  @Test func thePeriodIsTheLaws() async throws {
    let clock = TestClock()
    let clinic = try await KeyedClinic(clock) { options in
      var hipaa = HIPAAOptions()
      hipaa.clock = { clock.now }
      options.hipaa = hipaa
    }
    clock.set(try #require(DateTime(iso8601: "2028-02-20T12:00:00Z")))
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let received = try #require(DateTime(iso8601: "2028-02-01T12:00:00Z"))
    func due(
      _ delay: RecordAccessDelay? = nil, underGDPR: Bool = false
    ) async throws -> String {
      var request = RecordAccessRequest(receivedAt: received)
      request.delay = delay
      request.isUnderGDPR = underGDPR
      return String(try await hipaa.rightOfAccess("p1", request).dueAt.iso8601.prefix(10))
    }
    let told = RecordAccessDelay(reason: "records abroad", toldAt: clock.now)
    #expect(try await due() == "2028-03-02")
    #expect(try await due(underGDPR: true) == "2028-03-01")
    #expect(try await due(told) == "2028-04-01")
    for bad in [
      RecordAccessDelay(reason: "", toldAt: clock.now),
      RecordAccessDelay(
        reason: "late", toldAt: try #require(DateTime(iso8601: "2028-03-03T00:00:00Z"))),
    ] {
      #expect(await code { _ = try await due(bad) } == .badArgument)
    }
    await clinic.vault.close()
  }
}

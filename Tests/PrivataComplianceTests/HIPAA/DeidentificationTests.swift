import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct DeidentificationTests {
  private let kinds: [String: IdentifierKind] = [
    "_id": .otherUnique, "name": .name, "email": .email, "phone": .phone, "ward": .safe,
    "diagnosis": .safe, "weight": .safe, "zip": .zip, "born": .birthDate, "seen": .date,
    "age": .age,
  ]

  @Test func codesAreOfTheirSetAlone() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let first = try await hipaa.deidentify(.safeHarbor(SafeHarbor(kinds)), codes: true)
    let second = try await hipaa.deidentify(.safeHarbor(SafeHarbor(kinds)), codes: true)
    #expect(first.records.count == 2 && first.removed[.name] == 2)
    #expect(first.records[1]["diagnosis"] == "J45" && !first.records[0].contains("_id"))
    let codes = (first.records + second.records)
      .compactMap { $0[DeidentifiedSet.code]?.asString }
    #expect(Set(codes).count == 4 && codes.allSatisfy { $0.count == 32 })
    let resolver = clinic.acting("r", "officer", "reidentification")
      .hipaa(for: clinic.models.patient)
    #expect(try await resolver.reidentify(codes[0], in: first.id) == "p1")
    #expect(try await resolver.reidentify(codes[3], in: second.id) == "p2")
    #expect(await code { _ = try await resolver.reidentify(codes[0], in: second.id) } == .notFound)
    let other = clinic.acting("r", "officer", "research").hipaa(for: clinic.models.patient)
    #expect(
      await code { _ = try await other.reidentify(codes[0], in: first.id) } == .accessDenied)
    await clinic.vault.close()
    for code in codes { #expect(try !clinic.holds(code)) }
  }

  @Test func codesAreDrawnEvenly() async throws {
    let clinic = try await KeyedClinic()
    var more: [Document] = []
    for number in 0..<500 { more.append(["_id": .string("n\(number)"), "ward": "x"]) }
    try await clinic.insert(clinic.models.patient, more)
    let set = try await clinic.vault.hipaa(for: clinic.models.patient)
      .deidentify(.safeHarbor(SafeHarbor(kinds)), codes: true)
    var counts: [Character: Int] = [:]
    for record in set.records {
      for digit in record[DeidentifiedSet.code]?.asString ?? "" { counts[digit, default: 0] += 1 }
    }
    // 16,064 digits: 1,004 of each, within six standard deviations.
    #expect(counts.count == 16 && counts.values.allSatisfy { (820...1190).contains($0) })
    await clinic.vault.close()
  }

  @Test func anUnmappedFieldEndsIt() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    var less = kinds
    less["phone"] = nil
    let found = await code {
      _ = try await hipaa.deidentify(.safeHarbor(SafeHarbor(less)))
    }
    #expect(found == .badArgument)
    await clinic.vault.close()
  }

  private func people() async throws -> KeyedClinic {
    let clinic = try await KeyedClinic()
    let model = clinic.models.patient
    _ = try await clinic.vault.store.write(.delete(Delete(model, where: .all)))
    var people: [Document] = []
    for number in 0..<24 {
      people.append([
        "_id": .string("n\(number)"), "name": .string("Name\(number)"),
        "ward": .string(number < 12 ? "north" : "south"), "zip": "10001",
        "diagnosis": .string("D\(number % 3)"), "seen": "2025-03-04",
      ])
    }
    people.append([
      "_id": "unique", "ward": "north", "zip": "90210", "diagnosis": "D9", "seen": "2025-03-04",
    ])
    try await clinic.insert(model, people)
    return clinic
  }

  @Test func anExpertAsksForFigures() async throws {
    let clinic = try await people()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let end = DateTime(milliseconds: DateTime.now.milliseconds + 1_000_000)
    let expert = ExpertDetermination(
      reference: "ED-1", expires: end, k: 11, quasi: ["ward", "zip"], sensitive: "diagnosis", l: 3)
    let set = try await hipaa.deidentify(.expert(expert, SafeHarbor(kinds)))
    #expect(set.records.count == 24 && set.suppressed == 1)
    #expect(set.figures?.k == 12 && set.figures?.l == 3 && set.figures?.groups == 2)
    #expect(set.figures.map { $0.t < 0.001 } == true)
    #expect(!set.records.contains { $0["diagnosis"] == "D9" })
    var strict = expert
    strict.l = 4
    #expect(try await hipaa.deidentify(.expert(strict, SafeHarbor(kinds))).records.isEmpty)
    var near = expert
    near.t = 0.01
    #expect(try await hipaa.deidentify(.expert(near, SafeHarbor(kinds))).records.isEmpty)
    for change: (inout ExpertDetermination) -> Void in [
      { $0.reference = "" }, { $0.expires = DateTime(milliseconds: 0) }, { $0.k = 1 },
      { $0.quasi = [] },
    ] {
      var bad = expert
      change(&bad)
      let found = await code {
        _ = try await hipaa.deidentify(.expert(bad, SafeHarbor(kinds)))
      }
      #expect(found == .badArgument)
    }
    await clinic.vault.close()
  }

  @Test func shiftedDatesKeepTheirDistance() async throws {
    let clinic = try await people()
    let model = clinic.models.patient
    _ = try await clinic.vault.store.write(.delete(Delete(model, where: .all)))
    try await clinic.insert(
      model,
      [
        ["_id": "a", "ward": "n", "born": "1980-01-01", "seen": "2025-03-04"],
        ["_id": "b", "ward": "n", "born": "1980-01-01", "seen": "2025-03-04"],
      ])
    let expert = ExpertDetermination(
      reference: "ED-2", expires: DateTime(milliseconds: DateTime.now.milliseconds + 1_000_000),
      k: 2, quasi: ["ward"], dates: .shift(days: 300))
    let set = try await clinic.vault.hipaa(for: model)
      .deidentify(.expert(expert, SafeHarbor(kinds)))
    #expect(set.records.count == 2)
    for record in set.records {
      let born = try #require(DateTime(iso8601: (record["born"]?.asString ?? "") + "T00:00:00Z"))
      let seen = try #require(DateTime(iso8601: (record["seen"]?.asString ?? "") + "T00:00:00Z"))
      #expect((seen.milliseconds - born.milliseconds) / 86_400_000 == 16_499)
      #expect(record["born"] != "1980-01-01")
    }
    await clinic.vault.close()
  }

  @Test func limitedDataSetsNeedAnAgreement() async throws {
    let clinic = try await people()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let number = try await hipaa.fileAgreement(
      DataUseAgreement(recipient: "University", purposes: [.research]))
    let set = try await hipaa.limitedDataSet(kinds, agreement: number, purpose: .research)
    #expect(set.records.count == 25)
    #expect(set.records.allSatisfy { $0["seen"] == "2025-03-04" && $0.contains("zip") })
    #expect(!set.records.contains { $0.contains("name") || $0.contains("_id") })
    func make(_ number: String, _ purpose: DataUseAgreement.Purpose) async -> PrivataError.Code? {
      await code { _ = try await hipaa.limitedDataSet(kinds, agreement: number, purpose: purpose) }
    }
    #expect(await make("none", .research) == .notFound)
    #expect(await make(number, .publicHealth) == .accessDenied)
    let over = try await hipaa.fileAgreement(
      DataUseAgreement(
        recipient: "University", purposes: [.research], until: DateTime(milliseconds: 0)))
    #expect(await make(over, .research) == .accessDenied)
    #expect(
      await code {
        _ = try await hipaa.fileAgreement(DataUseAgreement(recipient: "U", purposes: []))
      } == .badArgument)
    await clinic.vault.close()
  }
}

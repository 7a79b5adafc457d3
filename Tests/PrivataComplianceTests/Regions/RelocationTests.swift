import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@Suite struct RelocationTests {
  private let consent = TransferBasis.derogation(.explicitConsent(reference: "c-1"))

  @Test func aPersonMovesWithAllThatIsAboutThem() async throws {
    let regions = try await TwoRegions(keys: true)
    try await regions.fill()
    let gdpr = regions.vault.gdpr(for: TwoRegions.person)
    try await gdpr.rightToObject("eu_ada", purpose: "marketing")
    let before = try await regions.raw(.eu, "identity", "people").compactMap {
      $0["pseudonym"]?.asString
    }
    let result = try await gdpr.relocate("eu_ada", to: .us, basis: consent)
    #expect(result.from == .eu && result.to == .us && result.records == 2)
    #expect(result.transfer?.basis == "explicitConsent")
    #expect(try await regions.text(.us).contains("Ada Canary"))
    #expect(try await regions.text(.us).contains("canary-visit-1"))
    for trace in ["Ada Canary", "eu_ada", "canary-asthma", "canary-visit-1"] {
      #expect(try await !regions.text(.eu).contains(trace))
    }
    // A fresh pseudonym: nothing links the regions.
    let after = try await regions.raw(.us, "identity", "people").compactMap {
      $0["pseudonym"]?.asString
    }
    #expect(Set(before).isDisjoint(with: after))
    let report = try await gdpr.rightToAccess("eu_ada")
    #expect(report.records.flatMap(\.records).count == 2)
    #expect(try await gdpr.objections("eu_ada") == ["marketing"])
    for region in [Region.eu, .us] {
      #expect(try await regions.events(region, .relocate).count == 1)
    }
    #expect(try await regions.events(.eu, .transfer).map(\.outcome) == [.success])
    #expect(
      try await regions.ids(Query(TwoRegions.person, sort: [SortKey("_id")]))
        == ["cleo", "dan", "eu_ada", "eve", "us_bob"])
    // And back, for which the law asks no ground.
    let back = try await gdpr.relocate("eu_ada", to: .eu)
    #expect(back.transfer == nil)
    #expect(try await regions.text(.eu).contains("canary-asthma"))
    #expect(try await !regions.text(.us).contains("Ada Canary"))
  }

  @Test func withoutAGroundNothingMoves() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let gdpr = regions.vault.gdpr(for: TwoRegions.person)
    let before = try await regions.text(.us)
    for (id, target, code) in [
      ("eu_ada", Region.us, PrivataError.Code.transferRefused), ("eu_ada", .eu, .badArgument),
      ("nobody", .us, .notFound), ("eu_ada", .uk, .residencyViolation),
    ] {
      let error = await #expect(throws: PrivataError.self) {
        _ = try await gdpr.relocate(id, to: target)
      }
      #expect(error?.code == code)
    }
    try await gdpr.placeHold("eu_ada", matter: "m-1")
    let held = await #expect(throws: PrivataError.self) {
      _ = try await gdpr.relocate("eu_ada", to: .us, basis: consent)
    }
    #expect(held?.code == .legalHold)
    #expect(try await regions.text(.us) == before)
    #expect(try await regions.text(.eu).contains("canary-asthma"))
    let plain = try await Clinic()
    await #expect(throws: PrivataError.self) {
      _ = try await plain.vault.gdpr(for: plain.models.patient).relocate(Clinic.ada, to: .us)
    }
  }

  @Test func aTargetThatFailsLeavesThePersonWhereTheyWere() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    // The visit's number is taken there.
    _ = try await regions.vault.region(.us).store.write(
      .insert(Insert(TwoRegions.visit, .documents([["_id": 1, "person": "dan"]]))))
    let gdpr = regions.vault.gdpr(for: TwoRegions.person)
    await #expect(throws: PrivataError.self) {
      _ = try await gdpr.relocate("eu_ada", to: .us, basis: consent)
    }
    #expect(try await !regions.text(.us).contains("Ada Canary"))
    #expect(try await gdpr.rightToAccess("eu_ada").records.flatMap(\.records).count == 2)
    // Nothing is left in the way of a change.
    let changed = try await regions.store.write(
      .update(
        Update(
          TwoRegions.person, where: .document(["_id": "eu_ada"]), .operators(["$inc": ["age": 1]])))
    )
    #expect(changed.matched == 1)
  }

  @Test func oneRegionServesAtEveryMoment() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let gdpr = regions.vault.gdpr(for: TwoRegions.person)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for round in 0..<6 {
          _ = try await gdpr.relocate(
            "eu_ada", to: round % 2 == 0 ? .us : .eu,
            basis: .safeguards(
              .init(
                .bindingRules, reference: "b",
                assessment: .init(
                  reference: "t",
                  reviewBy: .init(milliseconds: DateTime.now.milliseconds + 1_000_000)))))
        }
      }
      for _ in 0..<150 {
        let all = try await regions.ids(Query(TwoRegions.person))
        #expect(all.filter { $0 == "eu_ada" }.count == 1)
      }
      try await group.waitForAll()
    }
    #expect(
      try await regions.ids(Query(TwoRegions.person, where: .document(["_id": "eu_ada"])))
        == ["eu_ada"])
  }

  @Test func anErasureComesAfterTheMoveAndFindsThePerson() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let gdpr = regions.vault.gdpr(for: TwoRegions.person)
    async let moved = gdpr.relocate("eu_ada", to: .us, basis: consent)
    _ = try await moved
    _ = try await gdpr.rightToErasure(
      "eu_ada",
      .init(requestedBy: "eu_ada", reason: "asked", legalBasis: .article17, clinical: .erase))
    for region in [Region.eu, .us] {
      #expect(try await !regions.text(region).contains("Ada Canary"))
      #expect(try await !regions.text(region).contains("canary-asthma"))
    }
  }
}

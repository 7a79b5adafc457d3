import PrivataCompliance
import PrivataCore
import Testing

@Suite struct RegionPolicyTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let evidence: RegionEvidence
    let region: Region
    let basis: RegionDecision.Basis
    let needsReview: Bool
    let testDescription: String

    init(
      _ name: String, _ evidence: RegionEvidence, _ region: Region, _ basis: RegionDecision.Basis,
      review: Bool = false
    ) {
      testDescription = name
      self.evidence = evidence
      self.region = region
      self.basis = basis
      needsReview = review
    }
  }

  static let orders: [Row] = [
    Row("nothing", .init(), .eu, .strictest),
    Row("override wins", .init(override: .us, stored: .eu, id: "uk_1"), .us, .override),
    Row("stored wins over signals", .init(stored: .us, id: "eu_1"), .us, .stored),
    Row("id", .init(id: "us_1"), .us, .id),
    Row("data", .init(record: ["country": "US"]), .us, .data),
    Row("request that states", .init(request: .init(stated: .us)), .us, .request),
    Row("all agree", .init(id: "us-1", record: ["country": "USA"]), .us, .id),
    Row(
      "id against data", .init(id: "us_1", record: ["country": "FR"]), .eu, .data, review: true),
    Row(
      "data against request", .init(record: ["country": "GB"], request: .init(stated: .us)), .uk,
      .data, review: true),
    Row(
      "network alone never moves out", .init(request: .init(networkCountry: "US")), .eu, .strictest,
      review: true),
    Row("network that agrees", .init(request: .init(networkCountry: "DE")), .eu, .strictest),
    Row(
      "network against id", .init(id: "us_1", request: .init(networkCountry: "DE")), .us, .id),
    Row("an unknown country says nothing", .init(record: ["country": "Elbonia"]), .eu, .strictest),
    Row(
      "+1 is shared by states", .init(record: ["phone": "+1 212 555 0100"]), .eu, .strictest,
      review: true),
    Row("an unknown prefix says nothing", .init(id: "zz_1"), .eu, .strictest),
    Row("no prefix", .init(id: "12345"), .eu, .strictest),
    Row("a country that is no text", .init(record: ["country": 5]), .eu, .strictest),
  ]

  static let countries: [Row] =
    ([
      ("AT", Region.eu), ("de", .eu), ("Deutschland", .eu), ("FR", .eu), ("GR", .eu), ("EL", .eu),
      ("IS", .eu), ("LI", .eu), ("NO", .eu), ("HR", .eu), ("IE", .eu), ("MT", .eu), ("CY", .eu),
      ("SE", .eu), ("FI", .eu), ("DK", .eu), ("EE", .eu), ("LV", .eu), ("LT", .eu), ("SI", .eu),
      ("SK", .eu),
      ("GB", .uk), ("UK", .uk), ("United Kingdom", .uk), ("US", .us), ("USA", .us),
      ("United States", .us), ("PR", .us), ("GU", .us), ("VI", .us), ("AS", .us), ("MP", .us),
    ] as [(String, Region)]).map { name, region in
      Row("country \(name)", .init(record: ["address": ["country": .string(name)]]), region, .data)
    }

  static let phones: [Row] =
    ([
      ("+49 30 901820", Region.eu), ("0049 30 901820", .eu), ("+33123456789", .eu),
      ("+353 1 679 2000", .eu), ("+359 2 921 9151", .eu), ("+358 9 310 1641", .eu),
      ("+386 1 478 1000", .eu), ("+44 20 7946 0958", .uk),
    ] as [(String, Region)]).map { number, region in
      Row("phone \(number)", .init(record: ["mobile": .string(number)]), region, .data)
    }

  static let silentPhones: [Row] = ["030 901820", "+81 3 1234 5678", "+", "none"].map {
    Row("phone \($0)", .init(record: ["phone": .string($0)]), .eu, .strictest)
  }

  @Test(arguments: orders + countries + phones + silentPhones) func decides(_ row: Row) {
    let decision = RegionPolicy().decide(row.evidence)
    #expect(decision.region == row.region)
    #expect(decision.basis == row.basis)
    #expect(decision.needsReview == row.needsReview)
    #expect(RegionPolicy().decide(row.evidence) == decision)
  }

  @Test func aProgramBringsItsOwnRegions() {
    let ch = Region("ch")
    let policy = RegionPolicy(
      strictness: [ch, .eu], ids: IDPrefixRegions(["ch": ch, "eu": .eu]),
      data: DataRegions(country: ["home"], phone: []))
    #expect(policy.decide(.init(id: "CH:7")).region == ch)
    #expect(policy.decide(.init(id: "eu_7", record: ["home": "US"])).region == .eu)
    #expect(policy.decide(.init()).region == ch)
    #expect("\(ch)" == "ch")
  }
}

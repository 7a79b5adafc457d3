import Foundation
import PrivataCompliance
import PrivataCore
import Testing

@Suite struct TransferTests {
  static let future = DateTime(milliseconds: DateTime.now.milliseconds + 86_400_000)
  static let past = DateTime(milliseconds: DateTime.now.milliseconds - 86_400_000)

  static func clauses(
    module: Int = 2, reference: String = "scc-1", review: DateTime? = future,
    measures: Set<TransferSafeguards.Measure> = []
  ) -> TransferBasis {
    .safeguards(
      .init(
        .standardClauses(module: module), reference: reference,
        assessment: review.map { .init(reference: "tia-1", reviewBy: $0) }, measures: measures))
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let transfer: Transfer
    /// The ground; `nil` where it is refused.
    let basis: String?

    init(
      _ name: String, from: Region = .eu, to country: String, commercial: Bool = false,
      certified: Bool = false, _ basis: TransferBasis? = nil, gives ground: String?
    ) {
      testDescription = name
      transfer = Transfer(
        from: from,
        to: .init(
          country: country, recipient: "Lab \(name)", isCommercial: commercial,
          isCertified: certified), basis: basis, model: "Person", count: 3)
      self.basis = ground
    }
  }

  static let rows: [Row] = [
    Row("within the area", to: "FR", gives: "within"),
    Row("the area itself", to: "EU", gives: "within"),
    Row("adequate for all", to: "CH", gives: "adequacy"),
    Row("adequate, small letters", to: "nz", gives: "adequacy"),
    Row("the United Kingdom", to: "GB", gives: "adequacy"),
    Row("Canada, commercial", to: "CA", commercial: true, gives: "adequacy"),
    Row("Canada, an office", to: "CA", gives: nil),
    Row("America, certified", to: "US", certified: true, gives: "adequacy"),
    Row("America, not certified", to: "US", commercial: true, gives: nil),
    Row("America by clauses", to: "US", clauses(), gives: "standardClauses.2"),
    Row("India without ground", to: "IN", gives: nil),
    Row("India by clauses", to: "IN", clauses(module: 4), gives: "standardClauses.4"),
    Row("clauses of no module", to: "IN", clauses(module: 5), gives: nil),
    Row("clauses without a number", to: "IN", clauses(reference: ""), gives: nil),
    Row("clauses without assessment", to: "IN", clauses(review: nil), gives: nil),
    Row("an old assessment", to: "IN", clauses(review: past), gives: nil),
    Row("keys that are said to stay", to: "IN", clauses(measures: [.keysInRegion]), gives: nil),
    Row(
      "binding rules", to: "IN",
      .safeguards(
        .init(.bindingRules, reference: "bcr", assessment: .init(reference: "t", reviewBy: future))),
      gives: "bindingRules"),
    Row(
      "a code", to: "IN",
      .safeguards(
        .init(.codeOfConduct, reference: "c", assessment: .init(reference: "t", reviewBy: future))),
      gives: "codeOfConduct"),
    Row(
      "a certification", to: "IN",
      .safeguards(
        .init(.certification, reference: "c", assessment: .init(reference: "t", reviewBy: future))),
      gives: "certification"),
    Row(
      "a public instrument", to: "IN",
      .safeguards(
        .init(.publicInstrument, reference: "c", assessment: .init(reference: "", reviewBy: future))
      ),
      gives: nil),
    Row(
      "a public instrument, assessed", to: "IN",
      .safeguards(
        .init(
          .publicInstrument, reference: "c", assessment: .init(reference: "t", reviewBy: future))),
      gives: "publicInstrument"),
    Row(
      "consent", to: "IN", .derogation(.explicitConsent(reference: "c")), gives: "explicitConsent"),
    Row(
      "consent without proof", to: "IN", .derogation(.explicitConsent(reference: "")), gives: nil),
    Row("a contract", to: "IN", .derogation(.contract(reference: "c")), gives: "contract"),
    Row(
      "interest", to: "IN", .derogation(.publicInterest(reference: "c")), gives: "publicInterest"),
    Row("claims", to: "IN", .derogation(.legalClaims(reference: "c")), gives: "legalClaims"),
    Row("life", to: "IN", .derogation(.vitalInterests(reference: "c")), gives: "vitalInterests"),
    Row("a register", to: "IN", .derogation(.register(reference: "c")), gives: "register"),
    Row(
      "compelling, both told", to: "IN",
      .derogation(.compellingInterests(reference: "c", authorityTold: past, personTold: past)),
      gives: "compellingInterests"),
    Row(
      "compelling, person not told", to: "IN",
      .derogation(.compellingInterests(reference: "c", authorityTold: past, personTold: nil)),
      gives: nil),
    Row(
      "compelling, told tomorrow", to: "IN",
      .derogation(.compellingInterests(reference: "c", authorityTold: future, personTold: past)),
      gives: nil),
    Row("out of America", from: .us, to: "IN", gives: "unrestricted"),
  ]

  @Test(arguments: rows) func isJudged(_ row: Row) async throws {
    let regions = try await TwoRegions()
    let transfers = regions.vault.transfers
    if let basis = row.basis {
      let record = try await transfers.authorise(row.transfer)
      #expect(record.basis == basis)
      #expect(record.outcome == "allowed")
    } else {
      let error = await #expect(throws: PrivataError.self) {
        try await transfers.authorise(row.transfer)
      }
      #expect(error?.code == .transferRefused)
    }
    // Written down and audited, however it ended.
    let records = try await transfers.records(from: row.transfer.from)
    #expect(records.count == 1)
    #expect(records.first?.outcome == (row.basis == nil ? "transferRefused" : "allowed"))
    #expect(records.first?.tableVersion == AdequacyTable.bundled.version)
    let events = try await regions.events(row.transfer.from, .transfer)
    #expect(events.map(\.subjectOf) == records.map(\.id))
    #expect(events.first?.outcome == (row.basis == nil ? .refused : .success))
    #expect(events.first?.fields.contains("to:\(row.transfer.destination.country)") == true)
  }

  @Test func theUnitedKingdomTakesTheAreaForAdequate() async throws {
    let vault = try await Clinic().vault
    let record = try await vault.transfers.authorise(
      Transfer(from: .uk, to: .init(country: "DE", recipient: "Lab")))
    #expect(record.basis == "within")
  }

  @Test func aDerogationIsNoHabit() async throws {
    let regions = try await TwoRegions()
    let transfer = Transfer(
      to: .init(country: "IN", recipient: "Lab"), basis: .derogation(.legalClaims(reference: "c")))
    for _ in 0..<3 { try await regions.vault.transfers.authorise(transfer) }
    let error = await #expect(throws: PrivataError.self) {
      try await regions.vault.transfers.authorise(transfer)
    }
    #expect(error?.code == .transferPendingReview)
    var other = transfer
    other.destination.recipient = "Other"
    try await regions.vault.transfers.authorise(other)
    #expect(
      try await regions.vault.transfers.records().map(\.outcome).sorted()
        == ["allowed", "allowed", "allowed", "allowed", "transferPendingReview"])
  }

  @Test func keysThatStayAreChecked() async throws {
    let sealed = try await TwoRegions(keys: true)
    let transfer = Transfer(
      to: .init(country: "US", recipient: "Lab"), basis: Self.clauses(measures: [.keysInRegion]))
    #expect(try await sealed.vault.transfers.authorise(transfer).basis == "standardClauses.2")
    let plain = try await TwoRegions()
    await #expect(throws: PrivataError.self) {
      try await plain.vault.transfers.authorise(transfer)
    }
  }

  // MARK: - The table

  @Test func decisionsBeginAndEnd() throws {
    let table = AdequacyTable.bundled
    let day = { (text: String) in try #require(DateTime(iso8601: text + "T12:00:00Z")) }
    #expect(table.decision(for: "GB", at: try day("2021-06-27")) == nil)
    #expect(table.decision(for: "GB", at: try day("2026-01-01"))?.scope == .all)
    #expect(table.decision(for: "GB", at: try day("2031-12-28")) == nil)
    #expect(table.decision(for: "US", at: try day("2023-07-01")) == nil)
    #expect(table.decision(for: "us", at: try day("2026-01-01"))?.scope == .certified)
    #expect(table.decision(for: "IN", at: try day("2026-01-01")) == nil)
    #expect(!table.isStale(at: try day("2026-03-01")))
    #expect(table.isStale(at: try day("2026-12-01")))
  }

  @Test func aTableIsReadFromJSON() throws {
    let table = try AdequacyTable(
      json: """
        {"version": "x", "checkedAt": "2026-02-01", "decisions": [
          {"country": "br", "scope": "all", "from": "2026-01-27", "until": "2030-01-27", "source": "s"}]}
        """)
    let moment = try #require(DateTime(iso8601: "2026-06-01T00:00:00Z"))
    #expect(table.decision(for: "BR", at: moment)?.source == "s")
    #expect(table.version == "x")
  }

  @Test(arguments: [
    "{}", "[]", "{\"version\": \"x\", \"checkedAt\": \"soon\", \"decisions\": []}",
    "{\"version\": \"x\", \"checkedAt\": \"2026-02-01\", \"decisions\": [{\"country\": \"BRA\"}]}",
    "{\"version\": \"x\", \"checkedAt\": \"2026-02-01\", \"decisions\": [{\"country\": \"BR\", \"scope\": \"all\", \"from\": \"2026-02-01\", \"until\": \"x\", \"source\": \"s\"}]}",
  ])
  func aTableThatIsNoneIsRefused(_ json: String) {
    #expect(throws: PrivataError.self) { try AdequacyTable(json: json) }
  }

  // MARK: - Callers of another region

  private static let american = AccessContext(
    actor: .user("n1"), role: "nurse", purpose: "treatment", region: "us")
  private static let european = AccessContext(
    actor: .user("n2"), role: "nurse", purpose: "treatment", region: "eu")

  private func names(_ vault: Vault, _ filter: Filter = .all) async throws -> Set<String> {
    Set(
      try await vault.store.rows(for: Query(TwoRegions.person, where: filter)).documents
        .compactMap { $0["_id"]?.asString })
  }

  @Test func aCallerOfAnotherRegionNeedsAGround() async throws {
    let regions = try await TwoRegions()
    try await regions.fill()
    let american = regions.vault.acting(as: Self.american)
    for filter in [Filter.all, .document(["_id": "eu_ada"])] {
      let error = await #expect(throws: PrivataError.self) {
        _ = try await names(american, filter)
      }
      #expect(error?.code == .residencyViolation)
    }
    let refused = try await regions.events(.eu, .transfer)
    #expect(refused.map(\.outcome) == [.refused, .refused])
    #expect(try await regions.events(.eu, .read).isEmpty)
    // Their own region is theirs, by key and as a whole.
    #expect(try await names(american, .document(["_id": "dan"])) == ["dan"])
    #expect(
      try await names(try regions.vault.region(.us).acting(as: Self.american))
        == ["us_bob", "dan"])
    // What is not personal is no transfer.
    #expect(try await american.store.rows(for: Query(TwoRegions.ward)).count == 1)
    // America's law asks for nothing.
    let european = regions.vault.acting(as: Self.european)
    #expect(try await names(european).count == 5)
    await #expect(throws: PrivataError.self) {
      _ = try await american.store.write(
        .update(
          Update(
            TwoRegions.person, where: .document(["_id": "eu_ada"]),
            .operators(["$set": ["name": "x"]]))))
    }
    #expect(try await regions.text(.eu).contains("Ada Canary"))
  }

  @Test func aStandingTransferOpensAndRevocationCloses() async throws {
    let regions = try await TwoRegions {
      $0.transfers.standing = [
        .init(
          from: .eu, to: .us, .init(country: "US", recipient: "Clinic Inc.", isCertified: true))
      ]
    }
    try await regions.fill()
    let american = regions.vault.acting(as: Self.american)
    #expect(try await names(american).count == 5)
    let event = try #require(try await regions.events(.eu, .transfer).first)
    #expect(event.outcome == .success)
    #expect(event.fields.contains("basis:adequacy"))
    let store = try #require(american.store as? any StreamingStore)
    let stream = try await store.stream(Query(TwoRegions.person), batchSize: 1)
    #expect(try await stream.next() != nil)
    let transfers = regions.vault.transfers
    transfers.use(transfers.adequacy.revoking("US", version: "annulled", at: .now))
    #expect(transfers.adequacy.version == "annulled")
    let error = await #expect(throws: PrivataError.self) { _ = try await stream.next() }
    #expect(error?.code == .residencyViolation)
    await stream.close()
    await #expect(throws: PrivataError.self) { _ = try await names(american) }
  }
}

import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

/// Remembers the alarms that it heard.
private final class Officer: AlarmReceiver {
  private let heard = Mutex<[Alarm]>([])

  var kinds: [Alarm.Kind] { heard.withLock { $0.map(\.kind) } }

  func raise(_ alarm: Alarm) async { heard.withLock { $0.append(alarm) } }
}

/// What a court or an authority of a third country decides is no ground by itself.
@Suite struct ForeignOrderTests {
  private let court = TransferDestination(
    country: "US", recipient: "District Court", isCertified: true, isAuthority: true)

  private func transfer(_ order: String?, _ basis: TransferBasis? = nil) -> Transfer {
    var transfer = Transfer(from: .eu, to: court, basis: basis, model: "Patient", count: 1)
    transfer.order = order
    return transfer
  }

  private func clinic(_ officer: Officer) async throws -> KeyedClinic {
    try await KeyedClinic {
      $0.alarms = AlarmOptions(officer)
      $0.journal.drainMilliseconds = 50
    }
  }

  private func heard(_ officer: Officer, _ kind: Alarm.Kind) async throws -> Int {
    for _ in 0..<200 where !officer.kinds.contains(kind) {
      try await Task.sleep(for: .milliseconds(25))
    }
    return officer.kinds.count { $0 == kind }
  }

  @Test func withoutATreatyItIsBlocked() async throws {
    let officer = Officer()
    let clinic = try await clinic(officer)
    let vault = clinic.vault
    let order = try await vault.foreignOrders.record(
      .init(authority: "District Court", country: "us", reference: "canary-17-cv-1"))
    #expect(!order.isAllowed && !order.id.isEmpty)
    #expect(try await heard(officer, .foreignOrder) == 1)
    let blocked = try await vault.audit.count(
      matching: .init(action: .init(rawValue: "order.blocked")))
    #expect(blocked == 1)
    // Neither the order, nor a certificate of the recipient, nor a derogation opens the way.
    for number in [order.id, nil] {
      for basis in [nil, TransferBasis.derogation(.legalClaims(reference: "17-cv-1"))] {
        let error = await failure {
          try await vault.transfers.authorise(transfer(number, basis))
        }
        #expect(error?.code == .transferRefused)
      }
    }
    #expect(
      await code { try await vault.transfers.authorise(transfer("none")) } == .notFound)
    let refused = try await vault.transfers.records().map(\.outcome)
    #expect(refused == Array(repeating: "transferRefused", count: 4))
    await vault.close()
    #expect(try !clinic.holds("canary-17-cv-1"))
  }

  @Test func anAgreementOpensAndTheGroundIsStillAsked() async throws {
    let clinic = try await clinic(Officer())
    let vault = clinic.vault
    let treaty = try await vault.foreignOrders.record(
      .init(
        authority: "District Court", country: "US", reference: "17-cv-2",
        treaty: "EU-US MLAT 2003"))
    let local = try await vault.foreignOrders.record(
      .init(
        authority: "Other Court", country: "US", reference: "17-cv-3", localBasis: "LG Berlin 4 O 1"
      ))
    #expect(treaty.isAllowed && local.isAllowed)
    let record = try await vault.transfers.authorise(transfer(treaty.id))
    #expect(record.basis == "adequacy" && record.outcome == "allowed")
    // An order to somebody else opens nothing, and one without a ground of the transfer neither.
    #expect(
      await code { try await vault.transfers.authorise(transfer(local.id)) } == .transferRefused)
    var bare = transfer(treaty.id)
    bare.destination.isCertified = false
    #expect(await code { try await vault.transfers.authorise(bare) } == .transferRefused)
    // An authority within the area asks under the area's own law.
    let own = Transfer(
      from: .eu,
      to: .init(country: "DE", recipient: "Amtsgericht", isAuthority: true))
    #expect(try await vault.transfers.authorise(own).basis == "within")
    #expect(Set(try await vault.foreignOrders.all()) == [treaty, local])
    for bad in [
      ForeignOrder(authority: "", country: "US", reference: "r"),
      ForeignOrder(authority: "a", country: "", reference: "r"),
      ForeignOrder(authority: "a", country: "US", reference: ""),
    ] {
      #expect(await code { _ = try await vault.foreignOrders.record(bad) } == .badArgument)
    }
    await vault.close()
  }

  /// A table that nobody looked at for half a year says so by itself, once.
  @Test func anOldTableWarns() async throws {
    let officer = Officer()
    let clinic = try await clinic(officer)
    let vault = clinic.vault
    let plain = Transfer(
      from: .eu, to: .init(country: "CH", recipient: "Lab", isCommercial: true))
    let fresh = AdequacyTable(
      version: "fresh", checkedAt: .now, decisions: AdequacyTable.bundled.decisions)
    vault.transfers.use(fresh)
    try await vault.transfers.authorise(plain)
    let stale = DateTime(milliseconds: DateTime.now.milliseconds - 181 * 86_400_000)
    vault.transfers.use(
      AdequacyTable(
        version: "old", checkedAt: stale, decisions: AdequacyTable.bundled.decisions))
    for _ in 0..<3 { try await vault.transfers.authorise(plain) }
    #expect(try await heard(officer, .staleAdequacy) == 1)
    let events = try await vault.audit.count(matching: .init(action: .staleAdequacy))
    #expect(events == 1)
    await vault.close()
  }
}

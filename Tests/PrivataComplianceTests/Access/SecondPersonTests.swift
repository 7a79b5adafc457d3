import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// What one person alone may not do, beside looser policies.
@Suite struct SecondPersonTests {
  private func clinic() async throws -> KeyedClinic {
    let clock = TestClock()
    let clinic = try await KeyedClinic(clock) { options in
      var hipaa = HIPAAOptions()
      hipaa.clock = { clock.now }
      hipaa.asksForGrants = true
      hipaa.twoPersonActions = [.purge, .holdRelease, .bulkExport]
      hipaa.bulkExport = 2
      options.hipaa = hipaa
    }
    for user in ["sue", "tom"] { try await clinic.vault.workforce.grant("officer", to: user) }
    return clinic
  }

  private func vault(_ clinic: KeyedClinic, _ user: String, _ approval: String? = nil) -> Vault {
    var details = AccessDetails()
    details.approval = approval
    return clinic.acting(user, "officer", "operations", details)
  }

  /// An action, as a vault carries it out.
  private func run(
    _ action: DangerousAction, _ vault: Vault, _ clinic: KeyedClinic
  ) async -> PrivataError.Code? {
    await code {
      switch action {
      case .purge: _ = try await vault.program.purgeDocumentation()
      case .holdRelease:
        try await vault.gdpr(for: clinic.models.patient).releaseHold(
          "p1", matter: "M-1", approvedBy: .user("tom"))
      default:
        let kinds: [String: IdentifierKind] = [
          "_id": .otherUnique, "name": .name, "email": .email, "phone": .phone, "ward": .safe,
          "diagnosis": .safe, "weight": .safe,
        ]
        _ = try await vault.hipaa(for: clinic.models.patient)
          .deidentify(.safeHarbor(SafeHarbor(kinds)))
      }
    }
  }

  @Test(arguments: [DangerousAction.purge, .holdRelease, .bulkExport])
  func aSecondPersonAgreesOnce(_ action: DangerousAction) async throws {
    let clinic = try await clinic()
    try await vault(clinic, "sue").gdpr(for: clinic.models.patient).placeHold("p1", matter: "M-1")
    let sue = vault(clinic, "sue")
    let tom = vault(clinic, "tom")
    #expect(await run(action, sue, clinic) == .approvalRequired)
    let number = try await sue.approvals.request(action, why: "the year is over")
    #expect(await run(action, vault(clinic, "sue", number), clinic) == .approvalRequired)
    #expect(await code { try await sue.approvals.approve(number) } == .accessDenied)
    try await tom.approvals.approve(number)
    // For another action, and for somebody else, it counts nothing.
    let others: [DangerousAction] = [.purge, .holdRelease, .bulkExport].filter { $0 != action }
    for other in others {
      #expect(await run(other, vault(clinic, "sue", number), clinic) == .approvalRequired)
    }
    #expect(await run(action, vault(clinic, "tom", number), clinic) == .accessDenied)
    #expect(await run(action, vault(clinic, "sue", number), clinic) == nil)
    #expect(await run(action, vault(clinic, "sue", number), clinic) == .approvalRequired)
    await clinic.vault.close()
  }

  @Test func anOldOrRevokedAgreementCountsNothing() async throws {
    let clinic = try await clinic()
    let tom = vault(clinic, "tom")
    let late = try await vault(clinic, "sue").approvals.request(.purge, why: "w")
    try await tom.approvals.approve(late)
    clinic.clock.advance(minutes: 25 * 60)
    #expect(await run(.purge, vault(clinic, "sue", late), clinic) == .accessDenied)
    let revoked = try await vault(clinic, "sue").approvals.request(.purge, why: "w")
    try await tom.approvals.approve(revoked)
    try await clinic.vault.workforce.terminate("tom")
    #expect(await run(.purge, vault(clinic, "sue", revoked), clinic) == .accessDenied)
    await clinic.vault.close()
  }

  /// A set of fewer records than are many asks nobody.
  @Test func aSmallSetAsksNobody() async throws {
    let clinic = try await KeyedClinic { options in
      var hipaa = HIPAAOptions()
      hipaa.twoPersonActions = [.bulkExport]
      hipaa.bulkExport = 3
      options.hipaa = hipaa
    }
    #expect(await run(.bulkExport, vault(clinic, "sue"), clinic) == nil)
    await clinic.vault.close()
  }
}

import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct IdentityCheckTests {
  private func clinic() async throws -> FileClinic {
    try await FileClinic { $0.requiresVerifiedRequests = true }
  }

  private func open(
    _ clinic: FileClinic, _ kind: SubjectRequest.Kind = .erasure
  ) async throws -> SubjectRequest {
    try await clinic.vault.requests.open(
      kind, of: clinic.models.patient, subject: FileClinic.ada)
  }

  @Test func nothingIsErasedOrHandedOutBeforeTheCode() async throws {
    let clinic = try await clinic()
    let requests = clinic.vault.requests
    let erasure = ErasureRequest(requestedBy: FileClinic.ada, reason: "r", legalBasis: .article17)
    func erase() async -> PrivataError.Code? {
      await code { _ = try await clinic.gdpr.rightToErasure(FileClinic.ada, erasure) }
    }
    #expect(await erase() == .identityUnverified)
    let request = try await open(clinic)
    let moment = DateTime.now
    let made = try await requests.askForCode(request.id, to: .known(field: "email"), at: moment)
    #expect(made.text.revealed.count >= 8 && "\(made.text)" == "‹protected›")
    #expect(await erase() == .identityUnverified)
    #expect(
      await code { _ = try await clinic.gdpr.rightToAccess(FileClinic.ada) } == .identityUnverified)
    let answered = DateTime(milliseconds: moment.milliseconds + 300_000)
    let verified = try await requests.verify(
      request.id, code: made.text.revealed, at: answered)
    #expect(verified.state == .verified)
    #expect(verified.dueAt.milliseconds == request.dueAt.milliseconds + 300_000)
    #expect(await erase() == nil)
    await clinic.vault.close()
    #expect(try !clinic.holds(made.text.revealed))
    await clinic.close()
  }

  @Test func fiveWrongCodesLock() async throws {
    let clinic = try await clinic()
    let requests = clinic.vault.requests
    let request = try await open(clinic)
    #expect(
      await code { try await requests.verify(request.id, code: "X") } == .identityUnverified)
    let made = try await requests.askForCode(request.id, to: .known(field: "email"))
    for _ in 0..<5 {
      let wrong = await failure { try await requests.verify(request.id, code: "WRONGWRONG") }
      #expect(wrong?.code == .identityUnverified && wrong?.message.contains("another") == true)
    }
    let locked = await failure {
      try await requests.verify(request.id, code: made.text.revealed)
    }
    #expect(locked?.message.contains("too often") == true)
    let again = try await requests.askForCode(request.id, to: .known(field: "email"))
    #expect(again.text.revealed != made.text.revealed)
    #expect(try await requests.verify(request.id, code: again.text.revealed).state == .verified)
    await clinic.close()
  }

  @Test func manyAttemptsAtOnceAreStillFive() async throws {
    let clinic = try await clinic()
    let requests = clinic.vault.requests
    let request = try await open(clinic)
    _ = try await requests.askForCode(request.id, to: .known(field: "email"))
    let wrong = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<40 {
        group.addTask {
          let error = await failure { try await requests.verify(request.id, code: "WRONGWRONG") }
          return error?.message.contains("another") == true
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect((1...5).contains(wrong))
    await clinic.close()
  }

  /// A code that is wrong from its first sign takes as long as one that is wrong in its last.
  @Test func aWrongCodeTakesAsLongAsAnother() async throws {
    let clinic = try await Clinic()
    let requests = clinic.vault.requests
    var best: [Bool: Duration] = [:]
    for round in 0..<160 {
      let request = try await requests.open(
        .access, of: clinic.models.patient, subject: Int64(round))
      let code = try await requests.askForCode(request.id, to: .known(field: "email"))
      let text = code.text.revealed
      let isEarly = round % 2 == 0
      let wrong = isEarly ? "-" + String(text.dropFirst()) : String(text.dropLast()) + "-"
      let start = ContinuousClock.now
      let end = await failure { try await requests.verify(request.id, code: wrong) }
      let time = start.duration(to: .now)
      #expect(end?.code == .identityUnverified)
      best[isEarly] = min(best[isEarly] ?? time, time)
    }
    let (early, late) = (try #require(best[true]), try #require(best[false]))
    #expect(early < late * 2 && late < early * 2, "\(early) \(late)")
  }

  @Test func aCodeEndsAfterTenMinutes() async throws {
    let clinic = try await clinic()
    let requests = clinic.vault.requests
    let request = try await open(clinic)
    let moment = DateTime.now
    let made = try await requests.askForCode(request.id, to: .known(field: "email"), at: moment)
    let late = DateTime(milliseconds: moment.milliseconds + 600_000)
    let over = await failure {
      try await requests.verify(request.id, code: made.text.revealed, at: late)
    }
    #expect(over?.message.contains("over") == true)
    await clinic.close()
  }

  @Test func aNewAddressIsAMatterForAHuman() async throws {
    let clinic = try await clinic()
    let requests = clinic.vault.requests
    let request = try await open(clinic)
    #expect(
      await code { _ = try await requests.askForCode(request.id, to: .given) }
        == .identityUnverified)
    #expect(
      await code { _ = try await requests.askForCode(request.id, to: .known(field: "x")) }
        == .unknownField)
    #expect(try await requests.request(request.id).state == .received)
    _ = try await requests.confirmIdentity(request.id)
    #expect(
      await code { _ = try await requests.askForCode(request.id, to: .known(field: "email")) }
        == .badArgument)
    await clinic.close()
  }

  @Test func onlyRepeatedRequestsCostSomething() async throws {
    let clinic = try await FileClinic()
    let requests = clinic.vault.requests
    let fee = RequestFee(amount: 1_200, currency: "EUR", reasons: "third within a month")
    for number in 0..<3 {
      let request = try await open(clinic, .access)
      var quoted: Int?
      let refused = await code { quoted = try await requests.quoteFee(request.id, fee) }
      #expect(refused == (number < 2 ? .badArgument : nil))
      #expect(quoted == (number < 2 ? nil : 2))
      // The period goes on.
      #expect(try await requests.request(request.id).dueAt == request.dueAt)
      _ = try await requests.fulfil(request.id)
    }
    await clinic.close()
  }
}

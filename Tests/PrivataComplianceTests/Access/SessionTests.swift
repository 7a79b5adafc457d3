import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct SessionTests {
  private func details(_ session: AccessSession) -> AccessDetails {
    var details = AccessDetails()
    details.session = session
    return details
  }

  @Test func anIdleSessionIsOver() async throws {
    let clinic = try await KeyedClinic { $0.cache = CacheOptions() }
    let clock = clinic.clock
    let session = AccessSession(idleSeconds: 900) { clock.now }
    let store = clinic.acting("dr-7", "clinician", "treatment", details(session)).store
    let query = Query(clinic.models.patient, where: .document(["_id": "p1"]))
    for _ in 0..<3 {
      clock.advance(minutes: 14)
      #expect(try await store.rows(for: query).count == 1)
    }
    clock.advance(minutes: 15)
    #expect(await code { _ = try await store.rows(for: query) } == .sessionExpired)
    #expect(!session.isLive)
    let denied = try await clinic.vault.audit.count(
      matching: .init(actor: "dr-7", outcome: .refused))
    #expect(denied == 1)
    await clinic.vault.close()
  }

  @Test func aStreamStopsAtTheNextPiece() async throws {
    let clinic = try await KeyedClinic()
    let clock = clinic.clock
    let session = AccessSession(idleSeconds: 60) { clock.now }
    let store = try #require(
      clinic.acting("dr-7", "clinician", "treatment", details(session)).store
        as? any StreamingStore)
    let stream = try await store.stream(Query(clinic.models.patient), batchSize: 1)
    #expect(try await stream.next()?.count == 1)
    clock.advance(minutes: 2)
    #expect(await code { _ = try await stream.next() } == .sessionExpired)
    await stream.close()
    let other = AccessSession(idleSeconds: 60)
    other.end()
    let ended = clinic.acting("dr-7", "clinician", "treatment", details(other)).store
    #expect(
      await code { _ = try await ended.rows(for: Query(clinic.models.patient)) }
        == .sessionExpired)
    await clinic.vault.close()
  }
}

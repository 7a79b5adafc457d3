import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// What a session read goes from memory with the session.
@Suite struct SessionCacheTests {
  private func clinic(_ clock: TestClock) async throws -> KeyedClinic {
    try await KeyedClinic(clock) {
      $0.cache = CacheOptions(health: .seconds(600))
      $0.journal.drainMilliseconds = 50
    }
  }

  private func store(_ clinic: KeyedClinic, _ session: AccessSession?) -> any Store {
    var details = AccessDetails()
    details.session = session
    return clinic.acting("dr-7", "clinician", "treatment", details).store
  }

  private func query(_ clinic: KeyedClinic, _ id: String) -> Query {
    Query(clinic.models.patient, where: .document(["_id": .string(id)]))
  }

  @Test func anIdleSessionTakesItsRecordsWithIt() async throws {
    let clock = TestClock()
    let clinic = try await clinic(clock)
    let session = AccessSession(idleSeconds: 900) { clock.now }
    let own = store(clinic, session)
    _ = try await own.rows(for: query(clinic, "p1"))
    _ = try await own.rows(for: query(clinic, "p1"))
    _ = try await store(clinic, nil).rows(for: query(clinic, "p2"))
    let cache = try #require(clinic.vault.cache)
    #expect(cache.statistics.entries == 2 && cache.statistics.hits == 1)
    clock.advance(minutes: 15)
    #expect(await code { _ = try await own.rows(for: query(clinic, "p1")) } == .sessionExpired)
    // What nobody's session read stays.
    #expect(cache.statistics.entries == 1)
    _ = try await store(clinic, nil).rows(for: query(clinic, "p2"))
    #expect(cache.statistics.hits == 2)
    await clinic.vault.close()
  }

  /// Nobody has to come back for it.
  @Test func anEndedSessionIsCleanedUp() async throws {
    let clock = TestClock()
    let clinic = try await clinic(clock)
    let session = AccessSession(idleSeconds: 900) { clock.now }
    _ = try await store(clinic, session).rows(for: query(clinic, "p1"))
    let cache = try #require(clinic.vault.cache)
    #expect(cache.statistics.entries == 1)
    session.end()
    for _ in 0..<200 where cache.statistics.entries > 0 {
      try await Task.sleep(for: .milliseconds(25))
    }
    #expect(cache.statistics.entries == 0 && cache.statistics.bytes == 0)
    await clinic.vault.close()
  }
}

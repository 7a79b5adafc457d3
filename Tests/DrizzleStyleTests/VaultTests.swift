import DrizzleStyle
import PrivataCompliance
import PrivataCore
import Testing

@Suite struct VaultTests {
  private let users = User.table
  private let sessions = Session.table

  @Test func whatCannotBeSeenThroughIsRefused() async throws {
    try await with(.vault) { db in
      let tries: [@Sendable () async throws -> Void] = [
        { _ = try await db.execute("select 1") },
        { _ = try await db.select(["n": sql("1")]).from(users.definition).all() },
        { _ = try await db.select(count().as(Int.self)).from(users).all() },
        { _ = try await db.select().from(users).where("id = 1").all() },
        { _ = try await db.selectDistinct().from(users).all() },
        { _ = try await db.select().from(users).orderBy(sql("lower(\(users.name))")).all() },
        {
          _ = try await db.select().from(users)
            .innerJoin(sessions, on: gt(sessions.userID, users.id)).all()
        },
        { _ = try await db.update(User.self).set { $0.name = .sql("'x'") }.where(\.id == 1).run() },
        { _ = try await db.insert(users.definition).values(["id": 5]).run() },
      ]
      for attempt in tries {
        let error = await #expect(throws: PrivataError.self) { try await attempt() }
        #expect(error?.code == .unsupported)
      }
      let rest = try await db.select().from(User.self).all().count
      #expect(rest == 3)
    }
  }

  @Test func rightsOfPersonsNeedAVault() async throws {
    try await with(.vault) { db in
      let report = try await db.gdpr(User.self).rightToAccess(Int64(1))
      #expect(report.records.first?.records.first?["name"] == "Ada")
    }
    try await with(.sqlite) { db in
      let error = #expect(throws: PrivataError.self) { try db.gdpr(User.self) }
      #expect(error?.code == .vaultRequired)
    }
  }
}

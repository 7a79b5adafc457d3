import DrizzleStyle
import PrivataCore
import PrivataPostgres
import PrivataSQL
import PrivataSQLite
import ReplayKit

/// Replays the cases of a file on one database.
struct Replayer {
  let fixture: Fixture
  let rows: FeatureRows
  let bench: Bench
  private(set) var report: ReplayReport
  /// Statements whose text differs from the recorded one though they mean the same.
  private(set) var otherTexts: [String] = []

  init(_ file: JSON, _ arguments: ReplayArguments, _ rows: FeatureRows) async throws {
    let dialect: SQLDialect = arguments.store == "postgres" ? .postgres : .sqlite
    fixture = try Fixture(file, dialect)
    self.rows = rows
    bench = try await Bench(fixture)
    report = ReplayReport(style: "drizzle", store: dialect.rawValue)
  }

  /// Replays one case, unless it is recorded for the other database alone.
  mutating func replay(_ json: JSON) async throws {
    let id = json["id"]?.string ?? "?"
    let wanted = json["dialect"]?.string ?? "both"
    guard wanted == "both" || wanted == fixture.dialect.rawValue else { return }
    let db = try await bench.fresh()
    var run = CaseRun(json: json, fixture: fixture, db: db)
    do {
      try await run.run()
      report.passed += 1
    } catch {
      let reason = "\((error as? ReplayFailure)?.reason ?? "\(error)")"
      if let stated = rows.reason(json, error) {
        report.unsupported.append((id, stated))
      } else {
        report.failed.append((id, reason))
      }
    }
    otherTexts += run.otherTexts.map { "\(id): \($0)" }
    await bench.leave(dirty: json["writes"]?.bool == true || json["kind"]?.string != "query")
  }
}

/// The databases that cases run on, each in its seeded state.
actor Bench {
  private let fixture: Fixture
  private var current: Database?
  private var isDirty = false
  private let postgres: Database?

  init(_ fixture: Fixture) async throws {
    self.fixture = fixture
    postgres = fixture.dialect == .postgres ? try await PostgresBench.open(fixture) : nil
  }

  /// A database in the seeded state.
  func fresh() async throws -> Database {
    if let current, !isDirty { return current }
    isDirty = false
    if let postgres {
      if current != nil { try await PostgresBench.restore(postgres, fixture) }
      current = postgres
      return postgres
    }
    let db = try await DrizzleStyle.connect(.sqlite(":memory:"), relations: fixture.relations)
    for statement in fixture.statements { _ = try await db.execute(SQL(unsafeRaw: statement)) }
    try await fixture.plant(db)
    current = db
    return db
  }

  func leave(dirty: Bool) { isDirty = isDirty || dirty }
}

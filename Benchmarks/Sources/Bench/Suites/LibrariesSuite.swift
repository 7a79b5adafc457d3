import BenchKit
import PrivataCore

extension Suites {
  /// Other libraries beside the raw driver, by the same operations on the same table.
  func libraries<Raw: RawStore>(
    _ place: Place, _ raw: Raw, _ measure: Measure
  ) async throws {
    guard place.name == "sqlite" else { return }
    let pool = try GRDBPool(path: folder + "/grdb.db")
    try await library("grdb statement", pool, raw, measure) { GRDBStatementOperations(pool: $0) }
    try await library("grdb codable", pool, raw, measure) { GRDBCodableOperations(pool: $0) }
    try await library("grdb async", pool, raw, measure) { GRDBAsyncOperations(pool: $0) }
  }

  private func library<Raw: RawStore, Style: StyleOperations>(
    _ name: String, _ pool: GRDBPool, _ raw: Raw, _ measure: Measure,
    _ make: (GRDBPool) -> Style
  ) async throws {
    guard options.wants(style: name, suite: "libraries", store: "sqlite") else { return }
    try raw.fill(users: users)
    try pool.fill(users: users)
    let suite = OperationSuite(
      suite: "libraries", style: name, store: "sqlite", raw: raw, privata: make(pool),
      conditions: (try raw.conditions(), try pool.conditions()), users: users)
    for comparison in suite.reads { try await measure(comparison) }
    if suite.writes.contains(where: options.wants) { try await suite.fillLogs() }
    for comparison in suite.writes { try await measure(comparison) }
  }
}

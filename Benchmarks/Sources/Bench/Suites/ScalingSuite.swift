import BenchKit
import MongoStyle
import PrivataCore

/// Whether cost per row stays flat as tables grow, and cost per query as models do.
struct ScalingSuite<Raw: RawStore, Style: StyleOperations>: Sendable {
  let operations: OperationSuite<Raw, Style>

  /// Nanoseconds per row of a find that answers that many.
  func rows(_ count: Int) -> Comparison {
    var comparison = operations.comparison(
      "row of \(count)",
      answers: (
        { try operations.raw.first(count).count },
        { try await operations.privata.first(count).count }
      )
    ) { n in
      for _ in 0..<n { try operations.expect(try operations.raw.first(count).count == count) }
    } privata: { n in
      for _ in 0..<n {
        try operations.expect(try await operations.privata.first(count).count == count)
      }
    }
    comparison.unit = count
    return comparison
  }

  /// One record by id where the table holds that many.
  func find(in count: Int) -> Comparison {
    var comparison = operations.findById
    comparison.op = "findById in \(count)"
    return comparison
  }
}

/// Many models of one store, asked in turn.
struct ModelsSuite: Sendable {
  let raw: RawSQLite
  let models: [MongoModel]
  let conditions: (raw: Conditions, privata: Conditions)

  static let rows = 20

  /// Makes that many models on a store and fills each.
  init(
    _ raw: RawSQLite, _ store: any Store, count: Int,
    _ conditions: (raw: Conditions, privata: Conditions)
  ) async throws {
    self.raw = raw
    self.conditions = conditions
    let mongo = MongoConnection(store: store)
    models = try (0..<count).map { try mongo.model("Model\($0)", MongoSchemas.user) }
    let users = (0..<Self.rows).map { BenchUser.sample($0).document }
    for model in models { try await model.insertMany(users) }
    try raw.fillTables(count, rows: Self.rows)
  }

  /// One record by id, of one model after the other.
  func find(of count: Int) -> Comparison {
    Comparison(
      "scaling", "mongo-lean", "sqlite", "findById of \(count) models", conditions: conditions,
      answers: (
        { try (0..<count).map { try raw.findById(BenchUser.id(1), table: $0) } },
        {
          var found: [BenchUser?] = []
          for model in models.prefix(count) {
            found.append(
              try await model.findById(BenchUser.id(1)).lean().exec().map { try BenchUser($0) })
          }
          return found
        }
      ),
      raw: { n in
        for i in 0..<n {
          _ = try raw.findById(BenchUser.id(i % Self.rows), table: i % count)
        }
      },
      privata: { n in
        for i in 0..<n {
          _ = try await models[i % count].findById(BenchUser.id(i % Self.rows)).lean().exec()
            .map { try BenchUser($0) }
        }
      })
  }
}

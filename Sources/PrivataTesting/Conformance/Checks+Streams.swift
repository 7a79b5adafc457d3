internal import PrivataCore

extension StoreConformance {
  static let streamChecks: [Check] = [
    Check("stream: all rows in bounded pieces") { context in
      guard let store = context.store as? any StreamingStore else { return }
      let model = try await many(context)
      let stream = try await store.stream(
        Query(model, where: .document(["age": ["$lt": 80]]), sort: [SortKey("_id")]), batchSize: 64)
      var ids: [Int] = []
      while let batch = try await stream.next() {
        try context.expect(batch.count <= 64 && batch.count > 0, "a piece of \(batch.count) rows")
        ids += batch.documents.compactMap { $0["_id"]?.asInt }
      }
      try context.expectEqual(ids, (0..<1000).filter { $0 % 90 < 80 }, "ids")
      try context.expect(try await stream.next() == nil, "a piece after the last")
    },
    Check("stream: a residual filter, limit and early close") { context in
      guard let store = context.store as? any StreamingStore else { return }
      let model = try await many(context)
      let limited = try await store.stream(
        Query(model, where: .document(["list": 3]), sort: [SortKey("_id")], skip: 5, limit: 70),
        batchSize: 32)
      var ids: [Int] = []
      while let batch = try await limited.next() {
        ids += batch.documents.compactMap { $0["_id"]?.asInt }
      }
      try context.expectEqual(ids, (5..<75).map { 3 + 7 * $0 }, "ids")
      for _ in 0..<50 {
        let stream = try await store.stream(Query(model), batchSize: 10)
        _ = try await stream.next()
        await stream.close()
      }
      try context.expectEqual(try await context.count(model), 1000, "after streams closed early")
    },
  ]

  private static func many(_ context: ConformanceContext) async throws -> ModelSchema {
    let model = context.person
    try await context.prepare([model])
    let documents: [Document] = (0..<1000).map {
      ["_id": .int($0), "name": .string("n\($0)"), "age": .int($0 % 90), "list": [.int($0 % 7)]]
    }
    try await context.insert(documents, into: model)
    return model
  }
}

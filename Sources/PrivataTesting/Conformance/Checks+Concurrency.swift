internal import PrivataCore

extension StoreConformance {
  static let concurrencyChecks: [Check] = [
    Check("concurrency: 200 tasks at once") { context in
      let model = context.person
      try await context.prepare([model])
      try await context.insert([["_id": 0, "age": 0, "tags": []]], into: model)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 1...200 {
          group.addTask {
            try await context.insert(
              [["_id": .int(task), "name": .string("t\(task)")]], into: model)
            try await increment(model, context)
            let found = try await context.find(model, .document(["_id": .int(task)]))
            try context.expectEqual(found.count, 1, "task \(task) reads what it wrote")
          }
        }
        try await group.waitForAll()
      }
      try context.expectEqual(try await context.count(model), 201, "records")
      let counter = try await context.find(model, .document(["_id": 0]))
      try context.expectEqual(counter.first?["age"]?.asInt, 200, "the counter lost increments")
      try context.expectEqual(counter.first?["tags"]?.asArray?.count, 200, "the list lost elements")
    },
    Check("concurrency: one of many inserts of a key wins") { context in
      let model = context.account
      try await context.prepare([model])
      let won = try await withThrowingTaskGroup(of: Bool.self) { group in
        for task in 1...50 {
          group.addTask {
            do {
              try await context.insert(
                [["_id": .objectID(ConformanceContext.id(task)), "email": "same"]], into: model)
              return true
            } catch let error as PrivataError where error.code == .duplicateKey {
              return false
            }
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      try context.expectEqual(won, 1, "winners")
      try context.expectEqual(try await context.count(model), 1, "records")
    },
    Check("concurrency: transactions that collide", needs: [.transactions]) { context in
      let model = context.person
      try await context.prepare([model])
      guard let store = context.store as? any TransactionalStore else { return }
      try await context.insert([["_id": 0, "age": 0]], into: model)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 1...20 {
          group.addTask { try await retrying { try await transfer(store, model, context) } }
        }
        try await group.waitForAll()
      }
      let counter = try await context.find(model, .document(["_id": 0]))
      try context.expectEqual(counter.first?["age"]?.asInt, 20, "the counter lost increments")
    },
  ]

  private static func increment(_ model: ModelSchema, _ context: ConformanceContext) async throws {
    let update = Update(
      model, where: .document(["_id": 0]), .operators(["$inc": ["age": 1], "$push": ["tags": "x"]]))
    try await retrying { _ = try await context.store.write(.update(update)) }
  }

  private static func transfer(
    _ store: any TransactionalStore, _ model: ModelSchema, _ context: ConformanceContext
  ) async throws {
    try await store.withTransaction { transaction in
      let found = try await context.find(model, .document(["_id": 0]), on: transaction)
      let age = found.first?["age"]?.asInt ?? 0
      let update = Update(
        model, where: .document(["_id": 0]), .operators(["$set": ["age": .int(age + 1)]]))
      _ = try await transaction.write(.update(update))
    }
  }

  /// Repeats what the store calls worth repeating.
  private static func retrying(_ body: () async throws -> Void) async throws {
    for attempt in 1... {
      do {
        return try await body()
      } catch let error as PrivataError where error.isRetriable && attempt < 200 {
        try await Task.sleep(for: .milliseconds(Int.random(in: 1...10)))
      }
    }
  }
}

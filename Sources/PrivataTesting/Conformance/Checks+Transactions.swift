internal import PrivataCore

extension StoreConformance {
  static let transactionChecks: [Check] = [
    Check("transaction: commit and isolation", needs: [.transactions]) { context in
      let (model, store) = try await transactional(context)
      let transaction = try await store.begin(TransactionOptions())
      _ = try await transaction.write(
        .insert(Insert(model, .documents([["_id": 1, "name": "a"]]))))
      try context.expectEqual(try await context.count(model, on: transaction), 1, "inside")
      try context.expectEqual(try await context.count(model), 0, "outside before the commit")
      try await transaction.commit()
      try context.expectEqual(try await context.count(model), 1, "outside after the commit")
    },
    Check("transaction: rollback", needs: [.transactions]) { context in
      let (model, store) = try await transactional(context)
      try await context.insert([["_id": 1, "name": "kept"]], into: model)
      let transaction = try await store.begin(TransactionOptions())
      _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 2]]))))
      let change = Update(model, where: .document(["_id": 1]), .operators(["$set": ["name": "x"]]))
      _ = try await transaction.write(.update(change))
      _ = try await transaction.write(.delete(Delete(model, where: .document(["_id": 1]))))
      try await transaction.rollback()
      try context.expectSame(try await context.find(model), [["_id": 1, "name": "kept"]], "after")
    },
    Check("transaction: a throwing body rolls back", needs: [.transactions]) { context in
      let (model, store) = try await transactional(context)
      struct Refusal: Error {}
      do {
        try await store.withTransaction { transaction in
          _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 1]]))))
          throw Refusal()
        }
        try context.expect(false, "the error was swallowed")
      } catch is Refusal {}
      try context.expectEqual(try await context.count(model), 0, "records")
    },
    Check("transaction: after its end", needs: [.transactions]) { context in
      let (model, store) = try await transactional(context)
      let transaction = try await store.begin(TransactionOptions())
      _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 1]]))))
      try await transaction.commit()
      try await context.expectError(.transactionEnded, "a write after the commit") {
        _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 2]]))))
      }
      try await context.expectError(.transactionEnded, "a second commit") {
        try await transaction.commit()
      }
    },
    Check("transaction: savepoints", needs: [.transactions, .nestedTransactions]) { context in
      let (model, store) = try await transactional(context)
      let outer = try await store.begin(TransactionOptions())
      _ = try await outer.write(.insert(Insert(model, .documents([["_id": 1]]))))
      let undone = try await outer.begin(TransactionOptions())
      _ = try await undone.write(.insert(Insert(model, .documents([["_id": 2]]))))
      try await undone.rollback()
      let kept = try await outer.begin(TransactionOptions())
      _ = try await kept.write(.insert(Insert(model, .documents([["_id": 3]]))))
      try await kept.commit()
      try context.expectEqual(try await context.count(model, on: outer), 2, "inside")
      try await outer.commit()
      try context.expectSame(try await context.find(model), [["_id": 1], ["_id": 3]], "after")
    },
    Check(
      "transaction: goes on after a refused write", needs: [.transactions, .nestedTransactions]
    ) { context in
      let (model, store) = try await transactional(context)
      try await context.insert([["_id": 1]], into: model)
      let transaction = try await store.begin(TransactionOptions())
      _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 2]]))))
      let nested = try await transaction.begin(TransactionOptions())
      try await context.expectError(.duplicateKey, "a taken key") {
        _ = try await nested.write(.insert(Insert(model, .documents([["_id": 1]]))))
      }
      try await nested.rollback()
      _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 3]]))))
      try await transaction.commit()
      try context.expectEqual(try await context.count(model), 3, "records")
    },
    Check("transaction: reads what it wrote, in every form", needs: [.transactions]) { context in
      let (model, store) = try await transactional(context)
      try await store.withTransaction { transaction in
        _ = try await transaction.write(
          .insert(Insert(model, .documents(ConformanceContext.people))))
        let change = Update(
          model, where: .document(["tags": "vip"]), .operators(["$set": ["flag": true]]),
          isMany: true)
        let outcome = try await transaction.write(.update(change))
        try context.expectEqual(outcome.modified, 4, "modified")
        let found = try await context.find(
          model, .document(["flag": true]), projection: .document(["_id": 1]), on: transaction)
        try context.expectEqual(found.compactMap { $0["_id"]?.asInt }, [1, 6, 7, 8], "found")
        _ = try await transaction.write(.delete(Delete(model, where: .document(["flag": true]))))
        try context.expectEqual(try await context.count(model, on: transaction), 8, "left")
      }
      try context.expectEqual(try await context.count(model), 8, "committed")
    },
  ]

  private static func transactional(
    _ context: ConformanceContext
  ) async throws -> (ModelSchema, any TransactionalStore) {
    let model = context.person
    try await context.prepare([model])
    guard let store = context.store as? any TransactionalStore else {
      throw ConformanceFailure(differences: ["the store claims transactions but has none"])
    }
    return (model, store)
  }
}

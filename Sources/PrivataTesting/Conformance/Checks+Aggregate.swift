internal import PrivataCore

extension StoreConformance {
  static let aggregateChecks: [Check] = [
    Check("aggregate: stages over one collection", needs: [.aggregation]) { context in
      try await compare(pipelines: AggregateCases.single, context)
    },
    Check("aggregate: stages that read others", needs: [.aggregation]) { context in
      try await compare(
        pipelines: AggregateCases.joined(
          people: context.person.collection, accounts: context.account.collection), context)
    },
    Check("aggregate: a collection that is not there", needs: [.aggregation]) { context in
      // A vault refuses what none of its models names.
      guard context.store.traits.kind != .vault else { return }
      let stages: [Document] = [
        ["$match": ["_id": 1]],
        [
          "$lookup": [
            "from": "no_such_thing", "localField": "name", "foreignField": "x", "as": "a",
          ]
        ], ["$project": ["a": 1]],
      ]
      try await compare(pipelines: [stages], context)
    },
    Check("aggregate: options", needs: [.aggregation, .collation]) { context in
      let store = try await context.aggregating()
      var options = QueryOptions()
      options.collation = ["locale": "en", "strength": 2]
      options.allowDiskUse = true
      options.comment = "a note"
      options.maxTimeMilliseconds = 60_000
      let found = try await store.aggregate(
        [["$match": ["name": "ADA"]], ["$sort": ["_id": 1]], ["$project": ["_id": 1]]],
        on: context.person, options: options)
      try context.expectSame(found.documents, [["_id": 1], ["_id": 7]], "by collation")
      let groups = try await store.aggregate(
        [["$match": ["_id": ["$in": [1, 7]]]], ["$group": ["_id": "$name"]], ["$count": "n"]],
        on: context.person, options: options)
      try context.expectSame(groups.documents, [["n": 1]], "groups by collation")
    },
    Check("aggregate: $out replaces a collection", needs: [.aggregation]) { context in
      guard context.store.traits.kind != .vault else { return }
      let store = try await context.aggregating()
      let target = context.derived
      try await context.prepare([target])
      try await context.insert([["_id": "old"]], into: target)
      let rows = try await store.aggregate(
        [
          ["$match": ["age": 36]], ["$project": ["name": 1]],
          ["$out": .string(target.collection)],
        ], on: context.person, options: nil)
      try context.expectEqual(rows.count, 0, "rows of $out")
      let wanted: [Document] = [
        ["_id": 1, "name": "Ada"], ["_id": 8, "name": "Zoë"],
        ["_id": 11, "name": "O'Brien \"quoted\" \\ % _"],
      ]
      try context.expectSame(try await context.find(target), wanted, "target")
    },
    Check("aggregate: $merge into a collection", needs: [.aggregation]) { context in
      guard context.store.traits.kind != .vault else { return }
      let store = try await context.aggregating()
      for (action, wanted) in mergeCases {
        let target = context.derived
        try await context.prepare([target])
        try await context.insert([["_id": 1, "kept": true, "n": 0]], into: target)
        _ = try await store.aggregate(
          [
            ["$match": ["_id": ["$in": [1, 2]]]], ["$project": ["n": "$age"]],
            ["$merge": action(target.collection)],
          ], on: context.person, options: nil)
        try context.expectSame(
          try await context.find(target), wanted,
          ConformanceContext.text([action(target.collection)]))
      }
      let error = try await context.error("whenMatched: fail") {
        _ = try await store.aggregate(
          [
            ["$match": ["_id": 1]],
            ["$merge": ["into": .string(context.derived.collection), "whenMatched": "fail"]],
          ], on: context.person, options: nil)
      }
      try context.expectEqual(error.code, .duplicateKey, "whenMatched: fail")
    },
    Check("aggregate: refusals", needs: [.aggregation]) { context in
      let store = try await context.aggregating()
      let refused: [([Document], PrivataError.Code)] = [
        ([["$nope": 1]], .unknownOperator), ([["$match": ["a": ["$nope": 1]]]], .unknownOperator),
        ([["$limit": 0]], .rejectedByStore), ([["$group": ["n": 1]]], .rejectedByStore),
        ([["$out": "x"], ["$match": [:]]], .rejectedByStore),
      ]
      for (stages, code) in refused {
        let what = stages.map(ConformanceContext.text).joined()
        let found = try await context.error(what) {
          _ = try await store.aggregate(stages, on: context.person, options: nil)
        }
        // MongoDB tells unknown operators as bad values.
        try context.expect(
          found.code == code || (code == .unknownOperator && found.code == .rejectedByStore)
            || found.code == .unsupported, "\(what): \(found)")
      }
    },
    Check("aggregate: many records in pieces", needs: [.aggregation]) { context in
      try await manyInPieces(context)
    },
    Check("aggregate: in a transaction", needs: [.aggregation, .transactions]) { context in
      guard let store = context.store as? any TransactionalStore else { return }
      let model = context.person
      try await context.prepare([model])
      try await context.insert([["_id": 1, "age": 1]], into: model)
      let transaction = try await store.begin(TransactionOptions())
      _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 2, "age": 5]]))))
      guard let inside = transaction as? any AggregatingStore else {
        throw ConformanceFailure(differences: ["the transaction runs no pipelines"])
      }
      let stages: [Document] = [["$group": ["_id": .null, "sum": ["$sum": "$age"]]]]
      let seen = try await inside.aggregate(stages, on: model, options: nil).documents
      try context.expectSame(seen, [["_id": .null, "sum": 6]], "inside")
      try await transaction.rollback()
      let outside = context.store as? any AggregatingStore
      let after = try await outside?.aggregate(stages, on: model, options: nil).documents ?? []
      try context.expectSame(after, [["_id": .null, "sum": 1]], "after the rollback")
    },
  ]

  private static let mergeCases: [(@Sendable (String) -> Value, [Document])] = [
    ({ .string($0) }, [["_id": 1, "kept": true, "n": 36], ["_id": 2, "n": 45]]),
    (
      { ["into": .string($0), "whenMatched": "replace"] },
      [["_id": 1, "n": 36], ["_id": 2, "n": 45]]
    ),
    (
      { ["into": .string($0), "on": "_id", "whenMatched": "keepExisting"] },
      [["_id": 1, "kept": true, "n": 0], ["_id": 2, "n": 45]]
    ),
    (
      { ["into": .string($0), "whenNotMatched": "discard"] },
      [["_id": 1, "kept": true, "n": 36]]
    ),
    (
      {
        [
          "into": .string($0), "whenMatched": [["$set": ["n": ["$add": ["$n", "$$new.n", 1]]]]],
        ]
      }, [["_id": 1, "kept": true, "n": 37], ["_id": 2, "n": 45]]
    ),
  ]

  private static func manyInPieces(_ context: ConformanceContext) async throws {
    let model = context.person
    try await context.prepare([model])
    let documents: [Document] = (0..<2500).map {
      ["_id": .int($0), "age": .int($0 % 7), "list": [.int($0 % 3)], "name": .string("n\($0)")]
    }
    try await context.insert(documents, into: model)
    guard let store = context.store as? any AggregatingStore else { return }
    for stages in AggregateCases.many {
      let found = try await store.aggregate(stages, on: model, options: nil).documents
      let wanted = try await Pipeline(stages).run(documents) { _ in [] }
      try context.expectSame(found, wanted, stages.map(ConformanceContext.text).joined())
    }
  }

  /// Compares what a store answers with what the document engine answers.
  private static func compare(
    pipelines: [[Document]], _ context: ConformanceContext
  ) async throws {
    let store = try await context.aggregating()
    let accounts = AggregateCases.accounts
    try await context.differences { differences in
      for stages in pipelines {
        let text = stages.map(ConformanceContext.text).joined()
        let wanted = await answer {
          try await Pipeline(stages).run(ConformanceContext.people) { name in
            if name == context.person.collection { return ConformanceContext.people }
            return name == context.account.collection ? accounts : []
          }
        }
        let found = await answer {
          try await store.aggregate(stages, on: context.person, options: nil).documents
        }
        if wanted != found { differences.append("\(text): found \(found), wanted \(wanted)") }
      }
    }
  }

  /// Documents, or the code of the refusal, as text that compares.
  private static func answer(_ body: () async throws -> [Document]) async -> String {
    do {
      return try await body().map { document in
        let sorted = document.elements.sorted {
          Value.order(.string($0.key), .string($1.key)) < 0
        }
        return ConformanceContext.text(Document(sorted))
      }.joined(separator: " ")
    } catch {
      let code = ((error as? PrivataError)?.underlying as? ServerError)?.code
      return "error \(code.map { String($0) } ?? String(describing: error))"
    }
  }
}

extension ConformanceContext {
  /// A collection that pipelines write into.
  var derived: ModelSchema {
    ModelSchema(
      name: "Derived", collection: name + "_derived", fields: [FieldSchema("_id", .any)],
      isOpen: true)
  }

  /// The store, with people and accounts in it.
  func aggregating() async throws -> any AggregatingStore {
    try await prepare([person, account])
    try await insert(Self.people, into: person)
    try await insert(AggregateCases.accounts, into: account)
    guard let store = store as? any AggregatingStore else {
      throw ConformanceFailure(differences: ["the store runs no pipelines"])
    }
    return store
  }
}

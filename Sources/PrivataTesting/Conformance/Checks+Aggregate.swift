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

/// Pipelines whose answers have one order.
enum AggregateCases {
  static let accounts: [Document] = [
    [
      "_id": .objectID(ConformanceContext.id(1)), "email": "ada@example.org", "owner": "Ada",
      "region": "north", "balance": 10,
    ],
    [
      "_id": .objectID(ConformanceContext.id(2)), "email": "g@example.org", "owner": "Grace",
      "region": "south", "balance": 2.5,
    ],
    [
      "_id": .objectID(ConformanceContext.id(3)), "email": "x@example.org", "owner": "Ada",
      "region": "south", "balance": 7, "parent": .objectID(ConformanceContext.id(1)),
    ],
    ["_id": .objectID(ConformanceContext.id(4)), "email": "y@example.org"],
  ]

  static let single: [[Document]] = [
    [["$match": ["age": 36]], ["$sort": ["_id": 1]]],
    [["$match": ["age": ["$gte": 30]]], ["$count": "n"]],
    [["$match": ["age": 36]], ["$match": ["name": "Ada"]], ["$count": "n"]],
    [["$match": ["age": 999]], ["$count": "n"]],
    [["$match": ["tags": "vip"]], ["$sort": ["_id": -1]], ["$limit": 2]],
    [["$sort": ["_id": 1]], ["$skip": 3], ["$limit": 4]],
    [["$sort": ["_id": 1]], ["$limit": 6], ["$skip": 4]],
    [["$sort": ["_id": 1]], ["$limit": 2], ["$skip": 4]],
    [["$sort": ["_id": 1]], ["$skip": 2], ["$limit": 7], ["$skip": 2], ["$limit": 3]],
    [["$sort": ["_id": 1]], ["$limit": 5], ["$match": ["active": true]]],
    [["$sort": ["_id": 1]], ["$match": ["active": true]]],
    [["$sort": ["_id": 1]], ["$limit": 4], ["$count": "n"]],
    [["$sort": ["age": 1, "_id": 1]], ["$project": ["age": 1]]],
    [["$sort": ["address.city": -1, "_id": 1]], ["$project": ["_id": 1]]],
    [["$match": ["extra.deep.er": 2]], ["$project": ["extra": 1, "_id": 0]]],
    [["$project": ["name": 1, "twice": ["$toString": "$_id"]]], ["$sort": ["_id": 1]]],
    [["$project": ["visits": 0, "meta": 0, "blob": 0]], ["$sort": ["_id": 1]]],
    [["$match": ["$expr": ["$gt": ["$big", 4]]]], ["$sort": ["_id": 1]]],
    [["$group": ["_id": "$age", "n": ["$sum": 1]]], ["$sort": ["_id": 1]]],
    [
      [
        "$group": [
          "_id": .null, "n": ["$sum": 1], "least": ["$min": "$small"], "most": ["$max": "$big"],
          "sum": ["$sum": "$small"],
        ]
      ]
    ],
    [
      ["$match": ["_id": ["$in": [1, 2, 3]]]],
      [
        "$group": [
          "_id": "$active", "names": ["$push": "$name"], "all": ["$push": "$$ROOT._id"],
          "mean": ["$avg": "$age"],
        ]
      ], ["$sort": ["_id": 1]],
    ],
    [["$unwind": "$tags"], ["$sortByCount": "$tags"], ["$sort": ["count": -1, "_id": 1]]],
    [
      ["$unwind": ["path": "$visits", "preserveNullAndEmptyArrays": true]],
      ["$project": ["at": "$visits.at"]], ["$sort": ["_id": 1, "at": 1]],
    ],
    [
      ["$match": ["age": ["$type": "number"]]],
      ["$bucket": ["groupBy": "$age", "boundaries": [-10, 0, 30, 40], "default": "more"]],
    ],
    [
      ["$sort": ["_id": 1]],
      [
        "$facet": [
          "oldest": [["$sort": ["age": -1, "_id": 1]], ["$limit": 2], ["$project": ["age": 1]]],
          "count": [["$match": ["active": true]], ["$count": "n"]],
        ]
      ],
    ],
    [
      ["$match": ["address.city": ["$exists": true]]], ["$sort": ["_id": 1]],
      ["$replaceRoot": ["newRoot": "$address"]],
    ],
    [
      ["$set": ["half": ["$divide": ["$small", 2]]]], ["$match": ["half": ["$gt": 0]]],
      ["$sort": ["_id": 1]],
    ],
    [["$unset": ["visits", "address.city"]], ["$sort": ["_id": 1]], ["$limit": 4]],
    [["$sample": ["size": 50]], ["$count": "n"]],
    [
      ["$match": ["_id": ["$lt": 4]]], ["$project": ["n": ["$size": "$visits"]]],
      ["$sort": ["_id": 1]],
    ],
    [["$match": ["_id": 5]], ["$project": ["n": ["$size": "$visits"]]]],
    [
      ["$sort": ["_id": 1]],
      ["$group": ["_id": .null, "f": ["$first": "$name"], "l": ["$last": "$_id"]]],
    ],
    [["$match": [:]], ["$sort": ["price": 1, "_id": 1]], ["$project": ["price": 1]]],
    [
      [
        "$group": [
          "_id": .null, "best": ["$top": ["sortBy": ["small": -1, "_id": 1], "output": "$_id"]],
        ]
      ]
    ],
    [["$sort": ["_id": 1]], ["$project": ["v": ["$getField": "name"]]]],
  ]

  static func joined(people: String, accounts: String) -> [[Document]] {
    let from = Value.string(accounts)
    return [
      [
        ["$lookup": ["from": from, "localField": "name", "foreignField": "owner", "as": "a"]],
        ["$unwind": "$a"], ["$sort": ["_id": 1, "a.email": 1]], ["$project": ["a.email": 1]],
      ],
      [
        ["$match": ["_id": ["$lt": 3]]], ["$sort": ["_id": 1]],
        ["$lookup": ["from": from, "localField": "clinic", "foreignField": "_id", "as": "a"]],
        ["$unwind": "$a"], ["$project": ["a.owner": 1]],
      ],
      [
        ["$match": ["_id": 1]],
        [
          "$lookup": [
            "from": from, "let": ["who": "$name"], "as": "a",
            "pipeline": [
              ["$match": ["$expr": ["$eq": ["$owner", "$$who"]]]], ["$sort": ["balance": 1]],
              ["$project": ["balance": 1, "_id": 0]],
            ],
          ]
        ], ["$project": ["a": 1]],
      ],
      [
        ["$match": ["_id": ["$in": [1, 2]]]], ["$sort": ["_id": 1]],
        [
          "$lookup": [
            "from": from, "as": "a",
            "pipeline": [["$match": ["region": "south"]], ["$count": "n"]],
          ]
        ], ["$project": ["a": 1]],
      ],
      [
        ["$match": ["_id": 1]],
        [
          "$lookup": [
            "from": from, "localField": "name", "foreignField": "owner", "as": "a",
            "pipeline": [["$match": ["region": "north"]], ["$project": ["email": 1, "_id": 0]]],
          ]
        ], ["$project": ["a": 1]],
      ],
      [
        ["$match": ["_id": 1]],
        [
          "$graphLookup": [
            "from": from, "startWith": "$clinic", "connectFromField": "_id",
            "connectToField": "parent", "as": "a", "depthField": "depth",
          ]
        ], ["$project": ["a.email": 1, "a.depth": 1]],
      ],
      [
        ["$match": ["age": 36]], ["$project": ["name": 1]],
        [
          "$unionWith": [
            "coll": from,
            "pipeline": [["$match": ["region": "north"]], ["$project": ["owner": 1]]],
          ]
        ], ["$group": ["_id": .null, "n": ["$sum": 1], "o": ["$max": "$owner"]]],
      ],
      [
        ["$match": ["_id": 1]],
        [
          "$lookup": [
            "from": .string(people), "localField": "age", "foreignField": "age", "as": "a",
          ]
        ],
        ["$unwind": "$a"], ["$sort": ["a._id": 1]], ["$project": ["a.name": 1]],
      ],
      [
        ["$sort": ["_id": 1]],
        ["$lookup": ["from": from, "localField": "nothing", "foreignField": "owner", "as": "a"]],
        ["$limit": 2], ["$project": ["a.email": 1]],
      ],
    ]
  }

  static let many: [[Document]] = [
    [["$group": ["_id": "$age", "n": ["$sum": 1], "m": ["$max": "$_id"]]], ["$sort": ["_id": 1]]],
    [
      ["$match": ["list": 2]], ["$group": ["_id": "$age", "n": ["$sum": 1]]], ["$sort": ["_id": 1]],
    ],
    [
      ["$project": ["age": 1, "last": ["$mod": ["$_id", 10]]]],
      ["$sort": ["last": 1, "_id": -1]], ["$skip": 5], ["$limit": 20],
    ],
    [["$unwind": "$list"], ["$match": ["list": 1]], ["$count": "n"]],
    [
      ["$sort": ["_id": 1]], ["$set": ["odd": ["$mod": ["$_id", 2]]]], ["$match": ["odd": 1]],
      ["$skip": 100], ["$limit": 700], ["$count": "n"],
    ],
    [
      ["$sort": ["_id": 1]], ["$unwind": "$list"], ["$limit": 600],
      ["$group": ["_id": .null, "n": ["$sum": "$_id"]]],
    ],
  ]
}

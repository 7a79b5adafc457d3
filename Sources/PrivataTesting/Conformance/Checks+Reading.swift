internal import PrivataCore

extension StoreConformance {
  static let readChecks: [Check] = [
    Check("read: sorts") { context in
      let model = try await people(context)
      let sorts: [[SortKey]] = [
        [SortKey("name")], [SortKey("name", descending: true)], [SortKey("age")],
        [SortKey("age", descending: true)], [SortKey("age"), SortKey("name", descending: true)],
        [SortKey("tags")], [SortKey("tags", descending: true)], [SortKey("scores")],
        [SortKey("address.city")], [SortKey("visits.at", descending: true)], [SortKey("meta")],
        [SortKey("meta", descending: true)], [SortKey("active"), SortKey("age")],
        [SortKey("ratio")],
        [SortKey("price", descending: true)], [SortKey("born")], [SortKey("unknown")],
        [SortKey("extra")],
        [SortKey("big")], [SortKey("count"), SortKey("small")], [SortKey("address")],
      ]
      try await context.differences { differences in
        for sort in sorts {
          // The key at the end decides between equals, which stores may order as they like.
          let keys = sort + [SortKey("_id")]
          let wanted = try DocumentSorter(keys).sorted(ConformanceContext.people).map { $0["_id"] }
          let found = try await context.find(model, sort: keys).map { $0["_id"] }
          if found != wanted { differences.append("\(sort): found \(found), wanted \(wanted)") }
        }
      }
    },
    Check("read: skip and limit") { context in
      let model = try await people(context)
      let pages: [(Int, Int?, [Int])] = [
        (0, 3, [1, 2, 3]), (10, nil, [11, 12]), (2, 2, [3, 4]), (11, 5, [12]), (12, 5, []),
        (50, nil, []), (0, 0, Array(1...12)), (0, nil, Array(1...12)),
      ]
      for (skip, limit, wanted) in pages {
        let found = try await context.find(model, skip: skip, limit: limit)
        try context.expectEqual(
          found.compactMap { $0["_id"]?.asInt }, wanted, "skip \(skip) limit \(limit ?? -1)")
        var count = Query(model, skip: skip, limit: limit, answer: .count)
        count.filter = .document([:])
        let counted = try await context.store.rows(for: count).value(row: 0, column: 0)?.asInt
        try context.expectEqual(
          counted, wanted.count, "count with skip \(skip) limit \(limit ?? -1)")
      }
      let sorted = try await context.find(
        model, .document(["age": ["$gt": 0]]), sort: [SortKey("age"), SortKey("_id")], skip: 1,
        limit: 2)
      try context.expectEqual(
        sorted.compactMap { $0["_id"]?.asInt }, [1, 8], "page of a sorted filter")
    },
    Check("read: count and exists") { context in
      let model = try await people(context)
      for (filter, wanted) in [
        (["age": 36], 3), (["age": 999], 0), ([:], 12), (["tags": "vip"], 4),
      ]
        as [(Document, Int)]
      {
        try context.expectEqual(
          try await context.count(model, .document(filter)), wanted, ConformanceContext.text(filter)
        )
        let rows = try await context.store.rows(
          for: Query(model, where: .document(filter), answer: .exists))
        try context.expectEqual(rows.count, 1, "rows of exists")
        try context.expectEqual(
          rows.value(row: 0, column: 0), .bool(wanted > 0), ConformanceContext.text(filter))
      }
    },
    Check("read: distinct") { context in
      let model = try await people(context)
      try await context.differences { differences in
        for path in [
          "name", "age", "active", "tags", "scores", "address.city", "visits.at", "meta",
          "unknown", "count", "visits.0.at", "ratio",
        ] {
          for filter in [[:], ["_id": ["$lte": 6]]] as [Document] {
            let query = Query(model, where: .document(filter), answer: .distinct(path))
            let rows = try await context.store.rows(for: query)
            let found = (0..<rows.count).compactMap { rows.value(row: $0, column: 0) }
            var wanted = try DistinctValues(path)
            let matcher = try DocumentMatcher(filter)
            for person in ConformanceContext.people where try matcher.matches(person) {
              wanted.add(person)
            }
            let order = ValueOrder()
            let sort = { (values: [Value]) in
              values.map(order.key).sorted { Value.order($0, $1) < 0 }
            }
            if sort(found) != sort(wanted.values) {
              differences.append("\(path): found \(found), wanted \(wanted.values)")
            }
          }
        }
      }
    },
    Check("read: projections") { context in
      let model = try await people(context)
      try await context.differences { differences in
        for projection in projections {
          let filter: Document = ["_id": ["$in": [1, 3, 4, 5, 6, 7, 10]]]
          let projector = try DocumentProjector(.document(projection))
          var wanted: [Document] = []
          let matcher = try DocumentMatcher(filter)
          for person in ConformanceContext.people where try matcher.matches(person) {
            wanted.append(try projector.project(person))
          }
          let text = ConformanceContext.text(projection)
          do {
            let found = try await context.find(
              model, .document(filter), projection: .document(projection))
            if found.map(ConformanceContext.canonical) != wanted.map(ConformanceContext.canonical) {
              differences.append(
                "\(text): found \(found.map(ConformanceContext.text)), "
                  + "wanted \(wanted.map(ConformanceContext.text))")
            }
          } catch {
            differences.append("\(text): \(error)")
          }
        }
      }
    },
    Check("read: positional projection") { context in
      let model = try await people(context)
      let found = try await context.find(
        model, .document(["_id": 1, "visits.at": 2]), projection: .document(["visits.$": 1]))
      try context.expectSame(found, [["_id": 1, "visits": [["at": 2, "cost": 20.0]]]], "visits.$")
    },
    Check("read: a collation", needs: [.collation]) { context in
      let model = try await people(context)
      var options = QueryOptions()
      options.collation = ["locale": "en", "strength": 2]
      let found = try await context.find(model, .document(["name": "ADA"]), options: options)
      try context.expectEqual(found.compactMap { $0["_id"]?.asInt }, [1, 7], "strength 2")
    },
    Check("read: nothing there") { context in
      let model = context.person
      try await context.prepare([model])
      try context.expectEqual(try await context.find(model).count, 0, "documents")
      try context.expectEqual(try await context.count(model), 0, "count")
      let cells = try await context.store.rows(for: Query(model, layout: .cells))
      try context.expectEqual(cells.count, 0, "rows of cells")
    },
  ]

  static func people(_ context: ConformanceContext) async throws -> ModelSchema {
    let model = context.person
    try await context.prepare([model])
    try await context.insert(ConformanceContext.people, into: model)
    return model
  }

  private static let projections: [Document] = [
    ["name": 1], ["name": 1, "_id": 0], ["_id": 1], ["_id": 0], ["name": 0, "tags": 0],
    ["address.city": 1], ["address.city": 0], ["address": ["city": 1]], ["visits.at": 1],
    ["visits.at": 0, "scores": 0], ["tags": ["$slice": 1]], ["tags": ["$slice": -1], "name": 1],
    ["scores": ["$slice": [1, 1]]], ["visits": ["$elemMatch": ["at": 2]]],
    ["visits": ["$elemMatch": ["at": 2]], "name": 1], ["scores": ["$elemMatch": ["$gt": 80]]],
    ["unknown": 1], ["extra.deep": 1, "count": 1], ["meta.k": 1], ["name": true, "age": .int64(1)],
    ["twice": ["$multiply": ["$small", 2]]], ["name": 1, "label": "$address.city"],
    ["name": "fixed"], ["address": 0, "address2": 0], ["meta.l": ["$slice": 1]],
    ["tags": 1, "tags2": 1],
  ]
}

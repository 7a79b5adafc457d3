internal import PrivataCore

extension StoreConformance {
  static let refusalChecks: [Check] = [
    Check("refusal: unknown operators") { context in
      let model = try await people(context)
      for filter in [["age": ["$frob": 1]], ["$frob": []], ["tags": ["$elemMatch": ["$frob": 1]]]]
        as [Document]
      {
        try await context.expectError(.unknownOperator, ConformanceContext.text(filter)) {
          _ = try await context.find(model, .document(filter))
        }
      }
      try await context.expectError(.unknownOperator, "in an update") {
        let update = Update(model, where: .all, .operators(["$frob": ["a": 1]]))
        _ = try await context.store.write(.update(update))
      }
    },
    Check("refusal: malformed filters") { context in
      let model = try await people(context)
      let filters: [Document] = [
        ["age": ["$in": 5]], ["$or": []], ["$and": [1]], ["$or": 5], ["age": ["$mod": [4]]],
        ["age": ["$mod": [0, 1]]], ["tags": ["$size": -1]], ["tags": ["$size": "x"]],
        ["tags": ["$all": 5]], ["tags": ["$elemMatch": 5]], ["age": ["$not": 5]],
        ["name": ["$regex": "("]], ["name": ["$regex": 5]], ["name": ["$options": "i"]],
        ["age": ["$type": "nonsense"]], ["age": ["$type": 99]], ["age": ["$in": [["$gt": 1]]]],
        ["age": ["$bitsAllSet": -1]], ["age": ["$gt": .regex(RegularExpression("a"))]],
      ]
      try await context.differences { differences in
        for filter in filters {
          let text = ConformanceContext.text(filter)
          var wanted: PrivataError?
          do throws(PrivataError) { _ = try DocumentMatcher(filter) } catch { wanted = error }
          do {
            _ = try await context.find(model, .document(filter))
            differences.append("\(text): no error was thrown")
          } catch let error as PrivataError {
            let codes = [wanted, error].map { ($0?.underlying as? ServerError)?.code }
            if codes[0] != codes[1] {
              differences.append("\(text): code \(codes[1] ?? 0), wanted \(codes[0] ?? 0)")
            }
          }
        }
      }
    },
    Check("refusal: malformed projections") { context in
      let model = try await people(context)
      for (projection, code) in [
        (["name": 1, "age": 0], 31254), (["age": 0, "name": 1], 31253),
        (["address": 1, "address.city": 1], 31249), (["address.city": 1, "address": 1], 31250),
      ] as [(Document, Int)] {
        let error = try await context.error(ConformanceContext.text(projection)) {
          _ = try await context.find(model, projection: .document(projection))
        }
        try context.expectEqual(
          (error.underlying as? ServerError)?.code, code, ConformanceContext.text(projection))
      }
    },
    Check("refusal: unknown fields of a typed model") { context in
      let model = try await items(context)
      try await context.expectError(.unknownField, "filter") {
        _ = try await context.store.rows(
          for: Query(model, where: .compare("nope", .equal, 1), layout: .cells))
      }
      try await context.expectError(.unknownField, "assignment") {
        let update = Update(model, where: .all, .assign([Assignment("nope", 1)]))
        _ = try await context.store.write(.update(update))
      }
    },
  ]
}

import PrivataCore
import Testing

@testable import PrivataMongo

/// The commands are those that the Node driver sends for the same calls.
@Suite struct ObservationTests {
  @Test func commandsAreThoseOfTheNodeDriver() async throws {
    let recorder = CommandRecorder()
    var options = MongoOptions()
    options.commandObserver = recorder
    try await MongoTests.withCollection("users", options: options) { store, model in
      for (call, wanted) in Self.table(model) {
        _ = recorder.take()
        try await call(store)
        #expect(recorder.take() == wanted)
      }
    }
  }

  typealias Call = @Sendable (MongoStore) async throws -> Void

  static func table(_ model: ModelSchema) -> [(Call, [Document])] {
    reads(model) + counts(model) + writes(model) + bulks(model)
  }

  private static func reads(_ model: ModelSchema) -> [(Call, [Document])] {
    [
      (
        { store in
          _ = try await store.rows(
            for: Query(
              model, where: .document(["region": "north"]), projection: .document(["firstName": 1]),
              sort: [SortKey("age", descending: true)], skip: 1, limit: 2))
        },
        [
          [
            "find": "users", "filter": ["region": "north"], "sort": ["age": -1],
            "projection": ["firstName": 1], "skip": 1, "limit": 2,
          ]
        ]
      ),
      (
        { _ = try await $0.rows(for: Query(model, where: .document(["_id": 1]), limit: 1)) },
        [["find": "users", "filter": ["_id": 1], "limit": 1]]
      ),
    ]
  }

  private static func counts(_ model: ModelSchema) -> [(Call, [Document])] {
    [
      (
        {
          _ = try await $0.rows(for: Query(model, where: .document(["age": 61]), answer: .exists))
        },
        [["find": "users", "filter": ["age": 61], "projection": ["_id": 1], "limit": 1]]
      ),
      (
        { store in
          _ = try await store.rows(
            for: Query(
              model, where: .document(["role": "patient"]), skip: 1, limit: 5, answer: .count))
        },
        [
          [
            "aggregate": "users",
            "pipeline": [
              ["$match": ["role": "patient"]], ["$skip": 1], ["$limit": 5],
              ["$group": ["_id": 1, "n": ["$sum": 1]]],
            ],
          ]
        ]
      ),
      (
        { store in
          var query = Query(model, answer: .count)
          query.options = QueryOptions()
          query.options?.more = ["estimated": true]
          _ = try await store.rows(for: query)
        },
        [["count": "users"]]
      ),
      (
        { _ = try await $0.rows(for: Query(model, answer: .distinct("region"))) },
        [["distinct": "users", "key": "region", "query": [:]]]
      ),
    ]
  }

  private static func writes(_ model: ModelSchema) -> [(Call, [Document])] {
    [
      (
        { store in
          let set = Changes.operators(["$set": ["age": 1]])
          _ = try await store.write(
            .update(Update(model, where: .document(["region": "x"]), set, isMany: true)))
        },
        [
          [
            "update": "users",
            "updates": [["q": ["region": "x"], "u": ["$set": ["age": 1]], "multi": true]],
          ]
        ]
      ),
      (
        { store in
          var update = Update(
            model, where: .document(["region": "x"]), .operators(["$set": ["age": 1]]))
          update.returning = .before
          update.projection = .document(["passwordHash": 0])
          _ = try await store.write(.update(update))
        },
        [
          [
            "findAndModify": "users", "query": ["region": "x"], "remove": false, "new": false,
            "upsert": false, "fields": ["passwordHash": 0], "update": ["$set": ["age": 1]],
          ]
        ]
      ),
      (
        { store in
          _ = try await store.write(
            .delete(Delete(model, where: .document(["age": ["$gte": 30]]))))
        },
        [["delete": "users", "deletes": [["q": ["age": ["$gte": 30]], "limit": 0]]]]
      ),
    ]
  }

  private static func bulks(_ model: ModelSchema) -> [(Call, [Document])] {
    [
      (
        { store in
          let set = Changes.operators(["$set": ["status": "closed"]])
          let writes: [Write] = [
            .insert(Insert(model, .documents([["_id": 7]]))),
            .update(Update(model, where: .document(["_id": 1]), set)),
            .update(
              Update(model, where: .all, .operators(["$inc": ["visits": 1]]), isMany: true)),
            .delete(Delete(model, where: .document(["_id": 2]), isMany: false)),
          ]
          _ = try await store.write(.bulk(writes, isOrdered: true))
        },
        [
          ["insert": "users", "documents": [["_id": 7]]],
          [
            "update": "users",
            "updates": [
              ["q": ["_id": 1], "u": ["$set": ["status": "closed"]]],
              ["q": [:], "u": ["$inc": ["visits": 1]], "multi": true],
            ],
          ],
          ["delete": "users", "deletes": [["q": ["_id": 2], "limit": 1]]],
        ]
      )
    ]
  }
}

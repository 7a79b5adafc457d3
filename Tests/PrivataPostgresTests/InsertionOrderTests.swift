import PrivataCore
import Testing

@testable import PrivataPostgres

@Suite struct InsertionOrderTests {
  private let model = ModelSchema(
    name: "Visit", collection: "visits",
    fields: [.init("_id", .int32), .init("rank", .int32), .init("note", .string)], isOpen: true)

  private func ids(_ store: PostgresStore, _ query: Query) async throws -> [Int] {
    try await store.rows(for: query).documents.compactMap { $0["_id"]?.asInt }
  }

  @Test func documentsComeInTheOrderInWhichTheyCame() async throws {
    try await TestServer.withStore("order", { $0.insertionOrder = true }) { store in
      try await store.prepare([model])
      let order = [5, 3, 9, 1, 7]
      _ = try await store.write(
        .insert(Insert(model, .documents(order.map { ["_id": .int($0), "rank": .int($0 % 2)] }))))
      // What is written anew lies elsewhere in the table.
      for id in [3, 1] {
        _ = try await store.write(
          .update(
            Update(model, where: .document(["_id": .int(id)]), .operators(["$set": ["note": "x"]])))
        )
      }
      #expect(try await ids(store, Query(model)) == order)
      #expect(
        try await ids(store, Query(model, where: .document(["rank": 1]), limit: 2)) == [5, 3])
      #expect(try await ids(store, Query(model, sort: [SortKey("rank")])) == order)
      let first = try await store.write(
        .delete(Delete(model, where: .all, isMany: false, returning: .before)))
      #expect(first.rows?.documents.first?["_id"]?.asInt == 5)
      // A document never shows the column.
      #expect(try await store.rows(for: Query(model)).documents.allSatisfy { $0["_seq"] == nil })
    }
  }

  @Test func aTableFromBeforeGetsTheOrderToo() async throws {
    try await TestServer.withStore("later") { store in
      try await store.prepare([model])
      _ = try await store.write(.insert(Insert(model, .documents([["_id": 2], ["_id": 1]]))))
      var options = store.context.options
      options.insertionOrder = true
      let ordered = try await PostgresStore(TestServer.url, options: options)
      try await ordered.prepare([model])
      _ = try await ordered.write(.insert(Insert(model, .documents([["_id": 0]]))))
      #expect(try await ids(ordered, Query(model)) == [2, 1, 0])
      await ordered.close()
    }
  }
}

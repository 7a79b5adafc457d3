import Foundation
import PrivataCore
import Testing

@testable import PrivataMongo

@Suite(.serialized) struct StreamTests {
  @Test func aHundredThousandRecordsInFlatMemory() async throws {
    try await MongoTests.withCollection("stream") { store, model in
      let text = Value.string(String(repeating: "x", count: 1_200))
      for part in 0..<10 {
        try await store.insert(
          (0..<10_000).map { ["_id": .int(part * 10_000 + $0), "text": text] }, into: model)
      }
      let stream = try await store.stream(Query(model, sort: [SortKey("_id")]), batchSize: 500)
      _ = try await stream.next()
      let start = Self.residentBytes()
      var count = 500
      var most = 0
      while let batch = try await stream.next() {
        #expect(batch.count <= 500)
        count += batch.count
        most = max(most, Self.residentBytes() - start)
      }
      #expect(count == 100_000)
      // All rows together are 123 MB; other tests of the process need memory, too.
      #expect(most < 60_000_000)
    }
  }

  @Test func oneThatIsLeftGivesBackItsConnection() async throws {
    let store = try await MongoStore.open(
      MongoTests.url + "&maxPoolSize=1", database: "mongo_driver_test")
    let model = MongoTests.open("stream_left")
    try await store.drop([model])
    try await store.insert((0..<100).map { ["_id": .int($0)] }, into: model)
    for _ in 0..<3 {
      let stream = try await store.stream(Query(model), batchSize: 10)
      #expect(try await stream.next()?.count == 10)
      await stream.close()
      #expect(try await stream.next() == nil)
    }
    do {
      let dropped = try await store.stream(Query(model), batchSize: 10)
      _ = try await dropped.next()
    }
    #expect(try await store.count(in: model) == 100)
    try await store.drop([model])
    await store.close()
  }

  @Test func cellsComeInPiecesToo() async throws {
    try await MongoTests.withCollection("stream_cells") { store, model in
      try await store.insert((0..<10).map { ["_id": .int($0), "n": .int($0 * 2)] }, into: model)
      var query = Query(model, projection: .fields(["n"]), sort: [SortKey("_id")], limit: 7)
      query.layout = .cells
      let stream = try await store.stream(query, batchSize: 4)
      var numbers: [Int?] = []
      while let batch = try await stream.next() {
        numbers += (0..<batch.count).map { batch.value(row: $0, column: 0)?.asInt }
      }
      #expect(numbers == [0, 2, 4, 6, 8, 10, 12])
    }
  }

  private static func residentBytes() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(
      separator: " ")
    return (fields.flatMap { Int($0[1]) } ?? 0) * 4096
  }
}

import BenchKit
import Foundation
import MongoStyle
import PrivataCore

/// Iterates over a million documents by cursor and says how far the resident memory grew: no pair,
/// because what is asked is a bound.
struct CursorSuite {
  let store: any Store
  let name: String
  let rows: Int

  /// What the memory may grow by, however many documents there are.
  private static let bound = 64 << 20

  func run() async throws {
    let mongo = MongoConnection(store: store)
    let options = SchemaOptions { $0.collection = "bench_cursor" }
    let Thing = try mongo.model(
      "Thing", Schema(["n": .number, "text": .string, "at": .date], options: options))
    try await mongo.dropCollection(Thing)
    try await fill(Thing)
    for try await _ in Thing.find().limit(2000).cursor() {}
    try await measure("find") { see in
      for try await document in Thing.find().cursor(batchSize: 1000) { see(document["n"]) }
    }
    try await measure("lean") { see in
      for try await document in Thing.find().lean().cursor(batchSize: 1000) { see(document["n"]) }
    }
    try await measure("aggregate") { see in
      let rows = Thing.aggregate().match(["n": ["$gte": 0]]).project(["n": 1])
      for try await row in rows.cursor(batchSize: 1000) { see(row["n"]) }
    }
    try await mongo.dropCollection(Thing)
  }

  private func fill(_ model: MongoModel) async throws {
    let text = String(repeating: "abcdefgh", count: 12)
    for start in stride(from: 0, to: rows, by: 10_000) {
      let piece = (start..<min(start + 10_000, rows)).map { n -> Document in
        ["n": .int(n), "text": .string(text), "at": .date(DateTime(milliseconds: Int64(n)))]
      }
      try await model.insertMany(piece, options: InsertManyOptions { $0.lean = true })
    }
  }

  private func measure(
    _ way: String, _ body: ((Value?) -> Void) async throws -> Void
  ) async throws {
    var count = 0
    var most = 0
    let start = Self.resident
    let clock = ContinuousClock()
    let time = try await clock.measure {
      try await body { value in
        count += value == nil ? 0 : 1
        if count.isMultiple(of: 5000) { most = max(most, Self.resident - start) }
      }
    }
    let megabytes = String(format: "%.1f", Double(most) / 1_048_576)
    print("cursor \(name) \(way): \(count) documents in \(time), memory +\(megabytes) MB")
    guard count == rows, most < Self.bound else {
      throw RawFailure(message: "the cursor of \(name) lost documents or did not keep memory flat")
    }
  }

  /// The bytes of the process that are in memory.
  private static var resident: Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
      .split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

// Fills a collection, goes through it in one way after the other, and says how many documents each
// way saw and by how much the resident memory grew:
//
//     CursorProgram sqlite:<file> | <postgres or mongodb URL> <documents> find,lean,aggregate,exec
//
// `exec` reads the whole answer at once: what the cursors are measured against.
import Foundation
import MongoStyle
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQLite

/// The bytes of the process that are in memory.
func resident() -> Int {
  let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
    .split(separator: " ").dropFirst().first.flatMap { Int($0) }
  return (pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
}

struct Growth {
  let start = resident()
  var most = 0
  var count = 0

  mutating func see() {
    count += 1
    if count.isMultiple(of: 500) { most = max(most, resident() - start) }
  }

  mutating func end() { most = max(most, resident() - start) }
}

func connect(_ place: String) async throws -> MongoConnection {
  if place.hasPrefix("sqlite:") {
    return try await MongoStyle.connect(.sqlite(String(place.dropFirst(7))))
  }
  return try await MongoStyle.connect(
    place.hasPrefix("mongodb") ? .mongo(place) : .postgres(place))
}

let arguments = CommandLine.arguments
let total = Int(arguments[2]) ?? 0
let mongo = try await connect(arguments[1])
let options = SchemaOptions {
  $0.collection = "cursor_\(ProcessInfo.processInfo.processIdentifier)"
}
let Thing = try mongo.model(
  "Thing", Schema(["n": .number, "text": .string, "tags": [.string]], options: options))
let text = String(repeating: "abcdefgh", count: 50)
var plain = InsertManyOptions()
plain.lean = true
for start in stride(from: 0, to: total, by: 1000) {
  let piece = (start..<min(start + 1000, total)).map { n -> Document in
    ["n": .int(n), "text": .string(text), "tags": ["a", "b"]]
  }
  try await Thing.insertMany(piece, options: plain)
}
for try await _ in Thing.find().limit(1000).cursor() {}

@MainActor func go(_ way: Substring) async throws -> Growth {
  var growth = Growth()
  switch way {
  case "lean": for try await _ in Thing.find().lean().cursor() { growth.see() }
  case "aggregate":
    let rows = Thing.aggregate().match(["n": ["$gte": 0]]).project(["n": 1, "text": 1])
    for try await _ in rows.cursor() { growth.see() }
  case "exec":
    let all = try await Thing.find().exec()
    for document in all {
      _ = document["text"]
      growth.see()
    }
    growth.end()
  default:
    for try await document in Thing.find().cursor() {
      _ = document["text"]
      growth.see()
    }
  }
  return growth
}

for way in arguments[3].split(separator: ",") {
  let growth = try await go(way)
  print("\(growth.count) \(growth.most)")
}
try await mongo.dropCollection(Thing)
await mongo.close()

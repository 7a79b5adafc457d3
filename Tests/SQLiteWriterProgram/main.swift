// Writes to a file until it is killed, and says each record that was acknowledged:
//
//     SQLiteWriterProgram clinic.db insert|group|transaction
import Foundation
import PrivataCore
import PrivataSQLite

let model = ModelSchema(
  name: "Note", collection: "notes",
  fields: [
    FieldSchema("_id", .any), FieldSchema("count", .number), FieldSchema("body", .document),
  ],
  isOpen: true)

@Sendable func acknowledged(_ number: Int) {
  FileHandle.standardOutput.write(Data("\(number)\n".utf8))
}

@Sendable func record(_ number: Int) -> Document {
  ["_id": .int(number), "count": .int(number), "body": ["half": .int(number / 2)]]
}

let store = try await SQLiteStore(path: CommandLine.arguments[1])
try await store.prepare([model])
switch CommandLine.arguments[2] {
case "group":
  try await withThrowingTaskGroup(of: Void.self) { group in
    for writer in 0..<16 {
      group.addTask {
        for number in 0..<100_000 {
          let id = number * 16 + writer
          _ = try await store.write(.insert(Insert(model, .documents([record(id)]))))
          acknowledged(id)
        }
      }
    }
    try await group.waitForAll()
  }
case "transaction":
  // Pairs: neither record is ever there without the other.
  for number in 0..<100_000 {
    try await store.withTransaction { transaction in
      for id in [2 * number, 2 * number + 1] {
        _ = try await transaction.write(.insert(Insert(model, .documents([record(id)]))))
      }
    }
    acknowledged(2 * number)
    acknowledged(2 * number + 1)
  }
default:
  for number in 0..<1_000_000 {
    _ = try await store.write(.insert(Insert(model, .documents([record(number)]))))
    acknowledged(number)
  }
}

import Foundation
import PrivataCore
import PrivataSQLite
import Testing

/// A process that is killed in the middle of its writes loses nothing that it was told is kept.
@Suite struct KilledTests {
  @Test(arguments: ["insert", "group", "transaction"], [0, 1, 2])
  func nothingAcknowledgedIsLost(_ way: String, _ round: Int) async throws {
    let folder = try Folder()
    let process = Process()
    process.executableURL = URL(filePath: try Self.program())
    process.arguments = [folder.file(), way]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    try await Task.sleep(for: .milliseconds(400 + 130 * round))
    kill(process.processIdentifier, SIGKILL)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    // The last line may have been cut off.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let acknowledged = Set(lines.compactMap { Int($0) })
    #expect(acknowledged.count > 10)

    let store = try await SQLiteStore(path: folder.file())
    let found = try await store.find(noteModel())
    let ids = Set(found.compactMap { $0["_id"]?.asInt })
    #expect(acknowledged.isSubset(of: ids))
    #expect(found.count == ids.count)
    for document in found {
      let id = document["_id"]?.asInt ?? -1
      #expect(document == ["_id": .int(id), "count": .int(id), "body": ["half": .int(id / 2)]])
    }
    if way == "transaction" {
      #expect(ids.allSatisfy { ids.contains($0 ^ 1) })
    }
    await store.close()
    #expect(try Outsider(folder.file()).run("PRAGMA integrity_check") == ["ok"])
  }

  private static func program() throws -> String {
    var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let program = folder.appending(path: "SQLiteWriterProgram").path
      if FileManager.default.isExecutableFile(atPath: program) { return program }
    }
    throw OutsiderFailure(text: "SQLiteWriterProgram was not built")
  }
}

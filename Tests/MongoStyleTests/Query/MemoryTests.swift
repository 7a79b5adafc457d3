import Foundation
import PrivataCore
import Testing

/// Cursors over many documents, in a process of their own, so that its memory is theirs.
@Suite struct MemoryTests {
  enum Place: String, CaseIterable, Sendable { case sqlite, postgres, mongo }

  /// 24 MB of documents go through; what reads them at once grows by more than that.
  private static let count = 60_000
  private static let bound = 12 << 20

  @Test(arguments: Place.allCases)
  func cursorsKeepMemoryFlat(_ place: Place) async throws {
    let growths = try await run(place, ["find", "lean", "aggregate"])
    for (way, growth) in growths {
      #expect(growth < Self.bound, "\(way) on \(place): the memory grew by \(growth) bytes")
    }
  }

  @Test func theMeasureSeesWhatIsReadAtOnce() async throws {
    let growths = try await run(.sqlite, ["exec"])
    #expect(growths.allSatisfy { $0.1 > Self.bound })
  }

  /// By how many bytes each way grew.
  private func run(_ place: Place, _ ways: [String]) async throws -> [(String, Int)] {
    let file = NSTemporaryDirectory() + "cursor-\(UUID().uuidString).db"
    defer {
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + end) }
    }
    let process = Process()
    process.executableURL = URL(filePath: try Self.program)
    process.arguments = [
      try Self.address(place, file), "\(Self.count)", ways.joined(separator: ","),
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let numbers = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .compactMap { Int($0) }
    try #require(process.terminationStatus == 0 && numbers.count == 2 * ways.count)
    return ways.enumerated().map { index, way in
      #expect(numbers[2 * index] == Self.count)
      return (way, numbers[2 * index + 1])
    }
  }

  private static func address(_ place: Place, _ file: String) throws -> String {
    let environment = ProcessInfo.processInfo.environment
    switch place {
    case .sqlite: return "sqlite:\(file)"
    case .postgres: return try #require(environment["PRIVATA_POSTGRES_URL"])
    case .mongo: return try #require(environment["PRIVATA_MONGO_URL"])
    }
  }

  /// The program beside the tests.
  private static var program: String {
    get throws {
      var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      for _ in 0..<6 {
        let program = folder.appending(path: "CursorProgram").path
        if FileManager.default.isExecutableFile(atPath: program) { return program }
        folder = folder.deletingLastPathComponent()
      }
      throw PrivataError(.badArgument, "CursorProgram was not built")
    }
  }
}

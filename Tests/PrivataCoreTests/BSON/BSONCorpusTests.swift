import FoundationEssentials
import Testing

@testable import BSONCorpus

/// The project's own corpus cases, and the drivers' shared corpus where it lies next to the
/// repository.
@Suite struct BSONCorpusTests {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let own = root.appending(path: "Compat/BSON/Cases").path
  static let shared = root.deletingLastPathComponent().appending(path: "shared/bson-corpus").path
  static let hasShared = FileManager.default.fileExists(atPath: shared)

  @Test func ownCasesPass() throws {
    let replay = try BSONCorpus.replay(folder: Self.own)
    #expect(replay.total >= 100)
    #expect(replay.failures.map(\.description) == [])
  }

  @Test(.enabled(if: hasShared)) func sharedCasesPass() throws {
    let replay = try BSONCorpus.replay(folder: Self.shared)
    #expect(replay.total >= 800)
    #expect(replay.failures.map(\.description) == [])
  }

  @Test func wrongExpectationsFail() throws {
    let file = #"""
      {"bson_type": "0x10",
       "valid": [{"description": "wrong", "canonical_bson": "0C0000001061000100000000",
                  "canonical_extjson": "{\"a\": {\"$numberInt\": \"2\"}}"}],
       "decodeErrors": [{"description": "sound", "bson": "0500000000"}],
       "parseErrors": [{"description": "sound", "string": "{}"}]}
      """#
    var replay = CorpusReplay()
    replay.replay(try CorpusFile(name: "wrong.json", Array(file.utf8)))
    #expect(replay.total == 3)
    #expect(replay.failures.map(\.description) == ["wrong", "sound", "sound"])
    #expect(replay.report.hasPrefix(#"{"total":3,"passed":0,"failed":[{"file":"wrong.json""#))
  }
}

import FoundationEssentials

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// `swift run BSONCorpus <folder>`: replays every `.json` file of a folder of the BSON corpus.
///
/// Prints the report, writes it to the file that `OUT` names, and exits with 0 only where the folder
/// has cases and all of them pass.
@main
struct BSONCorpus {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      return leave(2, "usage: swift run BSONCorpus <folder>")
    }
    do {
      let replay = try replay(folder: CommandLine.arguments[1])
      print(replay.report)
      if let path = ProcessInfo.processInfo.environment["OUT"] {
        try Data((replay.report + "\n").utf8).write(to: URL(filePath: path))
      }
      if replay.total == 0 { leave(1, "no cases found") }
      if !replay.failures.isEmpty { exit(1) }
    } catch {
      leave(2, "\(error)")
    }
  }

  /// Replays every file of a folder in the order of their names.
  static func replay(folder: String) throws -> CorpusReplay {
    var replay = CorpusReplay()
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw CorpusProblem(description: "\(folder) is no folder that can be read")
    }
    for name in names.sorted() where name.hasSuffix(".json") {
      let data = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
      do {
        replay.replay(try CorpusFile(name: name, [UInt8](data)))
      } catch {
        throw CorpusProblem(description: "\(name) is no corpus file: \(error)")
      }
    }
    return replay
  }

  private static func leave(_ status: Int32, _ message: String) {
    print(message)
    exit(status)
  }
}

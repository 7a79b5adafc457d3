import Foundation
import PrivataCore
import ReplayKit

/// Replays cases recorded from Mongoose:
///
///     swift run ReplayMongoose --store sqlite|postgres|mongo [--file vectors.json] [--only prefix]
///       [--out report.json] [--sent strict]
@main
struct ReplayMongoose {
  static func main() async {
    do {
      exit(try await replay(try ReplayArguments()))
    } catch {
      print((error as? ReplayFailure)?.reason ?? "\(error)")
      exit(2)
    }
  }

  private static func replay(_ arguments: ReplayArguments) async throws -> Int32 {
    let file = try VectorFile(path: arguments.file ?? "Compat/mongoose/vectors.json")
    let bench = try await Bench(store: arguments.store)
    var replay = Replay(bench, try UnsupportedReasons(path: "Compat/mongoose/features.json"))
    replay.runner.comparesSent = arguments.sent == "strict"
    await replay.run(file, only: arguments.only)
    try await bench.close()
    if arguments.store == "mongo" {
      print("commands other than Mongoose's: \(replay.otherCommands.count) cases")
    }
    return arguments.finish(replay.report)
  }
}

/// A run over the cases of a file.
struct Replay {
  var runner: CaseRunner
  private(set) var report: ReplayReport
  /// The cases that hold while their commands are not Mongoose's, with the first difference.
  private(set) var otherCommands: [(id: String, difference: String)] = []
  private let reasons: UnsupportedReasons

  init(_ bench: Bench, _ reasons: UnsupportedReasons) {
    runner = CaseRunner(bench: bench)
    self.reasons = reasons
    report = ReplayReport(style: "mongoose", store: bench.store.traits.kind.rawValue)
  }

  mutating func run(_ file: VectorFile, only prefix: String? = nil) async {
    for json in file.cases {
      let recorded = RecordedCase(json, library: file.root["library"])
      guard prefix.map({ recorded.id.hasPrefix($0) }) ?? true else { continue }
      await run(recorded)
    }
  }

  private mutating func run(_ recorded: RecordedCase) async {
    if let reason = reasons.reason(recorded.id, on: runner.bench.store.traits) {
      return report.unsupported.append((recorded.id, reason))
    }
    let outcome = await runner.run(recorded)
    if let difference = outcome.sentDifference {
      otherCommands.append((recorded.id, difference))
    }
    if let difference = outcome.difference {
      report.failed.append((recorded.id, difference))
    } else {
      report.passed += 1
    }
  }
}

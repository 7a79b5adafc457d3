import BenchKit
import Foundation

// The overhead benchmark: raw driver calls and Privata, by turns in one process.
//   swift run -c release Bench [--suite style] [--store sqlite] [--ops "findById,find 10"]
//     [--rounds 9] [--seconds 1] [--out file.json] [--environment file] [--counts file.json]

let options = try Options(Array(CommandLine.arguments.dropFirst()))
let folder = NSTemporaryDirectory() + "/privata-bench-\(ProcessInfo.processInfo.processIdentifier)"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)

// The main thread waits by itself, in place of an asynchronous main: valgrind does not survive what
// that does to the main thread.
let done = DispatchSemaphore(value: 0)
Task.detached {
  do {
    try await run(Suites(options: options, folder: folder))
  } catch {
    print("bench: \(error)")
    try? FileManager.default.removeItem(atPath: folder)
    exit(1)
  }
  done.signal()
}
done.wait()
try? FileManager.default.removeItem(atPath: folder)

@Sendable func run(_ suites: Suites) async throws {
  guard let counts = suites.options.counts else { return try await measure(suites) }
  let report = try await Counts(folder: suites.folder).report(suites)
  try report.write(toFile: counts, atomically: true, encoding: .utf8)
}

@Sendable func measure(_ suites: Suites) async throws {
  let options = suites.options
  let runner = Runner(rounds: options.rounds, seconds: options.seconds)
  let environment = Environment.line()
  print("\(environment); \(runner.rounds) rounds\n\n\(Report.header)")
  var report = Report()
  for place in try Place.all(folder: suites.folder, options) {
    try await suites.run(place) { comparison in
      guard options.wants(comparison) else { return }
      let measurement = try await runner.measure(comparison)
      report.measurements.append(measurement)
      print(Report.line(measurement))
      fflush(nil)
    }
  }
  print("\n" + report.summary)
  if let out = options.out { try report.json.write(toFile: out, atomically: true, encoding: .utf8) }
  if let file = options.environment {
    try "\(environment); \(runner.rounds) rounds\n"
      .write(toFile: file, atomically: true, encoding: .utf8)
  }
}

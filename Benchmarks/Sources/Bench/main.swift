import BenchKit
import Foundation

// The overhead benchmark: raw driver calls and Privata, by turns in one process.
//   swift run -c release Bench [--suite style] [--store sqlite] [--ops "findById,find 10"]
//     [--rounds 9] [--seconds 1] [--out file.json] [--environment file] [--counts file.json]

let options = try Options(Array(CommandLine.arguments.dropFirst()))
let folder = NSTemporaryDirectory() + "/privata-bench-\(ProcessInfo.processInfo.processIdentifier)"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: folder) }
let suites = Suites(options: options, folder: folder)

if let counts = options.counts {
  let report = try await Counts(folder: folder).report(suites)
  try report.write(toFile: counts, atomically: true, encoding: .utf8)
} else {
  try await measureAll()
}

func measureAll() async throws {
  let runner = Runner(rounds: options.rounds, seconds: options.seconds)
  let environment = Environment.line()
  print("\(environment); \(runner.rounds) rounds\n\n\(Report.header)")
  var report = Report()
  for place in try Place.all(folder: folder, options) {
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

import Foundation
import PrivataCore

// The overhead benchmark:
//   swift run -c release Bench [--only regex] [--seconds n] [--out file.json]

let options = try Options()
let folder = NSTemporaryDirectory() + "privata-bench-\(ProcessInfo.processInfo.processIdentifier)"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: folder) }

let runner = Runner(seconds: options.seconds)
var report = Report()
print(Report.header)
for place in try Place.all(folder: folder) {
  guard options.wants(store: place.name) else { continue }
  try place.raw.fill(users: 2000)
  for suite in try await Suites.all(place, users: 2000) {
    for comparison in suite.comparisons where options.wants(comparison.name) {
      let measurement = try await runner.measure(comparison)
      report.measurements.append(measurement)
      print(Report.line(measurement))
    }
  }
}
print(report.summary)
if let out = options.out { try report.json.write(toFile: out, atomically: true, encoding: .utf8) }

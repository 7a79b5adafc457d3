import Foundation
import PatientImport

// The demo: QuickStart [folder with patients.csv and conditions.csv]
//   PATIENTS=folder reads an export instead of the bundled sample, OUT=file.json takes the report.

func demo() async throws -> Bool {
  let environment = ProcessInfo.processInfo.environment
  let files =
    if let folder = environment["PATIENTS"], !folder.isEmpty {
      try PatientFiles(folder: folder)
    } else {
      try PatientFiles.sample()
    }
  print(
    "\(files.patients.rows.count) patients and \(files.conditions.rows.count) conditions read; "
      + "\(files.problems.count) cells reported, for example:")
  for problem in files.problems.prefix(3) { print("    \(problem)") }

  let folder = NSTemporaryDirectory() + "privata-demo-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  var demo = Demo(files: files, folder: folder)
  try await demo.run()
  if let out = environment["OUT"], !out.isEmpty {
    try demo.report.json.write(toFile: out, atomically: true, encoding: .utf8)
  }
  return demo.report.ok
}

do {
  exit(try await demo() ? 0 : 1)
} catch {
  print("the demo stopped: \(error)")
  exit(2)
}

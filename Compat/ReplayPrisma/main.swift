import Foundation
import PrismaStyle
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQLite
import ReplayKit

// Replays cases recorded from Prisma:
//   swift run ReplayPrisma --store sqlite|postgres|mongo [--file vectors.json] [--out report.json]

func replay() async throws -> Int32 {
  let arguments = try ReplayArguments()
  let file = try VectorFile(path: arguments.file ?? "Compat/prisma/vectors.json")
  let driver = arguments.store == "mongo" ? "mongodb" : arguments.store
  let recorded = try RecordedSchema(file.root["schema"] ?? file.root, driver: driver)
  let schema = try PrismaSchema(recorded.models)
  let bench = try await Bench(store: arguments.store, schema, recorded, file.root["seed"])

  var report = ReplayReport(style: "prisma", store: arguments.store)
  for test in file.cases {
    let id = test["id"]?.string ?? "?"
    guard arguments.only.map({ id.hasPrefix($0) }) ?? true else { continue }
    if let drivers = test["drivers"]?.elements, !drivers.contains(where: { $0.string == driver }) {
      continue
    }
    try await bench.reset()
    if let reason = await CaseRunner(client: bench.client).failure(test) {
      report.failed.append((id, reason))
    } else {
      report.passed += 1
    }
  }
  await bench.close()
  return arguments.finish(report)
}

do {
  exit(try await replay())
} catch {
  print("ReplayPrisma: \((error as? ReplayFailure)?.reason ?? "\(error)")")
  exit(2)
}

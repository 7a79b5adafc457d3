import Foundation
import PrivataCore
import ReplayKit

let folder = "Compat/drizzle"
do {
  let arguments = try ReplayArguments()
  guard arguments.store != "mongo" else {
    throw ReplayFailure("DrizzleStyle's cases are of SQL: STORE=postgres or STORE=sqlite")
  }
  let file = try VectorFile(path: arguments.file ?? "\(folder)/vectors.json")
  let rows = FeatureRows(try VectorFile(path: "\(folder)/features.json").root)
  var replayer = try await Replayer(file.root, arguments, rows)
  for json in file.cases {
    if let only = arguments.only, json["id"]?.string?.hasPrefix(only) != true { continue }
    try await replayer.replay(json)
  }
  if ProcessInfo.processInfo.environment["REPLAY_TEXTS"] != nil {
    replayer.otherTexts.forEach { print("other text: \($0)") }
  }
  exit(arguments.finish(replayer.report))
} catch {
  let cause = (error as? PrivataError)?.underlying.map { "\n\($0)" } ?? ""
  print((error as? ReplayFailure)?.reason ?? "\(error)\(cause)")
  exit(2)
}

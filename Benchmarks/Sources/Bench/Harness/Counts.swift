import BenchKit
import CMallocCount
import PrivataCore
import PrivataSQLite

/// Allocations and, under callgrind, instructions of each operation: figures without noise. The gate's
/// are those on SQLite, where a call runs from its start to its end on one thread; other stores are
/// counted where they are asked for.
struct Counts: Sendable {
  let folder: String
  private let calls = 50

  /// Counts every operation and answers the report: `{"prisma.findById": {"mallocs": 12}, …}`.
  func report(_ suites: Suites) async throws -> String {
    let isStated = !suites.options.stores.isEmpty
    let options = isStated ? suites.options : try Options(["--store", "sqlite"])
    guard let place = try Place.all(folder: folder, options).first else { return "{}\n" }
    var lines: [String] = []
    try await suites.run(place) { comparison in
      guard suites.options.wants(comparison), Self.staysOnOneThread(comparison) else { return }
      for side in [Comparison.Side.raw, .privata] {
        lines.append(try await count(comparison, side))
      }
    }
    return "{\n  " + lines.joined(separator: ",\n  ") + "\n}\n"
  }

  /// Writes of a vault wait for both stores, on whatever threads there are.
  private static func staysOnOneThread(_ comparison: Comparison) -> Bool {
    let isWrite = ["insert", "update", "delete"].contains { comparison.op.hasPrefix($0) }
    return !isWrite || comparison.suite == "style"
  }

  private func count(_ comparison: Comparison, _ side: Comparison.Side) async throws -> String {
    let sideName = side == .raw ? "raw" : "privata"
    let name = "\(comparison.name).\(sideName)"
    let calls = comparison.op.hasSuffix("100") || comparison.op.hasSuffix("1000") ? 10 : self.calls
    try await comparison.run(side, calls)
    var mallocs: UInt64 = 0
    // A call that had to wait may go on on another thread; then its allocations are counted anew.
    for _ in 0..<20 {
      try await comparison.prepare(side, calls)
      let thread = malloc_thread()
      instructions_start()
      let before = malloc_count()
      try await comparison.work(calls, of: side)
      mallocs = malloc_count() &- before
      instructions_stop("\(name)/\(calls)")
      if malloc_thread() == thread { break }
      mallocs = 0
    }
    print("\(name): \(mallocs / UInt64(calls)) allocations")
    return "\"\(name)\": {\"mallocs\": \(Double(mallocs) / Double(calls))}"
  }
}

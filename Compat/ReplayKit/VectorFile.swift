internal import Foundation
package import PrivataCore

/// A file of recorded cases.
package struct VectorFile {
  package var root: JSON

  /// Reads a file.
  package init(path: String) throws {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw ReplayFailure("cannot read \(path)")
    }
    root = try JSONParser.parse([UInt8](bytes), depthLimit: 200)
  }

  /// The cases, in order.
  package var cases: [JSON] { root["cases"]?.elements ?? [] }
}

/// What `make compat` passes on: STORE, FILE, OUT and ONLY (a prefix of case ids).
package struct ReplayArguments {
  package var store: String
  package var file: String?
  package var out: String?
  package var only: String?
  /// `strict` where commands that differ from the recorded ones count as failures.
  package var sent: String?

  /// Reads `--store`, `--file`, `--out`, `--only` and `--sent` of the process.
  package init() throws(ReplayFailure) {
    var values: [String: String] = [:]
    let words = Array(CommandLine.arguments.dropFirst())
    for (index, word) in words.enumerated() where word.hasPrefix("--") && index + 1 < words.count {
      values[String(word.dropFirst(2))] = words[index + 1]
    }
    store = values["store"] ?? "sqlite"
    guard ["sqlite", "postgres", "mongo"].contains(store) else {
      throw ReplayFailure("unknown store '\(store)': sqlite, postgres or mongo")
    }
    file = values["file"]
    out = values["out"]
    only = values["only"]
    sent = values["sent"]
  }

  /// Prints the report, writes it where asked, and answers the exit status.
  package func finish(_ report: ReplayReport) -> Int32 {
    print(report.text)
    if let out, !FileManager.default.createFile(atPath: out, contents: Data(report.json.utf8)) {
      print("cannot write \(out)")
      return 2
    }
    return report.holds ? 0 : 1
  }
}

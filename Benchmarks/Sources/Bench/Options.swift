import Foundation

/// What `make bench` passes on.
struct Options {
  private var only: Regex<AnyRegexOutput>?
  private(set) var seconds: Double?
  private(set) var out: String?

  /// Reads `--only`, `--seconds` and `--out` of the process.
  init() throws {
    let words = Array(CommandLine.arguments.dropFirst())
    for (index, word) in words.enumerated() where index + 1 < words.count {
      switch word {
      case "--only": only = try Regex(words[index + 1])
      case "--seconds": seconds = Double(words[index + 1])
      case "--out": out = words[index + 1]
      default: break
      }
    }
  }

  /// True where a comparison's name (`suite.style.store.op`) matches.
  func wants(_ name: String) -> Bool {
    guard let only else { return true }
    return name.contains(only)
  }

  /// False where no comparison on that store can match, so that it need not be filled.
  func wants(store: String) -> Bool {
    ["style", "vault"].contains { suite in
      ["mongoose", "prisma", "drizzle"].contains { style in
        Suites.operations.contains { wants("\(suite).\(style).\(store).\($0)") }
      }
    }
  }
}

import Foundation

/// What `make bench` passes on.
public struct Options: Sendable {
  /// Suites, styles, stores and operations by name; all where empty.
  public private(set) var suites: Set<String> = []
  public private(set) var styles: Set<String> = []
  public private(set) var stores: Set<String> = []
  public private(set) var ops: Set<String> = []
  /// A pattern of `suite.style.store.op`.
  private var only: String?
  public private(set) var rounds: Int?
  public private(set) var seconds: Double?
  /// The largest table of the suite `scaling`.
  public private(set) var rows = 100_000
  /// Where the report goes, and the line that says on what it was measured.
  public private(set) var out: String?
  public private(set) var environment: String?
  /// Where counts of instructions and allocations go; nothing is timed then.
  public private(set) var counts: String?

  /// Reads `--name value` pairs.
  ///
  /// - Throws: ``WrongOption`` for what is no option or no value of one.
  public init(_ words: [String]) throws {
    var rest = words[...]
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else { throw WrongOption(name: name) }
      switch name {
      case "--suite": suites = Self.names(value)
      case "--style": styles = Self.names(value)
      case "--store": stores = Self.names(value)
      case "--ops": ops = Self.names(value)
      case "--only": only = value
      case "--rounds": rounds = try Self.number(value, name)
      case "--rows": rows = try Self.number(value, name)
      case "--seconds": seconds = Double(value)
      case "--out": out = value
      case "--environment": environment = value
      case "--counts": counts = value
      default: throw WrongOption(name: name)
      }
    }
    if let only { _ = try Regex(only) }
  }

  private static func names(_ list: String) -> Set<String> {
    Set(list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
  }

  private static func number(_ text: String, _ name: String) throws -> Int {
    guard let number = Int(text), number > 0 else { throw WrongOption(name: name) }
    return number
  }

  /// True where a comparison is asked for.
  public func wants(_ comparison: Comparison) -> Bool {
    guard wants(suite: comparison.suite), wants(store: comparison.store) else { return false }
    guard styles.isEmpty || styles.contains(comparison.style) else { return false }
    guard ops.isEmpty || ops.contains(comparison.op) else { return false }
    guard let only, let pattern = try? Regex(only) else { return true }
    return comparison.name.contains(pattern)
  }

  /// True where a style of a suite may hold something that is asked for, so that its store need not
  /// be filled otherwise.
  public func wants(style: String, suite: String, store: String) -> Bool {
    guard wants(suite: suite), wants(store: store) else { return false }
    return styles.isEmpty || styles.contains(style)
  }

  /// True where a suite may hold something that is asked for.
  public func wants(suite: String) -> Bool { suites.isEmpty || suites.contains(suite) }

  /// True where a suite is asked for by its name.
  public func names(suite: String) -> Bool { suites.contains(suite) }

  /// True where a store may, so that it need not be filled otherwise.
  public func wants(store: String) -> Bool { stores.isEmpty || stores.contains(store) }
}

/// A word of the command line that says nothing.
public struct WrongOption: Error, CustomStringConvertible {
  let name: String

  public var description: String {
    "\(name): options are --suite, --style, --store, --ops, --only, --rounds, --rows, --seconds, --out, "
      + "--environment, --counts, each with a value"
  }
}

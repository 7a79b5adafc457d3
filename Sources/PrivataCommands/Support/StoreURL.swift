internal import Foundation
internal import PrivataCore
internal import PrivataMongo
internal import PrivataPostgres
internal import PrivataSQLite

/// A store as an option or a variable names it.
struct StoreURL {
  /// The file of a SQLite store.
  let file: String?
  let source: StoreSource

  /// Reads the value of an option.
  ///
  /// - Throws: `badArgument` that names the option: for a password on the command line, a file that
  ///   is not there, another kind of URL.
  init(_ text: String, option: String) throws(PrivataError) {
    if text.hasPrefix("env:") {
      let name = String(text.dropFirst(4))
      guard let value = CommandEnvironment.current.variable(name) else {
        throw .option(option, "the environment has no variable \(name)")
      }
      try self.init(value: value, option: option)
      return
    }
    guard !Self.hasPassword(text) else {
      throw .option(
        option,
        """
        a password on the command line can be read by every user of the machine: put the URL into a \
        variable and say env:NAME
        """)
    }
    try self.init(value: text, option: option)
  }

  /// Reads the value of a variable.
  init(value text: String, option: String) throws(PrivataError) {
    if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
      let (url, schema) = Self.schema(text)
      source = .postgres(url, schema: schema)
      file = nil
    } else if text.hasPrefix("mongodb://") || text.hasPrefix("mongodb+srv://") {
      source = .mongo(text)
      file = nil
    } else {
      let path = text.hasPrefix("sqlite:") ? String(text.dropFirst(7)) : text
      guard !path.contains("://") else {
        throw .option(option, "a store is a SQLite file, postgres:// or mongodb://")
      }
      guard Files.exists(path) else { throw .option(option, "there is no file at \(path)") }
      var options = SQLiteOptions()
      options.sharing = .shared
      options.createsFile = false
      source = .sqlite(path, options: options)
      file = path
    }
  }

  /// True for a URL with a password before its host.
  private static func hasPassword(_ text: String) -> Bool {
    guard let start = text.range(of: "://")?.upperBound else { return false }
    let authority = text[start...].prefix { $0 != "/" && $0 != "?" }
    guard let end = authority.lastIndex(of: "@") else { return text.contains("password=") }
    return authority[..<end].contains(":")
  }

  /// The URL without its `schema`, which is the store's and not the server's, and the schema.
  private static func schema(_ text: String) -> (String, String?) {
    guard let mark = text.firstIndex(of: "?") else { return (text, nil) }
    let pairs = text[text.index(after: mark)...].split(separator: "&")
    let schema = pairs.first { $0.hasPrefix("schema=") }.map { String($0.dropFirst(7)) }
    let rest = pairs.filter { !$0.hasPrefix("schema=") }.joined(separator: "&")
    return (String(text[..<mark]) + (rest.isEmpty ? "" : "?" + rest), schema)
  }
}

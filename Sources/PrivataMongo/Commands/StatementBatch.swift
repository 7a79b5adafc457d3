import PrivataCore

/// The documents of an insert, update or delete, in as few commands as the server's limits allow:
/// 100 000 statements and 16 MiB each.
struct StatementBatch {
  /// One command and which statements it holds.
  struct Part: Sendable {
    var command: Command
    var first: Int
    var count: Int
    /// Where the statements are in the command's bytes; empty unless asked for.
    var ranges: [Range<Int>]
  }

  static let countLimit = 100_000
  static let byteLimit = 16 * 1024 * 1024

  private let target: Target
  private let name: String
  private let list: String
  private let mode: Command.Mode
  private let isOrdered: Bool
  private let options: QueryOptions?
  private let keepsRanges: Bool
  private var writer: BSONWriter
  private var command: BSONWriter.Mark
  private var array: BSONWriter.Mark
  private var key = BSONIndexKey()
  private var ranges: [Range<Int>] = []
  private var first = 0
  private var count = 0
  private var parts: [Part] = []

  /// Commands such as `{insert: collection, documents: [...]}`.
  init(
    _ target: Target, _ name: String, _ list: String, mode: Command.Mode, isOrdered: Bool = true,
    options: QueryOptions? = nil, keepsRanges: Bool = false, capacity: Int = 512
  ) {
    self.target = target
    self.name = name
    self.list = list
    self.mode = mode
    self.isOrdered = isOrdered
    self.options = options
    self.keepsRanges = keepsRanges
    var writer = BSONWriter(capacity: capacity)
    (command, array) = Self.begin(&writer, name, target.collection, list)
    self.writer = writer
  }

  /// Adds a statement, which the body writes as one document.
  mutating func append(_ body: (inout BSONWriter) -> Void) throws(PrivataError) {
    if count == Self.countLimit { try cut() }
    let start = write(body)
    guard writer.bytes.count > Self.byteLimit, count > 0 else {
      added(start)
      return
    }
    // Too much for this command: the statement opens the next.
    let excess = writer.bytes.count - start.element
    writer.bytes.removeLast(excess)
    try cut()
    added(write(body))
  }

  /// All commands.
  consuming func finish() throws(PrivataError) -> [Part] {
    if count > 0 { try cut() }
    return parts
  }

  private mutating func write(_ body: (inout BSONWriter) -> Void) -> (element: Int, value: Int) {
    let element = writer.bytes.count
    writer.bytes.append(3)
    let digits = key.span
    for index in 0..<digits.count { writer.bytes.append(digits[index]) }
    writer.bytes.append(0)
    let value = writer.bytes.count
    body(&writer)
    return (element, value)
  }

  private mutating func added(_ start: (element: Int, value: Int)) {
    key.advance()
    count += 1
    if keepsRanges { ranges.append(start.value..<writer.bytes.count) }
  }

  private mutating func cut() throws(PrivataError) {
    writer.end(array)
    if !isOrdered { writer.append("ordered", bool: false) }
    if let options { writer.appendCommandOptions(options) }
    writer.end(command)
    let bytes = try writer.finish()
    parts.append(
      Part(command: target.command(name, mode, bytes), first: first, count: count, ranges: ranges))
    first += count
    count = 0
    key = BSONIndexKey()
    ranges = []
    writer = BSONWriter(capacity: 512)
    (command, array) = Self.begin(&writer, name, target.collection, list)
  }

  private static func begin(
    _ writer: inout BSONWriter, _ name: String, _ collection: String, _ list: String
  ) -> (BSONWriter.Mark, BSONWriter.Mark) {
    let command = writer.beginDocument()
    writer.append(name, string: collection)
    return (command, writer.beginArray(list))
  }
}

extension BSONWriter {
  /// The options that belong to a write command as a whole.
  mutating func appendCommandOptions(_ options: QueryOptions) {
    if let comment = options.comment { append("comment", string: comment) }
    if let time = options.maxTimeMilliseconds { append("maxTimeMS", int: time) }
    for element in options.more { append(element.key, element.value) }
  }

  /// The options that belong to each statement of a write command.
  mutating func appendStatementOptions(_ options: QueryOptions) {
    if let collation = options.collation { append("collation", .document(collation)) }
    if let hint = options.hint { append("hint", hint) }
  }
}

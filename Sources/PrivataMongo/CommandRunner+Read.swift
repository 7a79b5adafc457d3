import PrivataCore

extension CommandRunner {
  /// Answers the rows of a query.
  func read(_ query: Query) async throws(PrivataError) -> RowBatch {
    let target = context.target(query.model)
    try target.check(query)
    var query = query
    // As in MongoDB, a limit of 0 is none.
    if query.limit == 0 { query.limit = nil }
    switch query.answer {
    case .rows: return try await rows(query, target)
    case .count: return try await count(query, target)
    case .exists: return try await exists(query, target)
    case .distinct(let path): return try await distinct(path, query, target)
    }
  }

  private func rows(_ query: Query, _ target: Target) async throws(PrivataError) -> RowBatch {
    let shape = try RowShape(query.layout, query.projection, target)
    let command = try Self.command(query, target, batchSize: nil)
    return try await collect(
      command, shape, kind: command.kind(query.limit ?? -1), batchSize: query.options?.batchSize)
  }

  /// The command of a query for rows.
  static func command(
    _ query: Query, _ target: Target, batchSize: Int?
  ) throws(PrivataError) -> Command {
    guard target.needsComputedOrder(query.sort) else {
      return try .find(query, on: target, batchSize: batchSize)
    }
    return try .aggregate(
      target.orderedPipeline(query), on: target, options: query.options, batchSize: batchSize)
  }

  /// Runs a command that answers a cursor and gathers all its batches: one hop for all of them.
  func collect(
    _ command: Command, _ shape: RowShape, kind: CallKind?, batchSize: Int?
  ) async throws(PrivataError) -> RowBatch {
    context.log(command)
    return try await withConnection(kind) { (connection, signal) throws(PrivataError) in
      try connection.collect(command, shape, batchSize: batchSize, signal)
    }
  }

  private func count(_ query: Query, _ target: Target) async throws(PrivataError) -> RowBatch {
    if query.options?.more["estimated"] == .bool(true) {
      let command = try Command.estimatedCount(query, on: target)
      return try await run(command, kind: command.kind()) { RowBatch(count: Self.number("n", $0)) }
    }
    let command = try Command.count(query, on: target)
    return try await run(command, kind: command.kind()) { (reply) throws(PrivataError) in
      var n = 0
      _ = try CursorReply.read(reply) { array in
        var group = BSONIterator(array)
        if group.next(), group.type == .document { n = Self.number("n", group.nested) }
      }
      return RowBatch(count: n)
    }
  }

  private static func number(_ key: String, _ document: Span<UInt8>) -> Int {
    var element = BSONIterator(document)
    while element.next() {
      if element.keyText == key { return element.value().asInt ?? 0 }
    }
    return 0
  }

  private func exists(_ query: Query, _ target: Target) async throws(PrivataError) -> RowBatch {
    let command = try Command.exists(query, on: target)
    let found = try await collect(command, .raw, kind: command.kind(1), batchSize: nil)
    var batch = RowBatch(width: 1)
    batch.append(bool: !found.isEmpty)
    return batch
  }

  private func distinct(
    _ path: String, _ query: Query, _ target: Target
  ) async throws(PrivataError) -> RowBatch {
    let command = try Command.distinct(path, query, on: target)
    let all = try await run(command, kind: command.kind()) { reply in
      var batch = RowBatch(width: 1)
      var element = BSONIterator(reply)
      while element.next() {
        if element.type == .array, element.keyText == "values" {
          batch.append(valuesOf: element.nested)
        }
      }
      return batch
    }
    return all.page(skip: query.skip, limit: query.limit)
  }
}

extension MongoConnection {
  /// Gathers all batches of a cursor.
  func collect(
    _ command: Command, _ shape: RowShape, batchSize: Int?, _ signal: CallSignal
  ) throws(PrivataError) -> RowBatch {
    var batch = RowBatch(width: shape.width)
    let server = try server(forCursorOf: command)
    var id = try run(command, on: server) { (reply) throws(PrivataError) in
      try CursorReply.read(reply) { shape.append($0, to: &batch) }
    }
    while id != 0 {
      if signal.isCancelled {
        _ = try? run(.killCursor(id, of: command), on: server) { _ in }
        throw PrivataError(.cancelled, "the task was cancelled while it read")
      }
      let more = Command.getMore(id, of: command, batchSize: batchSize)
      id = try run(more, on: server) { (reply) throws(PrivataError) in
        try CursorReply.read(reply) { shape.append($0, to: &batch) }
      }
    }
    return batch
  }
}

extension RowBatch {
  /// One row with one number.
  fileprivate init(count: Int) {
    self.init(width: 1)
    append(int64: Int64(count))
  }

  /// Some of the rows.
  fileprivate func page(skip: Int, limit: Int?) -> RowBatch {
    guard skip > 0 || limit != nil else { return self }
    var page = RowBatch(width: width)
    let first = min(skip, count)
    for row in first..<min(count, first + (limit ?? count)) { page.append(row: row, of: self) }
    return page
  }
}

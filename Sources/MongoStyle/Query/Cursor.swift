public import PrivataCore

/// The documents of a query one by one, in pieces of bounded size.
///
/// ```swift
/// for try await user in User.find(["active": true]).cursor(batchSize: 256) { … }
/// ```
public struct QueryCursor<Element: Sendable>: AsyncSequence, Sendable {
  let plan: QueryPlan
  let batchSize: Int
  let decode: @Sendable (QueryAnswer) -> [Element]

  /// An iterator over the elements.
  public func makeAsyncIterator() -> Iterator {
    Iterator(plan: plan, batchSize: batchSize, decode: decode)
  }

  /// Reads piece after piece; memory holds one.
  public struct Iterator: AsyncIteratorProtocol {
    private var plan: QueryPlan
    private let batchSize: Int
    private let decode: @Sendable (QueryAnswer) -> [Element]
    private var pending: ArraySlice<Element> = []
    /// What was read and waits for its hooks, where the schema has hooks that see single documents.
    private var waiting: ArraySlice<Document> = []
    private var stream: (any RowStream)?
    private var projection: Projection = .all
    private var isOpen = false
    private var isDone = false

    init(plan: QueryPlan, batchSize: Int, decode: @escaping @Sendable (QueryAnswer) -> [Element]) {
      self.plan = plan
      self.batchSize = batchSize
      self.decode = decode
    }

    /// The next document, `nil` after the last.
    public mutating func next() async throws -> Element? {
      while pending.isEmpty, !isDone {
        do { try await read() } catch { throw outward(error) }
      }
      return pending.popFirst()
    }

    /// Ends the cursor early and gives back its connection; after it there is nothing more.
    public mutating func close() async {
      await stream?.close()
      stream = (any RowStream)?.none
      pending = []
      waiting = []
      isOpen = true
      isDone = true
    }

    private mutating func read() async throws {
      if !isOpen { try await open() }
      if let next = waiting.popFirst() { return try await take([next]) }
      guard let stream else { return isDone = true }
      guard let batch = try await stream.next() else { return isDone = true }
      try await divide(batch.documents)
    }

    private mutating func open() async throws {
      isOpen = true
      try await plan.beginCursor()
      let query = try plan.query(limit: plan.settings.limit)
      projection = query.projection
      let store = try await plan.store()
      if let store = store as? any StreamingStore {
        stream = try await store.stream(query, batchSize: batchSize)
      } else {
        try await divide(try await store.rows(for: query).documents)
      }
    }

    /// Hooks of single documents run when the document is asked for, not before. A piece that
    /// `populate` reads for stays whole, or it would send its queries for each document.
    private mutating func divide(_ raws: [Document]) async throws {
      guard plan.schema.hooks.watchesReading, plan.populations.isEmpty else {
        return try await take(raws)
      }
      waiting = raws[...]
    }

    private mutating func take(_ raws: [Document]) async throws {
      let answer = try await plan.documents(raws, projection)
      pending = decode(answer)[...]
      try await plan.endCursorPiece(answer)
    }
  }
}

extension QueryPlan {
  /// Hooks before a find run once, before the cursor opens.
  mutating func beginCursor() async throws {
    for hook in ownHooks.before { try await hook(&self) }
    if let mapping = schema.mapping, let value = mapping.value { filter[mapping.key] = value }
    try await schema.hooks.runBefore(.find, &self)
  }

  /// Hooks after a find run for each document, as in Mongoose.
  func endCursorPiece(_ answer: QueryAnswer) async throws {
    guard schema.hooks.queryOperations.contains(.find) else { return }
    switch answer {
    case .documents(let all):
      for one in all {
        _ = try await schema.hooks.runAfter(.find, self, .success(.documents([one])))
      }
    case .plain(let all):
      for one in all { _ = try await schema.hooks.runAfter(.find, self, .success(.plain([one]))) }
    default: break
    }
  }
}

extension MongoQuery where Answer == [MongoDocument] {
  /// The documents one by one, in pieces of bounded size; `populate` runs once per piece.
  public func cursor(batchSize: Int? = nil) -> QueryCursor<MongoDocument> {
    QueryCursor(
      plan: plan, batchSize: batchSize ?? plan.settings.batchSize ?? 256,
      decode: { $0.asDocuments })
  }

  /// Calls the body for each document, in order.
  public func eachAsync(
    _ body: (MongoDocument, Int) async throws -> Void
  ) async throws {
    var index = 0
    for try await document in cursor() {
      try await body(document, index)
      index += 1
    }
  }
}

extension MongoQuery where Answer == [Document] {
  /// The plain documents one by one, in pieces of bounded size.
  public func cursor(batchSize: Int? = nil) -> QueryCursor<Document> {
    QueryCursor(
      plan: plan, batchSize: batchSize ?? plan.settings.batchSize ?? 256, decode: { $0.asPlain })
  }
}

extension MongoQuery where Answer == QueryAnswer {
  /// The documents one by one, hydrated or plain as the query asks.
  public func cursor(batchSize: Int? = nil) -> QueryCursor<QueryAnswer> {
    QueryCursor(plan: plan, batchSize: batchSize ?? plan.settings.batchSize ?? 256) { answer in
      switch answer {
      case .documents(let all): all.map { .document($0) }
      case .plain(let all): all.map { .plainDocument($0) }
      default: [answer]
      }
    }
  }
}

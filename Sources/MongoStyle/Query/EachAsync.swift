public import PrivataCore

/// How ``MongoQuery/eachAsync(_:_:)`` goes through the documents.
public struct EachAsyncOptions: Sendable {
  /// How many bodies run at once.
  public var parallel = 1
  /// Goes on after an error; all of them are thrown at the end as ``EachAsyncMultiError``.
  public var continueOnError = false
  /// The number of documents that are read at once.
  public var batchSize: Int?

  /// One after the other, up to the first error.
  public init() {}

  /// The usual way with changes.
  public init(_ change: (inout EachAsyncOptions) -> Void) { change(&self) }
}

/// What the bodies of an `eachAsync` threw that went on after errors.
public struct EachAsyncMultiError: MongoStyleError {
  /// What the bodies threw, in the order in which they ended.
  public var errors: [any Error]

  public var name: String { "EachAsyncMultiError" }
  public var code: PrivataError.Code { .validation }
  public var message: String { "\(errors.count) of the documents failed" }
}

extension MongoQuery where Answer == [MongoDocument] {
  /// Calls the body for each document, up to `parallel` at once, with bounded memory.
  ///
  /// ```swift
  /// try await User.find().eachAsync(.init { $0.parallel = 8 }) { user, _ in
  ///   try await user.save()
  /// }
  /// ```
  ///
  /// - Throws: the first error of a body, after the bodies that run have ended;
  ///   ``EachAsyncMultiError`` where it goes on after errors; what the query throws.
  public func eachAsync(
    _ options: EachAsyncOptions,
    _ body: @escaping @Sendable (MongoDocument, Int) async throws -> Void
  ) async throws {
    try await EachAsync(options).run(cursor(batchSize: options.batchSize), body)
  }

  /// Calls the body for each piece of documents, in order, with the index of its first one.
  public func eachBatch(
    of size: Int, _ body: ([MongoDocument], Int) async throws -> Void
  ) async throws {
    var piece: [MongoDocument] = []
    var start = 0
    for try await document in cursor(batchSize: size) {
      piece.append(document)
      guard piece.count == max(1, size) else { continue }
      try await body(piece, start)
      start += piece.count
      piece.removeAll(keepingCapacity: true)
    }
    if !piece.isEmpty { try await body(piece, start) }
  }
}

/// One run over a cursor.
struct EachAsync {
  let options: EachAsyncOptions

  init(_ options: EachAsyncOptions) { self.options = options }

  func run<Element: Sendable>(
    _ cursor: QueryCursor<Element>, _ body: @escaping @Sendable (Element, Int) async throws -> Void
  ) async throws {
    let width = max(1, options.parallel)
    let errors = try await withThrowingTaskGroup(of: (any Error)?.self) { group in
      var errors: [any Error] = []
      var iterator = cursor.makeAsyncIterator()
      var index = 0
      var running = 0
      var isOver = false
      while true {
        while running < width, !isOver {
          guard let element = try await iterator.next() else {
            isOver = true
            break
          }
          let position = index
          group.addTask { await Self.failure { try await body(element, position) } }
          index += 1
          running += 1
        }
        guard running > 0, let finished = try await group.next() else { break }
        running -= 1
        guard let error = finished else { continue }
        errors.append(error)
        if !options.continueOnError { isOver = true }
      }
      return errors
    }
    guard let first = errors.first else { return }
    throw options.continueOnError ? EachAsyncMultiError(errors: errors).wrapped : first
  }

  private static func failure(_ body: () async throws -> Void) async -> (any Error)? {
    do {
      try await body()
      return nil
    } catch { return error }
  }
}

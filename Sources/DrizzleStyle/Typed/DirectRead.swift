internal import PrivataCore

/// A select of typed parts as a store's query.
struct DirectRead: Sendable {
  var filter: Filter?
  var sort: [SortKey] = []
  var limit: Int?
  var offset = 0

  /// The query; `nil` where SQL's own rules for pages decide: no rows for a limit of zero, a refusal
  /// for a negative one.
  func query(_ model: ModelSchema) -> Query? {
    if let limit, limit < 1 { return nil }
    guard offset >= 0 else { return nil }
    return Query(
      model, where: filter ?? .all, sort: sort, skip: offset, limit: limit, layout: .cells)
  }
}

extension Session {
  /// True where statements go to a store of SQL and nobody looks at their text: no logger, cache or
  /// observer. Typed queries then need no text of their own.
  var isUnwatched: Bool {
    executor != nil && logger == nil && cache == nil && StatementLog.observer == nil
  }
}

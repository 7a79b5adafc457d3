/// One page of a query's documents.
public struct PageOfDocuments: Sendable {
  /// The documents of the page.
  public var documents: [MongoDocument]
  /// The number of all documents that match.
  public var total: Int
  /// The number of the page, from 1.
  public var page: Int
  public var limit: Int

  /// The number of pages.
  public var pages: Int { limit == 0 ? 1 : max(1, (total + limit - 1) / limit) }
  public var hasNext: Bool { page < pages }
  public var hasPrevious: Bool { page > 1 }
}

extension MongoQuery where Answer == [MongoDocument] {
  /// One page and the number of all matches: two statements.
  ///
  /// ```swift
  /// let page = try await User.find(["active": true]).sort("name").paginate(page: 2, limit: 20)
  /// // count users {active: true}; find users … skip 20 limit 20
  /// ```
  public func paginate(page: Int = 1, limit: Int = 10) async throws -> PageOfDocuments {
    let page = max(1, page)
    let total = try await clone().countDocuments().exec()
    let documents = try await skip((page - 1) * limit).limit(limit).exec()
    return PageOfDocuments(documents: documents, total: total, page: page, limit: limit)
  }
}

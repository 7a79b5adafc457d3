internal import PrivataCore

/// Puts rows in a query's order in Swift, as the store would have.
struct RowSorting {
  private let query: Query
  private let keys: [SortKey]

  /// `kind` is the store whose habit about nulls typed queries expect.
  init(_ query: Query, _ kind: StoreTraits.Kind) {
    self.query = query
    keys = query.sort.map { $0.explicit(kind, query.layout) }
  }

  /// The places of the rows in order; rows that compare equal keep theirs.
  func order(_ documents: [Document]) throws(PrivataError) -> [Int] {
    var matcher: DocumentMatcher?
    if case .document(let filter) = query.filter, keys.contains(where: \.isTextScore) {
      matcher = try DocumentMatcher(filter, collation: query.options?.collation)
    }
    let sorter = try DocumentSorter(keys, collation: query.options?.collation, matcher: matcher)
    var rows: [(key: [Value], position: Int)] = []
    rows.reserveCapacity(documents.count)
    for (position, document) in documents.enumerated() {
      rows.append((try sorter.key(of: document), position))
    }
    rows.sort { a, b in
      let order = sorter.compare(a.key, b.key)
      return order == 0 ? a.position < b.position : order < 0
    }
    return rows.map(\.position)
  }

  /// The places within the query's skip and limit.
  func page(_ order: [Int]) -> [Int] {
    let start = min(query.skip, order.count)
    let end = query.limit.map { min(start + $0, order.count) } ?? order.count
    return Array(order[start..<end])
  }
}

extension SortKey {
  /// The key with the habit of a store about nulls spelled out.
  fileprivate func explicit(_ kind: StoreTraits.Kind, _ layout: RowLayout) -> SortKey {
    guard layout == .cells, nulls == nil, kind == .postgres else { return self }
    var key = self
    key.nulls = isDescending ? .first : .last
    return key
  }
}

package import PrivataCore

extension Query: SQLShape {
  /// Adds the query's shape to a hash: everything but the values.
  package func hashShape(into hasher: inout ShapeHash) {
    hasher.combine(model)
    filter.hashShape(into: &hasher)
    hasher.combine(answer)
    hasher.combine(layout)
    hasher.combine(projection)
    hasher.combine(sort.count)
    for key in sort {
      hasher.combine(key.path)
      hasher.combine(key.isDescending)
    }
    hasher.combine(skip > 0)
    hasher.combine(pageLimit != nil)
  }

  /// True where one statement serves both queries.
  package func hasShape(of other: Query) -> Bool {
    model === other.model && layout == other.layout && answer == other.answer
      && (skip > 0) == (other.skip > 0) && (pageLimit == nil) == (other.pageLimit == nil)
      && projection == other.projection && sort == other.sort
      && options?.collation == other.options?.collation && filter.hasShape(of: other.filter)
  }

  package var blank: Query {
    var copy = self
    copy.filter = filter.blank
    return copy
  }

  package func plan(on bound: BoundModel) throws(PrivataError) -> ReadPlan {
    try ReadPlan(self, bound)
  }
}

extension Query {
  /// The most records to answer. As in MongoDB a limit of zero is none, and a negative one its
  /// amount.
  package var pageLimit: Int? {
    guard let limit, limit != 0 else { return nil }
    return Int(clamping: limit.magnitude)
  }
}

package import PrivataCore

extension Insert: SQLShape {
  package func hashShape(into hasher: inout ShapeHash) {
    hasher.combine(model)
    if case .cells(let fields, _) = rows { hasher.combine(fields) }
    switch onConflict {
    case .fail: hasher.combine(0 as UInt8)
    case .ignore(let fields): hasher.combine(fields)
    case .update(let fields, let changes):
      hasher.combine(fields)
      changes.hashShape(into: &hasher)
    }
    hasher.combine(returning)
  }

  package func hasShape(of other: Insert) -> Bool {
    model === other.model && rows.hasShape(of: other.rows) && returning == other.returning
      && onConflict.hasShape(of: other.onConflict)
  }

  package var blank: Insert {
    var copy = self
    switch rows {
    case .documents: copy.rows = .documents([])
    case .cells(let fields, let batch):
      copy.rows = .cells(fields: fields, RowBatch(width: batch.width))
    }
    if case .update(let fields, let changes) = onConflict {
      copy.onConflict = .update(fields: fields, changes.blank)
    }
    return copy
  }

  package func plan(on bound: BoundModel) throws(PrivataError) -> InsertPlan {
    try InsertPlan(self, bound)
  }
}

extension Insert.Rows {
  fileprivate func hasShape(of other: Insert.Rows) -> Bool {
    switch (self, other) {
    case (.documents, .documents): true
    case (.cells(let a, _), .cells(let b, _)): a == b
    default: false
    }
  }
}

extension Insert.OnConflict {
  fileprivate func hasShape(of other: Insert.OnConflict) -> Bool {
    switch (self, other) {
    case (.fail, .fail): true
    case (.ignore(let a), .ignore(let b)): a == b
    case (.update(let a, let x), .update(let b, let y)): a == b && x.hasShape(of: y)
    default: false
    }
  }
}

extension Update: SQLShape {
  package func hashShape(into hasher: inout ShapeHash) {
    hasher.combine(model)
    filter.hashShape(into: &hasher)
    changes.hashShape(into: &hasher)
    hasher.combine(isMany)
    hasher.combine(other: returning)
    hasher.combine(layout)
    hasher.combine(projection)
  }

  package func hasShape(of other: Update) -> Bool {
    model === other.model && isMany == other.isMany && returning == other.returning
      && layout == other.layout && sort == other.sort && projection == other.projection
      && options?.collation == other.options?.collation && changes.hasShape(of: other.changes)
      && filter.hasShape(of: other.filter)
  }

  package var blank: Update {
    var copy = self
    copy.filter = filter.blank
    copy.changes = changes.blank
    copy.arrayFilters = []
    return copy
  }

  package func plan(on bound: BoundModel) throws(PrivataError) -> UpdatePlan {
    try UpdatePlan(self, bound)
  }
}

extension Delete: SQLShape {
  package func hashShape(into hasher: inout ShapeHash) {
    hasher.combine(model)
    filter.hashShape(into: &hasher)
    hasher.combine(isMany)
    hasher.combine(other: returning)
    hasher.combine(layout)
    hasher.combine(projection)
  }

  package func hasShape(of other: Delete) -> Bool {
    model === other.model && isMany == other.isMany && returning == other.returning
      && layout == other.layout && sort == other.sort && projection == other.projection
      && options?.collation == other.options?.collation && filter.hasShape(of: other.filter)
  }

  package var blank: Delete {
    var copy = self
    copy.filter = filter.blank
    return copy
  }

  package func plan(on bound: BoundModel) throws(PrivataError) -> DeletePlan {
    try DeletePlan(self, bound)
  }
}

internal import PrivataCore

/// The distinct values of a path over documents: of an array its elements, nothing for a missing
/// field.
struct DistinctValues {
  private let path: DottedPath
  private let order: ValueOrder
  private var values: [Value] = []

  init(_ path: String, order: ValueOrder) {
    self.path = DottedPath(path)
    self.order = order
  }

  /// Adds what a document holds at the path.
  mutating func insert(_ document: Document) {
    var found: [Value] = []
    // The closure throws nothing, and a path itself has no error.
    _ = try? path.visit(document, leafArrays: false) { value, _ in
      switch value {
      case .array(let items)?: found += items
      case let value?: found.append(value)
      case nil: break
      }
      return false
    }
    for value in found { insert(value) }
  }

  private mutating func insert(_ value: Value) {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      let order = order.compare(values[middle], value)
      if order == 0 { return }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    values.insert(value, at: low)
  }

  /// One row per value, in MongoDB's order of values.
  var rows: RowBatch {
    var batch = RowBatch(width: 1)
    for value in values { batch.append(value) }
    return batch
  }
}

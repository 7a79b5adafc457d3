internal import PrivataCore

/// One record. The number is its place in insertion order and never changes.
struct MemoryRow: Sendable {
  let number: Int
  /// Grows with each change, so that a commit sees whether others were there before it.
  var version = 0
  var document: Document
}

/// The records of one model and its unique indexes.
struct MemoryTable: Sendable {
  let model: ModelSchema
  /// In insertion order.
  private(set) var rows: [MemoryRow] = []
  private var indexes: [MemoryIndex]
  private var nextNumber = 0
  private var lastGenerated: Int64 = 0

  /// An empty table of a model.
  init(_ model: ModelSchema) throws(PrivataError) {
    self.model = model
    indexes = try MemoryIndex.all(of: model)
  }

  /// Takes over a row of an earlier table of the same collection.
  mutating func adopt(_ row: MemoryRow) throws(PrivataError) {
    try claim(row.document, row.number)
    rows.append(row)
  }

  mutating func continueCounting(after other: MemoryTable?) {
    guard let other else { return }
    nextNumber = other.nextNumber
    lastGenerated = other.lastGenerated
  }

  /// Goes on behind the keys that a transaction's copy of the table gave out.
  mutating func continueCounting(generatedBy other: MemoryTable) {
    lastGenerated = max(lastGenerated, other.lastGenerated)
  }

  /// The row of a number.
  func row(_ number: Int) -> MemoryRow? { position(number).map { rows[$0] } }

  private func position(_ number: Int) -> Int? {
    var low = 0
    var high = rows.count
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < rows.count && rows[low].number == number ? low : nil
  }

  /// The rows that the primary key leaves to look at, where the filter names it; else all.
  func candidates(for filter: Filter) -> [MemoryRow] {
    guard let wanted = filter.keys(of: model.key.name), model.primaryKey.count == 1 else {
      return rows
    }
    let numbers = Set(wanted.compactMap { indexes[0].row(of: [$0]) })
    return numbers.sorted().compactMap(row)
  }

  // MARK: Changing

  /// Adds a record and answers its number.
  mutating func insert(_ document: Document) throws(PrivataError) -> Int {
    let number = nextNumber
    try claim(document, number)
    nextNumber += 1
    rows.append(MemoryRow(number: number, document: document))
    return number
  }

  /// Puts another document in a row's place.
  mutating func replace(_ number: Int, with document: Document) throws(PrivataError) {
    guard let position = position(number) else { return }
    let old = rows[position].document
    release(old, number)
    do {
      try claim(document, number)
    } catch {
      try claim(old, number)
      throw error
    }
    rows[position].document = document
    rows[position].version += 1
  }

  mutating func remove(_ number: Int) {
    guard let position = position(number) else { return }
    release(rows[position].document, number)
    rows.remove(at: position)
  }

  /// The next number of a generated key; one given by hand moves the counter.
  mutating func generate() -> Int64 {
    lastGenerated += 1
    return lastGenerated
  }

  mutating func noteGenerated(_ value: Int64) { lastGenerated = max(lastGenerated, value) }

  /// The row that stands in the way of a document, among the indexes over these fields (all where
  /// empty).
  func conflict(with document: Document, on fields: [String]) throws(PrivataError) -> Int? {
    for index in indexes where fields.isEmpty || Set(index.fields) == Set(fields) {
      for key in try index.keys(of: document) {
        if let number = index.row(ofNormalized: key) { return number }
      }
    }
    return nil
  }

  private mutating func claim(_ document: Document, _ number: Int) throws(PrivataError) {
    var keys: [[[Value]]] = []
    for index in indexes { keys.append(try index.check(document, for: number, in: model)) }
    for (position, keys) in keys.enumerated() { indexes[position].add(keys, number) }
  }

  private mutating func release(_ document: Document, _ number: Int) {
    for position in indexes.indices { indexes[position].remove(document, number) }
  }
}

extension Filter {
  /// The values of a field to which the filter limits it; `nil` where it does not.
  fileprivate func keys(of field: String) -> [Value]? {
    switch self {
    case .compare(field, .equal, let value): [value]
    case .isIn(field, let values): values
    case .and(let all): all.lazy.compactMap { $0.keys(of: field) }.first
    case .document(let document):
      switch document[field] {
      case .document(let operators)?:
        if let value = operators["$eq"] {
          [value]
        } else {
          operators.keys.contains { $0.hasPrefix("$") } ? nil : [.document(operators)]
        }
      case .array?, .regex?, nil: nil
      case let value?: [value]
      }
    default: nil
    }
  }
}

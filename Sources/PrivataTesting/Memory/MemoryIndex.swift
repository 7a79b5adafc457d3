internal import PrivataCore

/// A unique index: which row holds which key.
struct MemoryIndex: Sendable {
  let fields: [String]
  private let descending: [Bool]
  private let tuples: SortTuples
  private let isSparse: Bool
  private let partial: DocumentMatcher?
  /// In SQL nulls do not collide, in MongoDB they do.
  private let nullsCollide: Bool
  private var entries: [[Value]: Int] = [:]

  /// All unique indexes of a model, the primary key's first.
  static func all(of model: ModelSchema) throws(PrivataError) -> [MemoryIndex] {
    var indexes = [
      try MemoryIndex(
        IndexSchema(parts: model.primaryKey.map { .init(model.fields[$0].name) }), model)
    ]
    for field in model.fields where field.isUnique {
      indexes.append(try MemoryIndex(IndexSchema(parts: [.init(field.name)]), model))
    }
    for index in model.indexes where index.isUnique {
      indexes.append(try MemoryIndex(index, model))
    }
    return indexes
  }

  private init(_ schema: IndexSchema, _ model: ModelSchema) throws(PrivataError) {
    fields = schema.parts.map(\.field)
    descending = schema.parts.map(\.isDescending)
    tuples = SortTuples(fields.map { DottedPath($0) })
    isSparse = schema.isSparse
    nullsCollide = model.isOpen
    partial = try schema.partialFilter.map { (filter) throws(PrivataError) in
      try DocumentMatcher(filter)
    }
  }

  /// The row that holds a key.
  func row(of key: [Value]) -> Int? { entries[key.map(ValueOrder().key)] }

  func row(ofNormalized key: [Value]) -> Int? { entries[key] }

  /// The keys under which a document is found; several where it holds arrays.
  func keys(of document: Document) throws(PrivataError) -> [[Value]] {
    if let partial, try !partial.matches(document) { return [] }
    if isSparse, fields.allSatisfy({ DottedPath($0).value(in: document) == nil }) { return [] }
    let keys = try tuples.tuples(of: document)
    if !nullsCollide, keys.contains(where: { $0.contains(where: \.isNull) }) { return [] }
    let order = ValueOrder()
    return Array(Set(keys.map { $0.map(order.key) }))
  }

  /// The keys of a document, refused where another row holds one of them.
  func check(
    _ document: Document, for number: Int, in model: ModelSchema
  ) throws(PrivataError) -> [[Value]] {
    let keys = try keys(of: document)
    for key in keys {
      if let owner = entries[key], owner != number { throw duplicate(document, model) }
    }
    return keys
  }

  mutating func add(_ keys: [[Value]], _ number: Int) {
    for key in keys { entries[key] = number }
  }

  mutating func remove(_ document: Document, _ number: Int) {
    // What was added has keys; a document that had none is in no entry.
    for key in (try? keys(of: document)) ?? [] where entries[key] == number { entries[key] = nil }
  }

  private func duplicate(_ document: Document, _ model: ModelSchema) -> PrivataError {
    var pattern = Document()
    var values = Document()
    for (field, isDescending) in zip(fields, descending) {
      pattern.append(field, .int32(isDescending ? -1 : 1))
      values.append(field, DottedPath(field).value(in: document) ?? .null)
    }
    let names = fields.joined(separator: ", ")
    return PrivataError(
      .duplicateKey, "\(model.name) has a record with this \(names) already", fields: fields,
      model: model.name, value: fields.count == 1 ? values[fields[0]] : nil,
      underlying: ServerError(code: 11000, keyPattern: pattern, keyValue: values))
  }
}

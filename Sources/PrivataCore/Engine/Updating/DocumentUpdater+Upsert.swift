extension DocumentUpdater {
  /// The document that an upsert inserts where the filter matches nothing: what the filter demands
  /// by equality, then the changes.
  ///
  /// ```swift
  /// let updater = try DocumentUpdater(.operators(["$set": ["age": 36]]))
  /// try updater.upsert(from: ["name": "Ada", "age": ["$gt": 3]])  // _id: new, name: Ada, age: 36
  /// ```
  ///
  /// - Parameter key: the field that gets a new ``ObjectID`` where nothing else sets it; `nil` for
  ///   models whose keys the program or the store makes.
  /// - Throws: as ``apply(to:matching:isInsert:)``; code 54 where the filter sets a field twice.
  package func upsert(
    from filter: Document, key: String? = "_id"
  ) throws(PrivataError) -> Document {
    try upsert(from: FilterEqualities(filter), key: key)
  }

  /// As ``upsert(from:key:)-(Document,_)`` for any filter; typed equalities count as MongoDB's do.
  package func upsert(from filter: Filter, key: String? = "_id") throws(PrivataError) -> Document {
    try upsert(from: FilterEqualities(filter), key: key)
  }

  private func upsert(
    from equalities: FilterEqualities, key: String?
  ) throws(PrivataError) -> Document {
    var start = Document()
    if equalities.usesExpressions {
      throw .rejected(224, "$expr is not allowed in the query predicate for an upsert")
    }
    if case .replacement = plan {
      if equalities.reachesIntoID {
        throw .rejected(111, "the filter names a part of '_id' only", fields: ["_id"])
      }
      // A replacement takes nothing from the filter but the key.
      start["_id"] = equalities["_id"]
    } else {
      start = try equalities.document()
    }
    var result = try apply(to: start, isInsert: true)
    guard let key else { return result }
    let id = result.remove(key) ?? .objectID(ObjectID())
    return Document([.init(key: key, value: id)] + result.elements)
  }
}

/// What a filter demands by equality.
struct FilterEqualities {
  private var pairs: [(path: DottedPath, value: Value)] = []
  private(set) var usesExpressions = false

  /// True where a part of the key is demanded, but not the whole.
  var reachesIntoID: Bool { pairs.contains { $0.path.parts[0] == "_id" && !$0.path.isSimple } }

  /// The equalities of MongoDB's filter language.
  init(_ filter: Document) { collect(filter) }

  /// The equalities of a filter.
  init(_ filter: Filter) { collect(filter) }

  private mutating func collect(_ filter: Filter) {
    switch filter {
    case .document(let document): collect(document)
    case .compare(let field, .equal, let value): add(field, value)
    case .isIn(let field, let values) where values.count == 1: add(field, values[0])
    case .and(let all): for one in all { collect(one) }
    case .or(let all) where all.count == 1: collect(all[0])
    default: break
    }
  }

  private mutating func collect(_ filter: Document) {
    for element in filter.elements {
      switch (element.key, element.value) {
      case ("$and", .array(let branches)):
        for case .document(let branch) in branches { collect(branch) }
      case ("$or", .array(let branches)) where branches.count == 1:
        if case .document(let branch) = branches[0] { collect(branch) }
      case ("$expr", _): usesExpressions = true
      case (let key, _) where key.hasPrefix("$"): break
      case (_, .regex): break
      case (let key, .document(let operators)) where operators.isOperators:
        collect(key, operators)
      case (let key, let value): add(key, value)
      }
    }
  }

  private mutating func collect(_ path: String, _ operators: Document) {
    for element in operators.elements {
      switch (element.key, element.value) {
      case ("$eq", let value): add(path, value)
      case ("$in", .array(let values)) where values.count == 1 && values[0].isPlain:
        add(path, values[0])
      case ("$all", .array(let values)):
        for value in values where value.isPlain { add(path, value) }
      default: break
      }
    }
  }

  private mutating func add(_ text: String, _ value: Value) {
    pairs.append((DottedPath(text), value))
  }

  /// The value demanded for a field.
  subscript(field: String) -> Value? { pairs.first { $0.path.text == field }?.value }

  /// A document that satisfies the equalities, its fields in the order of their paths.
  func document() throws(PrivataError) -> Document {
    var document = Document()
    let sorted = pairs.sorted { Value.order(.string($0.path.text), .string($1.path.text)) < 0 }
    for (index, pair) in sorted.enumerated() {
      for other in sorted[..<index] where pair.path.parts.starts(with: other.path.parts) {
        throw .rejected(
          54, "cannot infer query fields to set, path '\(other.path.text)' is matched twice",
          fields: [other.path.text])
      }
      Self.insert(pair.path.parts[...], pair.value, into: &document)
    }
    return document
  }

  private static func insert(
    _ parts: ArraySlice<String>, _ value: Value, into document: inout Document
  ) {
    guard let first = parts.first else { return }
    if parts.count == 1 {
      document[first] = value
      return
    }
    var inner = document[first]?.asDocument ?? Document()
    insert(parts.dropFirst(), value, into: &inner)
    document[first] = .document(inner)
  }
}

extension Value {
  /// True for a value that stands for itself in a filter's list: no pattern, no operators.
  fileprivate var isPlain: Bool {
    switch self {
    case .regex: false
    case .document(let document): !document.isOperators
    default: true
    }
  }
}

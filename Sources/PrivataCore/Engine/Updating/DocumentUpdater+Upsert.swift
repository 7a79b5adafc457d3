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
    try upsert(from: try FilterEqualities(filter), key: key)
  }

  /// As ``upsert(from:key:)-(Document,_)`` for any filter; typed equalities count as MongoDB's do.
  package func upsert(from filter: Filter, key: String? = "_id") throws(PrivataError) -> Document {
    try upsert(from: try FilterEqualities(filter), key: key)
  }

  private func upsert(
    from equalities: FilterEqualities, key: String?
  ) throws(PrivataError) -> Document {
    var start = Document()
    if case .replacement = plan {
      // A replacement takes nothing from the filter but the key.
      start["_id"] = equalities["_id"]
    } else {
      start = equalities.document
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

  /// The equalities of MongoDB's filter language.
  init(_ filter: Document) throws(PrivataError) { try collect(filter) }

  /// The equalities of a filter.
  init(_ filter: Filter) throws(PrivataError) { try collect(filter) }

  private mutating func collect(_ filter: Filter) throws(PrivataError) {
    switch filter {
    case .document(let document): try collect(document)
    case .compare(let field, .equal, let value): try add(field, value)
    case .isIn(let field, let values) where values.count == 1: try add(field, values[0])
    case .and(let all): for one in all { try collect(one) }
    case .or(let all) where all.count == 1: try collect(all[0])
    default: break
    }
  }

  private mutating func collect(_ filter: Document) throws(PrivataError) {
    for element in filter.elements {
      switch (element.key, element.value) {
      case ("$and", .array(let branches)):
        for case .document(let branch) in branches { try collect(branch) }
      case ("$or", .array(let branches)) where branches.count == 1:
        if case .document(let branch) = branches[0] { try collect(branch) }
      case (let key, _) where key.hasPrefix("$"): break
      case (_, .regex): break
      case (let key, .document(let operators)) where operators.isOperators:
        try collect(key, operators)
      case (let key, let value): try add(key, value)
      }
    }
  }

  private mutating func collect(_ path: String, _ operators: Document) throws(PrivataError) {
    for element in operators.elements {
      switch (element.key, element.value) {
      case ("$eq", let value): try add(path, value)
      case ("$in", .array(let values)) where values.count == 1,
        ("$all", .array(let values)) where values.count == 1:
        let isValue: Bool =
          switch values[0] {
          case .regex: false
          case .document(let document): !document.isOperators
          default: true
          }
        if isValue { try add(path, values[0]) }
      default: break
      }
    }
  }

  private mutating func add(_ text: String, _ value: Value) throws(PrivataError) {
    let path = DottedPath(text)
    for pair in pairs
    where pair.path.parts.starts(with: path.parts)
      || path.parts.starts(with: pair.path.parts)
    {
      throw .rejected(
        54, "cannot infer query fields to set, path '\(text)' is matched twice", fields: [text])
    }
    pairs.append((path, value))
  }

  /// The value demanded for a field.
  subscript(field: String) -> Value? { pairs.first { $0.path.text == field }?.value }

  /// A document that satisfies the equalities.
  var document: Document {
    var document = Document()
    for (path, value) in pairs { Self.insert(path.parts[...], value, into: &document) }
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

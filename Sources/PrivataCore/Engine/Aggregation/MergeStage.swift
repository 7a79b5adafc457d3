/// `$merge`: what happens to a result that meets a record of the target, and to one that does not.
struct MergeStage: Sendable {
  private enum Matched: Sendable {
    case replace, keepExisting, merge, fail
    case pipeline(Pipeline, variables: [Evaluator])
  }

  private enum NotMatched: String, Sendable { case insert, discard, fail }

  private let keys: [String]
  private let matched: Matched
  private let notMatched: NotMatched

  /// True where results meet the records of their own `_id`.
  var isByKey: Bool { keys == ["_id"] }

  /// Results that are looked up at once.
  private static let pieceSize = 500

  /// Compiles the specification; an empty one merges by `_id`.
  init(_ document: Document) throws(PrivataError) {
    let known = ["into", "on", "let", "whenMatched", "whenNotMatched"]
    for key in document.keys where !known.contains(key) {
      throw .rejected(40415, "BSON field '$merge.\(key)' is an unknown field.")
    }
    keys = try Self.keys(document["on"])
    matched = try Self.matched(document)
    guard let name = document["whenNotMatched"] else {
      notMatched = .insert
      return
    }
    guard let action = name.asString.flatMap(NotMatched.init) else {
      throw .rejected(2, "$merge's whenNotMatched is insert, discard or fail")
    }
    notMatched = action
  }

  private static func keys(_ value: Value?) throws(PrivataError) -> [String] {
    let names: [String]
    switch value {
    case nil: names = ["_id"]
    case .string(let name)?: names = [name]
    case .array(let items)?: names = items.compactMap(\.asString)
    default: throw .rejected(51186, "$merge's on is a field or a list of fields")
    }
    guard !names.isEmpty else {
      throw .rejected(51187, "If explicitly specifying $merge's on, it must name a field")
    }
    return names
  }

  private static func matched(_ document: Document) throws(PrivataError) -> Matched {
    switch document["whenMatched"] {
    case nil, .string("merge")?: return .merge
    case .string("replace")?: return .replace
    case .string("keepExisting")?: return .keepExisting
    case .string("fail")?: return .fail
    case .array(let stages)?:
      let given = document["let"]?.asDocument ?? ["new": "$$ROOT"]
      let compiler = ExpressionCompiler(scope: [])
      var variables: [Evaluator] = []
      for element in given.elements { variables.append(try compiler.compile(element.value)) }
      let pipeline = try Pipeline(stages.compactMap(\.asDocument), variables: given.keys)
      return .pipeline(pipeline, variables: variables)
    default:
      throw .rejected(
        2, "$merge's whenMatched is replace, keepExisting, merge, fail or a pipeline")
    }
  }

  /// Writes results into a collection.
  ///
  /// - Throws: `rejectedByStore` with MongoDB's code where no unique index covers the fields, where a
  ///   result is without one of them, or where the stage says to fail.
  func write(
    _ documents: [Document], into model: ModelSchema, on store: some Store
  ) async throws(PrivataError) {
    guard model.hasUnique(keys) else {
      throw .rejected(51183, "Cannot find index to verify that join fields will be unique")
    }
    var rest = documents[...]
    while !rest.isEmpty {
      try await write(piece: Array(rest.prefix(Self.pieceSize)), model, store)
      rest = rest.dropFirst(Self.pieceSize)
    }
  }

  private func write(
    piece: [Document], _ model: ModelSchema, _ store: some Store
  ) async throws(PrivataError) {
    var wanted: [(key: [Value], document: Document)] = []
    for document in piece { wanted.append((try key(of: document), document)) }
    var present = try await records(wanted.map(\.key), model, store)
    var writes: [Write] = []
    for (key, document) in wanted {
      let place = key.map(ValueOrder().key)
      guard let old = present[place] else {
        switch notMatched {
        case .discard: continue
        case .fail:
          throw .rejected(
            13113,
            "$merge could not find a matching document in the target collection for at least "
              + "one document in the source collection")
        case .insert:
          present[place] = document
          writes.append(.insert(Insert(model, .documents([document]))))
          continue
        }
      }
      guard let new = try await merged(old, document), new.bson != old.bson else { continue }
      present[place] = new
      writes.append(
        .update(
          Update(
            model, where: .document(["_id": ["$eq": old["_id"] ?? .null]]), .replacement(new))))
    }
    guard !writes.isEmpty else { return }
    let outcome = try await store.write(.bulk(writes, isOrdered: true))
    if let failure = outcome.failures.first { throw failure.error }
  }

  /// The values by which a result is matched.
  private func key(of document: Document) throws(PrivataError) -> [Value] {
    var key: [Value] = []
    for name in keys {
      switch DottedPath(name).value(in: document) {
      case nil, .null?, .undefined?, .array?:
        throw .rejected(
          51132, "$merge write error: 'on' field cannot be missing, null, undefined or an array",
          fields: [name])
      case let value?: key.append(value)
      }
    }
    return key
  }

  /// The records with these keys.
  private func records(
    _ wanted: [[Value]], _ model: ModelSchema, _ store: some Store
  ) async throws(PrivataError) -> [[Value]: Document] {
    let filter: Document =
      keys.count == 1
      ? [keys[0]: ["$in": .array(wanted.map { $0[0] })]]
      : [
        "$or": .array(
          wanted.map { values in
            .document(
              Document(zip(keys, values).map { .init(key: $0, value: ["$eq": $1]) }))
          })
      ]
    var records: [[Value]: Document] = [:]
    for record in try await store.rows(for: Query(model, where: .document(filter))).documents {
      let key = keys.map { ValueOrder().key(DottedPath($0).value(in: record) ?? .null) }
      records[key] = record
    }
    return records
  }

  /// What becomes of a record that a result meets; `nil` leaves it as it is.
  private func merged(
    _ old: Document, _ new: Document
  ) async throws(PrivataError) -> Document? {
    var result = old
    switch matched {
    case .keepExisting: return nil
    case .fail:
      throw .rejected(
        11000, "$merge found a record with the key of a result", as: .duplicateKey, fields: keys)
    case .merge: for element in new.elements { result[element.key] = element.value }
    case .replace: result = new
    case .pipeline(let pipeline, let variables):
      let context = ExpressionContext(root: new, order: ValueOrder(), slots: [], now: .now)
      var values: [Value?] = []
      for variable in variables { values.append(try variable(context)) }
      let run = try await pipeline.run([old], variables: values) { _ in [] }
      result = run.first ?? old
    }
    let id = old["_id"] ?? .null
    guard isByKey || new["_id"].map({ Value.equals($0, id) }) ?? true else {
      throw .rejected(
        66, "$merge failed to update the matching document: _id cannot change",
        as: .immutableField, fields: ["_id"])
    }
    result["_id"] = id
    return result
  }
}

extension ModelSchema {
  /// True where no two records share the values of these fields.
  fileprivate func hasUnique(_ names: [String]) -> Bool {
    let wanted = Set(names)
    if Set(primaryKey.map { fields[$0].name }) == wanted { return true }
    if names.count == 1, field(names[0])?.isUnique ?? false { return true }
    return indexes.contains { index in
      index.isUnique && index.partialFilter == nil && Set(index.parts.map(\.field)) == wanted
    }
  }
}

internal import PrivataCore

/// Writes of the identity store as bytes, for the journal, and back. Models go by name.
enum WriteCoding {
  static func encode(_ writes: [Write]) -> [UInt8] {
    Document([.init(key: "w", value: .array(writes.map { .document(encode($0)) }))]).bson
  }

  /// - Throws: `corrupt` for bytes that no ``encode(_:)`` wrote; `unknownModel` where a model is not
  ///   registered.
  static func decode(
    _ bytes: [UInt8], _ registry: SeparationRegistry
  ) throws(PrivataError) -> [Write] {
    let whole = try Document(bson: bytes)
    var writes: [Write] = []
    for case .document(let write) in whole["w"]?.asArray ?? [] {
      writes.append(try WriteReader(registry).write(write))
    }
    return writes
  }

  private static func encode(_ write: Write) -> Document {
    switch write {
    case .insert(let insert):
      var document: Document = [
        "k": "insert", "m": .string(insert.model.name), "o": .bool(insert.isOrdered),
      ]
      document["r"] = encode(insert.rows)
      switch insert.onConflict {
      case .fail: break
      case .ignore(let fields): document["i"] = .array(fields.map { .string($0) })
      case .update(let fields, let changes):
        document["u"] = .array(fields.map { .string($0) })
        document["c"] = .document(encode(changes))
      }
      return document
    case .update(let update):
      var document: Document = [
        "k": "update", "m": .string(update.model.name), "n": .bool(update.isMany),
        "p": .bool(update.isUpsert), "f": .document(FilterCoding.encode(update.filter)),
        "c": .document(encode(update.changes)),
        "a": .array(update.arrayFilters.map { .document($0) }),
        "s": .array(update.sort.map { ["k": .string($0.path), "d": .bool($0.isDescending)] }),
      ]
      document["x"] = update.options?.collation.map { .document($0) }
      return document
    case .delete(let delete):
      return [
        "k": "delete", "m": .string(delete.model.name), "n": .bool(delete.isMany),
        "f": .document(FilterCoding.encode(delete.filter)),
        "s": .array(delete.sort.map { ["k": .string($0.path), "d": .bool($0.isDescending)] }),
      ]
    case .bulk(let writes, let isOrdered):
      return [
        "k": "bulk", "o": .bool(isOrdered), "w": .array(writes.map { .document(encode($0)) }),
      ]
    }
  }

  private static func encode(_ rows: Insert.Rows) -> Value {
    switch rows {
    case .documents(let documents): return ["d": .array(documents.map { .document($0) })]
    case .cells(let fields, let batch):
      let rows = (0..<batch.count).map { row in
        // A missing cell is told from a null one by its absence.
        Value.document(batch.document(row: row, naming: fields))
      }
      return ["f": .array(fields.map { .string($0) }), "c": .array(rows)]
    }
  }

  private static func encode(_ changes: Changes) -> Document {
    switch changes {
    case .operators(let document): ["o": .document(document)]
    case .pipeline(let stages): ["p": .array(stages.map { .document($0) })]
    case .replacement(let document): ["r": .document(document)]
    case .assign(let assignments):
      [
        "a": .array(
          assignments.map {
            ["f": .string($0.field), "o": .string("\($0.operation)"), "v": $0.value]
          }
        )
      ]
    }
  }
}

/// Reads writes.
private struct WriteReader {
  let registry: SeparationRegistry

  init(_ registry: SeparationRegistry) { self.registry = registry }

  func write(_ document: Document) throws(PrivataError) -> Write {
    switch document["k"]?.asString {
    case "insert": return .insert(try insert(document))
    case "update": return .update(try update(document))
    case "delete":
      return .delete(
        Delete(
          try model(document), where: try FilterCoding.decode(document["f"]),
          isMany: document["n"]?.asBool ?? true, sort: sort(document), layout: .cells))
    case "bulk":
      var writes: [Write] = []
      for case .document(let inner) in document["w"]?.asArray ?? [] {
        writes.append(try write(inner))
      }
      return .bulk(writes, isOrdered: document["o"]?.asBool ?? true)
    default: throw FilterCoding.corrupt
    }
  }

  private func model(_ document: Document) throws(PrivataError) -> ModelSchema {
    guard let name = document["m"]?.asString else { throw FilterCoding.corrupt }
    if name == CommitMarker.model.name { return CommitMarker.model }
    let separation = try registry.separation(named: name)
    guard let model = separation.identity else { throw FilterCoding.corrupt }
    return model
  }

  private func sort(_ document: Document) -> [SortKey] {
    (document["s"]?.asArray ?? []).compactMap(\.asDocument).map {
      SortKey($0["k"]?.asString ?? "", descending: $0["d"]?.asBool ?? false)
    }
  }

  private func names(_ value: Value?) -> [String] { (value?.asArray ?? []).compactMap(\.asString) }

  private func insert(_ document: Document) throws(PrivataError) -> Insert {
    var insert = Insert(
      try model(document), try rows(document["r"]), isOrdered: document["o"]?.asBool ?? true)
    if let fields = document["i"] { insert.onConflict = .ignore(names(fields)) }
    if let fields = document["u"] {
      insert.onConflict = .update(fields: names(fields), try changes(document["c"]))
    }
    return insert
  }

  private func rows(_ value: Value?) throws(PrivataError) -> Insert.Rows {
    guard let document = value?.asDocument else { throw FilterCoding.corrupt }
    if let documents = document["d"]?.asArray {
      return .documents(documents.compactMap(\.asDocument))
    }
    let fields = names(document["f"])
    var batch = RowBatch(width: max(fields.count, 1))
    for case .document(let row) in document["c"]?.asArray ?? [] {
      for field in fields { batch.append(row[field]) }
    }
    return .cells(fields: fields, batch)
  }

  private func update(_ document: Document) throws(PrivataError) -> Update {
    var update = Update(
      try model(document), where: try FilterCoding.decode(document["f"]),
      try changes(document["c"]), isMany: document["n"]?.asBool ?? false,
      isUpsert: document["p"]?.asBool ?? false, sort: sort(document),
      arrayFilters: (document["a"]?.asArray ?? []).compactMap(\.asDocument))
    if let collation = document["x"]?.asDocument {
      var options = QueryOptions()
      options.collation = collation
      update.options = options
    }
    return update
  }

  private func changes(_ value: Value?) throws(PrivataError) -> Changes {
    guard let document = value?.asDocument else { throw FilterCoding.corrupt }
    if let operators = document["o"]?.asDocument { return .operators(operators) }
    if let stages = document["p"]?.asArray { return .pipeline(stages.compactMap(\.asDocument)) }
    if let replacement = document["r"]?.asDocument { return .replacement(replacement) }
    var assignments: [Assignment] = []
    for case .document(let one) in document["a"]?.asArray ?? [] {
      guard let field = one["f"]?.asString, let value = one["v"],
        let operation = Assignment.Operation(named: one["o"]?.asString)
      else { throw FilterCoding.corrupt }
      assignments.append(Assignment(field, value, operation))
    }
    return .assign(assignments)
  }
}

extension Assignment.Operation {
  fileprivate init?(named name: String?) {
    let all: [Assignment.Operation] = [
      .set, .increment, .decrement, .multiply, .divide, .push, .unset,
    ]
    guard let found = all.first(where: { "\($0)" == name }) else { return nil }
    self = found
  }
}

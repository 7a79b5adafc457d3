internal import PrivataCore

extension MemoryState {
  mutating func insert(_ insert: Insert) throws(PrivataError) -> WriteOutcome {
    var table = try table(insert.model)
    let before = self
    var outcome = WriteOutcome()
    var answered: [Document] = []
    for (index, document) in try documents(of: insert).enumerated() {
      do throws(PrivataError) {
        let new = try completed(document, insert.model, &table)
        if let document = try put(new, insert, &table, &outcome) { answered.append(document) }
      } catch {
        if insert.isOrdered {
          self = before
          throw error
        }
        outcome.failures.append(.init(index: index, error: error))
      }
    }
    tables[Self.key(insert.model)] = table
    if !insert.returning.isEmpty {
      outcome.rows = MemoryRows(model: insert.model, layout: .cells).cells(
        answered, insert.returning)
    }
    return outcome
  }

  /// Inserts a record, or does what is to be done where one is in its way; answers the record that
  /// stands there then.
  private mutating func put(
    _ document: Document, _ insert: Insert, _ table: inout MemoryTable,
    _ outcome: inout WriteOutcome
  ) throws(PrivataError) -> Document? {
    switch insert.onConflict {
    case .fail: break
    case .ignore(let fields):
      if try table.conflict(with: document, on: fields) != nil { return nil }
    case .update(let fields, let changes):
      guard let number = try table.conflict(with: document, on: fields),
        let row = table.row(number)
      else { break }
      let changed = try DocumentUpdater(changes).apply(to: row.document)
      outcome.matched += 1
      if changed.bson != row.document.bson {
        try table.replace(number, with: try checked(changed, insert.model))
        outcome.modified += 1
        touched[Self.key(insert.model), default: []].insert(number)
      }
      return changed
    }
    let number = try table.insert(document)
    touched[Self.key(insert.model), default: []].insert(number)
    outcome.inserted += 1
    outcome.lastRowID = document[insert.model.key.name]?.exactInteger ?? outcome.lastRowID
    return document
  }

  private func documents(of insert: Insert) throws(PrivataError) -> [Document] {
    switch insert.rows {
    case .documents(let documents): return documents
    case .cells(let fields, let batch):
      for field in fields where insert.model.field(field) == nil {
        throw PrivataError(
          .unknownField, "\(insert.model.name) has no field \(field)", fields: [field],
          model: insert.model.name)
      }
      return (0..<batch.count).map { row in
        var document = Document()
        for (column, field) in fields.enumerated() {
          if let value = batch.value(row: row, column: column) { document.append(field, value) }
        }
        return document
      }
    }
  }

  /// The record with what the store fills in: keys and defaults. `_id` goes first, as in MongoDB.
  private func completed(
    _ document: Document, _ model: ModelSchema, _ table: inout MemoryTable
  ) throws(PrivataError) -> Document {
    var result = document
    for field in model.fields where result[field.name] == nil {
      if field.isGenerated {
        result[field.name] = .int64(table.generate())
      } else if let value = field.storeDefault {
        result[field.name] = value
      }
    }
    for field in model.fields where field.isGenerated {
      if let value = result[field.name]?.exactInteger { table.noteGenerated(value) }
    }
    if model.key.name == "_id" {
      let id = result.remove("_id") ?? .objectID(ObjectID())
      result = Document([.init(key: "_id", value: id)] + result.elements)
    }
    return try checked(result, model)
  }

  /// Refuses what the model's columns would refuse.
  func checked(_ document: Document, _ model: ModelSchema) throws(PrivataError) -> Document {
    if case .array? = document["_id"] {
      throw .rejected(53, "The '_id' value cannot be of type array", fields: ["_id"])
    }
    guard !model.isOpen else { return document }
    for field in model.fields {
      let value = document[field.name]
      if !field.isOptional, value?.isNull ?? true {
        throw PrivataError(
          .missingField, "\(model.name) needs \(field.name)", fields: [field.name],
          model: model.name)
      }
      if !field.allowed.isEmpty, let text = value?.asString, !field.allowed.contains(text) {
        throw PrivataError(
          .constraint, "\(field.name) of \(model.name) takes only the values that its model lists",
          fields: [field.name], model: model.name, value: value)
      }
    }
    return document
  }
}

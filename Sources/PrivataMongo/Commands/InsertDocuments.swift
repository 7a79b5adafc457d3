import PrivataCore

/// The records of an insert as documents: with an `_id`, with the schema's defaults, and refused
/// where a typed model's required field is missing.
struct InsertDocuments {
  let target: Target
  private let model: ModelSchema
  private let rows: Insert.Rows
  private let columns: [Column]
  private let defaults: [(key: String, value: Value)]
  private let keyColumn: Int?

  private struct Column {
    var key: String
    var field: FieldSchema?
    var omitsNull: Bool
  }

  init(_ insert: Insert, on target: Target) throws(PrivataError) {
    self.target = target
    model = insert.model
    rows = insert.rows
    guard case .cells(let fields, let batch) = insert.rows else {
      columns = []
      keyColumn = nil
      defaults = []
      return
    }
    guard fields.count == batch.width else {
      throw PrivataError(
        .badArgument, "rows of \(batch.width) cells for \(fields.count) fields", model: model.name)
    }
    columns = try Self.columns(fields, insert.model, target.naming)
    keyColumn = columns.firstIndex { $0.key == "_id" }
    defaults = try Self.defaults(insert.model, without: Set(fields), target.naming)
  }

  var count: Int { rows.count }

  /// Writes one record.
  func append(_ index: Int, to writer: inout BSONWriter) {
    switch rows {
    case .documents(let documents):
      append(target.naming.document(documents[index]), to: &writer)
    case .cells(_, let batch): append(row: index, of: batch, to: &writer)
    }
  }

  /// Refuses records that lack what the model requires.
  ///
  /// - Throws: `missingField` where a required field of a typed model is null or missing.
  func check() throws(PrivataError) {
    guard case .cells(_, let batch) = rows else { return }
    for (position, column) in columns.enumerated() {
      guard let field = column.field, !field.isOptional, !field.isGenerated else { continue }
      let isMadeHere = column.key == "_id" && field.type == .objectID || field.storeDefault != nil
      for row in 0..<batch.count {
        let tag = batch.cell(row: row, column: position).tag
        guard tag == .null || tag == .missing && !isMadeHere else { continue }
        throw Self.missing(field, model)
      }
    }
  }

  private func append(_ document: Document, to writer: inout BSONWriter) {
    guard !document.contains("_id") else { return writer.append(document: document) }
    let mark = writer.beginDocument()
    writer.append("_id", objectID: ObjectID())
    for element in document { writer.append(element.key, element.value) }
    writer.end(mark)
  }

  private func append(row: Int, of batch: RowBatch, to writer: inout BSONWriter) {
    let mark = writer.beginDocument()
    appendKey(row, batch, &writer)
    for (position, column) in columns.enumerated() where position != keyColumn {
      let cell = batch.cell(row: row, column: position)
      if cell.tag == .null, column.omitsNull { continue }
      if cell.tag == .missing, let value = column.field?.storeDefault {
        writer.append(column.key, value)
      } else {
        writer.append(column.key, cell, in: batch)
      }
    }
    for element in defaults { writer.append(element.key, element.value) }
    writer.end(mark)
  }

  // The server stores `_id` first in any case.
  private func appendKey(_ row: Int, _ batch: RowBatch, _ writer: inout BSONWriter) {
    guard let keyColumn, batch.cell(row: row, column: keyColumn).tag != .missing else {
      writer.append("_id", objectID: ObjectID())
      return
    }
    writer.append("_id", batch.cell(row: row, column: keyColumn), in: batch)
  }

  private static func columns(
    _ fields: [String], _ model: ModelSchema, _ naming: FieldNaming
  ) throws(PrivataError) -> [Column] {
    var columns: [Column] = []
    for name in fields {
      guard let field = model.field(name) else {
        if model.isOpen {
          columns.append(Column(key: name, field: nil, omitsNull: false))
          continue
        }
        throw PrivataError(
          .unknownField, "\(model.name) has no field \(name)", fields: [name], model: model.name)
      }
      columns.append(
        Column(
          key: naming.path(name), field: model.isOpen ? nil : field,
          omitsNull: model.omitsNull(name)))
    }
    return columns
  }

  /// What the schema fills in where no row says anything, and what nobody can fill in.
  private static func defaults(
    _ model: ModelSchema, without given: Set<String>, _ naming: FieldNaming
  ) throws(PrivataError) -> [(key: String, value: Value)] {
    guard !model.isOpen else { return [] }
    var defaults: [(key: String, value: Value)] = []
    for field in model.fields where !given.contains(field.name) {
      let key = naming.path(field.name)
      if let value = field.storeDefault {
        defaults.append((key, value))
      } else if key == "_id" ? field.type != .objectID : !field.isOptional {
        throw missing(field, model)
      }
    }
    return defaults
  }

  private static func missing(_ field: FieldSchema, _ model: ModelSchema) -> PrivataError {
    PrivataError(
      .missingField, "\(model.name) needs a value for \(field.name)", fields: [field.name],
      model: model.name)
  }
}

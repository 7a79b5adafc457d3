internal import PrivataCore

/// What of a row decides how it is sealed.
struct SealedRow: Sendable {
  let record: Value
  /// The pseudonym whose key seals the row; `nil` for the store's own.
  let subject: String?
}

extension SealedAccess {
  /// Inserts rows, each sealed with the key of its person.
  func insert(_ insert: Insert) async throws(PrivataError) -> WriteOutcome {
    var physical = insert
    physical.model = plan.physical
    let sealer: RowSealer
    switch insert.rows {
    case .documents(let documents):
      (physical.rows, sealer) = try await sealed(documents.map(identified))
    case .cells(let fields, let batch):
      (physical.rows, sealer) = try await sealed(fields, batch)
    }
    switch insert.onConflict {
    case .fail: break
    case .ignore(let fields):
      physical.onConflict = .ignore(fields.map { plan.byName[$0]?.tag ?? $0 })
    case .update:
      throw PrivataError(
        .unsupported, "an encrypted record cannot be changed by the insert that meets it",
        model: plan.logical.name)
    }
    guard !insert.returning.isEmpty else { return try await send(.insert(physical), sealer) }
    let shape = try shape(.fields(insert.returning), .cells)
    physical.returning = shape.columns
    var outcome = try await send(.insert(physical), sealer)
    if let rows = outcome.rows {
      let answer = Query(plan.logical, projection: .fields(insert.returning), layout: .cells)
      outcome.rows = try projected(try await opened(rows, shape, .cells), shape, answer)
    }
    return outcome
  }

  /// A document with what its ciphertexts are bound to.
  private func identified(_ document: Document) -> Document {
    if plan.addsRecord {
      var document = document
      document.append(SealingPlan.recordName, .newRecord)
      return document
    }
    guard document[plan.record] == nil, plan.logical.key.name == plan.record,
      plan.logical.key.type == .objectID
    else { return document }
    return Document([.init(key: plan.record, value: .objectID(ObjectID()))] + document.elements)
  }

  private func sealed(
    _ documents: [Document]
  ) async throws(PrivataError) -> (Insert.Rows, RowSealer) {
    var rows: [SealedRow] = []
    for document in documents {
      rows.append(try row(document[plan.record], plan.subject.flatMap { document[$0] }))
    }
    let sealer = try await sealer(rows)
    var sealed: [Document] = []
    for (document, row) in zip(documents, rows) {
      var elements: [Document.Element] = []
      for element in document.elements {
        guard let field = plan.byName[element.key] else {
          elements.append(element)
          continue
        }
        elements += try sealer.elements(field, element.value, row)
      }
      sealed.append(Document(elements))
    }
    return (.documents(sealed), sealer)
  }

  private func sealed(
    _ fields: [String], _ batch: RowBatch
  ) async throws(PrivataError) -> (Insert.Rows, RowSealer) {
    let recordColumn = fields.firstIndex(of: plan.record)
    let subjectColumn = plan.subject.flatMap { fields.firstIndex(of: $0) }
    var rows: [SealedRow] = []
    for row in 0..<batch.count {
      let own = recordColumn.flatMap { batch.value(row: row, column: $0) }
      rows.append(
        try self.row(
          plan.addsRecord ? .newRecord : own,
          subjectColumn.flatMap { batch.value(row: row, column: $0) }))
    }
    let sealer = try await sealer(rows)
    let tagged = fields.compactMap { plan.byName[$0] }.filter { $0.tag != nil }
    let tags = sealer.indexes.flatMap { index in tagged.compactMap { index.name($0) } }
    let names = fields + tags + (plan.addsRecord ? [SealingPlan.recordName] : [])
    var sealed = RowBatch(width: names.count)
    sealed.reserve(rows: batch.count)
    for (number, row) in rows.enumerated() {
      for (column, name) in fields.enumerated() {
        guard let field = plan.byName[name], let value = batch.value(row: number, column: column),
          !value.isNull
        else {
          sealed.append(batch.cell(row: number, column: column), from: batch)
          continue
        }
        sealed.append(try sealer.sealed(field, value, row))
      }
      for index in sealer.indexes {
        for field in tagged {
          let column = fields.firstIndex(of: field.name) ?? 0
          sealed.append(try index.tag(batch.value(row: number, column: column) ?? .null, field))
        }
      }
      if plan.addsRecord { sealed.append(row.record) }
    }
    return (.cells(fields: names, sealed), sealer)
  }

  /// What seals rows, once their keys are there.
  func sealer(_ rows: [SealedRow]) async throws(PrivataError) -> RowSealer {
    let write: SealedWrite
    if let transaction {
      write = try await transaction.begin(keys)
    } else {
      write = try await SealedWrite(keys)
    }
    let counts = rows.reduce(into: [String?: Int]()) { $0[$1.subject, default: 0] += 1 }
    let keys = try await keys.sealing(
      counts.mapValues { $0 * plan.fields.count }, store: plan.half.rawValue)
    let indexes = plan.fields.contains { $0.tag != nil } ? try await indexes() : []
    return RowSealer(plan: plan, cipher: cipher, keys: keys, indexes: indexes, write: write)
  }

  /// What decides how a row is sealed.
  ///
  /// - Throws: `missingField` for a row without the key to which its ciphertext is bound.
  func row(_ record: Value?, _ subject: Value?) throws(PrivataError) -> SealedRow {
    guard let record, !record.isNull else {
      throw PrivataError(
        .missingField,
        """
        a record of \(plan.logical.name) has encrypted fields, which are bound to its \
        \(plan.record): give one with the insert
        """, fields: [plan.record], model: plan.logical.name)
    }
    return SealedRow(record: record, subject: subject?.asString)
  }
}

extension Value {
  /// What stands for a record whose own key the store makes.
  fileprivate static var newRecord: Value {
    .binary(Binary(SecureBytes.random(16), subtype: 4))
  }
}

/// Seals the values of rows whose keys are at hand.
struct RowSealer: Sendable {
  let plan: SealingPlan
  let cipher: FieldCipher
  let keys: [String?: DataKey]
  let indexes: [BlindIndex]
  /// What the ciphertexts are for.
  let write: SealedWrite

  /// The ciphertext of a value.
  func sealed(
    _ field: SealedField, _ value: Value, _ row: SealedRow
  ) throws(PrivataError) -> Value {
    guard let key = keys[row.subject] else {
      throw PrivataError(
        .keyUnavailable, "there is no key to seal \(field.name) with", fields: [field.name],
        model: plan.logical.name, isRetriable: true)
    }
    let kept = plan.logical.isOpen ? value : field.type.canonical(value)
    return .binary(Binary(try cipher.seal(kept, field, record: row.record, key)))
  }

  /// Ciphertext and tag as elements of a document.
  func elements(
    _ field: SealedField, _ value: Value, _ row: SealedRow
  ) throws(PrivataError) -> [Document.Element] {
    var elements = [Document.Element]()
    let kept = value.isNull ? value : try sealed(field, value, row)
    elements.append(.init(key: field.name, value: kept))
    for index in indexes {
      guard let name = index.name(field) else { continue }
      elements.append(.init(key: name, value: try index.tag(value, field)))
    }
    return elements
  }
}

extension FieldType {
  /// A value in the type that a plain store would answer.
  func canonical(_ value: Value) -> Value {
    switch (self, value) {
    case (.int32, .int64(let number)): Int32(exactly: number).map { .int32($0) } ?? value
    case (.int64, .int32(let number)): .int64(Int64(number))
    case (.double, .int32(let number)): .double(Double(number))
    case (.double, .int64(let number)): .double(Double(number))
    case (.number, .int64(let number)): .number(Double(number))
    case (.number, .double(let number)): .number(number)
    default: value
    }
  }
}

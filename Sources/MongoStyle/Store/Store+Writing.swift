internal import PrivataCore

extension Store {
  /// Carries out a change. A taken unique value and a conflict carry MongoDB's own error on every
  /// store: `error.underlying as? ServerError` with code 11000 or 112.
  func writing(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    do {
      var outcome = try await self.write(write)
      for index in outcome.failures.indices {
        let failure = outcome.failures[index]
        outcome.failures[index].error =
          WriteRefusal(write.part(failure.index)).completed(failure.error)
      }
      return outcome
    } catch { throw WriteRefusal(write.part(0)).completed(error) }
  }
}

extension Write {
  /// The record of an insert, or the operation of a bulk, at a position.
  fileprivate func part(_ index: Int) -> (write: Write, row: Int) {
    if case .bulk(let writes, _) = self, writes.indices.contains(index) {
      return (writes[index], 0)
    }
    return (self, index)
  }
}

/// A refusal of a store in MongoDB's terms.
struct WriteRefusal {
  private let write: Write
  private let row: Int

  init(_ part: (write: Write, row: Int)) {
    write = part.write
    row = part.row
  }

  func completed(_ error: PrivataError) -> PrivataError {
    guard !(error.underlying is ServerError) else { return error }
    var error = error
    switch error.code {
    case .duplicateKey where !error.fields.isEmpty:
      error.underlying = ServerError(
        code: 11000, keyPattern: keyPattern(error.fields), keyValue: keyValue(error.fields))
    case .duplicateKey: error.underlying = ServerError(code: 11000)
    case .writeConflict:
      error.underlying = ServerError(code: 112, labels: ["TransientTransactionError"])
    default: break
    }
    return error
  }

  private func keyPattern(_ fields: [String]) -> Document {
    let index = write.model?.indexes.first { $0.parts.map(\.field) == fields }
    return Document(
      fields.enumerated().map { position, field in
        let isDescending = index?.parts[position].isDescending ?? false
        return Document.Element(key: field, value: isDescending ? -1 : 1)
      })
  }

  /// The values that were taken, as far as the change says them.
  private func keyValue(_ fields: [String]) -> Document? {
    let values = fields.map(value)
    guard values.allSatisfy({ $0 != nil }) else { return nil }
    return Document(
      zip(fields, values).map { Document.Element(key: $0, value: $1 ?? .null) })
  }

  private func value(_ field: String) -> Value? {
    switch write {
    case .insert(let insert):
      guard case .documents(let documents) = insert.rows, documents.indices.contains(row) else {
        return nil
      }
      return documents[row].value(at: field) ?? .null
    case .update(let update): return value(field, update)
    case .delete, .bulk: return nil
    }
  }

  private func value(_ field: String, _ update: Update) -> Value? {
    switch update.changes {
    case .replacement(let document): return document.value(at: field) ?? .null
    case .operators(let operators):
      for name in ["$set", "$setOnInsert"] {
        if let found = operators[name]?.asDocument?[field] { return found }
      }
      guard update.isUpsert, case .document(let filter) = update.filter else { return nil }
      guard let wanted = filter[field] else { return .null }
      if case .document(let condition) = wanted, condition.hasOperators { return condition["$eq"] }
      return wanted
    case .pipeline: return nil
    default: return nil
    }
  }
}

extension Write {
  /// The model that the change concerns; `nil` for several.
  fileprivate var model: ModelSchema? {
    switch self {
    case .insert(let insert): insert.model
    case .update(let update): update.model
    case .delete(let delete): delete.model
    case .bulk(let writes, _): writes.first?.model
    }
  }
}

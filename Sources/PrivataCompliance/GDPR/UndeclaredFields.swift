internal import PrivataCore

/// Keeps fields that a model does not declare out of the stores.
///
/// Source: GDPR Article 5(1)(c).
extension AuditedSession {
  /// The write without fields that the model does not declare, as the rules say.
  ///
  /// - Throws: `undeclaredField`, which names the path and no value.
  func declared(_ write: Write, _ separation: Separation) throws(PrivataError) -> Write {
    guard let rules = session.core.options.processing, rules.undeclared != .keep,
      separation.model.isOpen
    else { return write }
    return try DeclaredFields(model: separation.model, rejects: rules.undeclared == .reject)
      .checked(write)
  }
}

/// Looks for fields that a model does not declare.
private struct DeclaredFields {
  let model: ModelSchema
  let rejects: Bool

  func checked(_ write: Write) throws(PrivataError) -> Write {
    switch write {
    case .insert(var insert):
      guard case .documents(let documents) = insert.rows else { return write }
      var kept: [Document] = []
      kept.reserveCapacity(documents.count)
      for document in documents { kept.append(try declared(document)) }
      insert.rows = .documents(kept)
      return .insert(insert)
    case .update(var update):
      update.changes = try checked(update.changes)
      return .update(update)
    case .delete: return write
    case .bulk(let writes, let isOrdered):
      var all: [Write] = []
      for write in writes { all.append(try checked(write)) }
      return .bulk(all, isOrdered: isOrdered)
    }
  }

  private func checked(_ changes: Changes) throws(PrivataError) -> Changes {
    switch changes {
    case .replacement(let document): return .replacement(try declared(document))
    case .operators(let operators):
      var kept: [Document.Element] = []
      for element in operators.elements {
        guard let fields = element.value.asDocument, element.key != "$unset" else {
          kept.append(element)
          continue
        }
        let declared = try declared(fields)
        if !declared.isEmpty {
          kept.append(.init(key: element.key, value: .document(declared)))
        }
      }
      return .operators(Document(kept))
    case .pipeline:
      guard rejects else { return changes }
      throw PrivataError(
        .undeclaredField, "a pipeline may write fields that \(model.name) does not declare",
        model: model.name)
    case .assign: return changes
    }
  }

  /// The document without undeclared fields.
  private func declared(_ document: Document) throws(PrivataError) -> Document {
    var kept: [Document.Element] = []
    kept.reserveCapacity(document.count)
    for element in document.elements {
      let name = Separation.root(of: element.key)
      if model.field(name) != nil || name == "__v" {
        kept.append(element)
      } else if rejects {
        throw PrivataError(
          .undeclaredField, "\(model.name) does not declare the field \(element.key)",
          fields: [element.key], model: model.name)
      }
    }
    return Document(kept)
  }
}

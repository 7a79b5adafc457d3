import PrivataCore

// A typed model has the fields that it names; a misspelt one must not silently match nothing.
extension Target {
  /// Refuses fields that a typed model does not have.
  ///
  /// - Throws: `unknownField`.
  func check(_ query: Query) throws(PrivataError) {
    guard let model, !model.isOpen else { return }
    try check(query.filter)
    for key in query.sort where !key.isTextScore { try check(field: key.path) }
    if case .fields(let names) = query.projection {
      for name in names { try check(field: name) }
    }
  }

  /// Refuses fields that a typed model does not have.
  func check(_ update: Update) throws(PrivataError) {
    guard let model, !model.isOpen else { return }
    try check(update.filter)
    guard case .assign(let assignments) = update.changes else { return }
    for assignment in assignments { try check(field: assignment.field) }
  }

  /// Refuses fields that a typed model does not have.
  func check(_ filter: Filter) throws(PrivataError) {
    guard let model, !model.isOpen else { return }
    switch filter {
    case .all, .none, .document: break
    case .compare(let field, _, _), .isIn(let field, _), .isNotIn(let field, _),
      .isNull(let field), .isNotNull(let field), .text(let field, _, _, _),
      .list(let field, _, _):
      try check(field: field)
    case .compareFields(let a, _, let b):
      try check(field: a)
      try check(field: b)
    case .and(let parts), .or(let parts): for part in parts { try check(part) }
    case .not(let part): try check(part)
    }
  }

  private func check(field path: String) throws(PrivataError) {
    guard let model else { return }
    let name = path.prefix { $0 != "." }
    guard model.position(of: String(name)) == nil else { return }
    throw PrivataError(
      .unknownField, "\(model.name) has no field \(name)", fields: [String(name)],
      model: model.name)
  }
}

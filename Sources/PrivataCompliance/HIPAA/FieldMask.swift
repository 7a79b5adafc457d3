internal import PrivataCore

/// Takes the fields that a caller may not use out of what is asked of the stores.
struct FieldMask {
  let denied: Set<String>
  let model: ModelSchema

  /// The query without denied fields.
  ///
  /// - Throws: `accessDenied` where it names one, or would learn about one by filter or order.
  func masked(_ query: Query) throws(PrivataError) -> Query {
    guard !denied.isEmpty else { return query }
    try check(FieldUse.of(query.filter), "filter by")
    for key in query.sort { try check(key.path, "sort by") }
    var query = query
    switch query.answer {
    case .count, .exists: return query
    case .distinct(let path): try check(path, "read")
    case .rows: query.projection = try masked(query.projection, query.layout)
    }
    return query
  }

  /// The change, where it neither touches nor learns about a denied field.
  func masked(_ write: Write) throws(PrivataError) -> Write {
    guard !denied.isEmpty else { return write }
    switch write {
    case .insert(let insert):
      for name in insert.returning { try check(name, "read") }
      return write
    case .update(var update):
      try check(FieldUse.of(update.filter), "filter by")
      switch update.changes {
      case .pipeline, .replacement: throw refused(denied.sorted(), "replace a record with")
      case .operators, .assign:
        for name in update.changes.fieldNames { try check(name, "change") }
      }
      if update.returning != .none {
        update.projection = try masked(update.projection, update.layout)
      }
      return .update(update)
    case .delete(var delete):
      try check(FieldUse.of(delete.filter), "filter by")
      if delete.returning != .none {
        delete.projection = try masked(delete.projection, delete.layout)
      }
      return .delete(delete)
    case .bulk(let writes, let isOrdered):
      var all: [Write] = []
      for write in writes { all.append(try masked(write)) }
      return .bulk(all, isOrdered: isOrdered)
    }
  }

  // MARK: - Projections

  private func masked(
    _ projection: Projection, _ layout: RowLayout
  ) throws(PrivataError) -> Projection {
    switch projection {
    case .fields(let names):
      for name in names { try check(name, "read") }
      return projection
    case .all where layout == .cells:
      // Columns of a typed model cannot be left out silently.
      throw refused(denied.sorted(), "read all of: select the fields that are needed")
    case .all: return .document(Document(denied.sorted().map { .init(key: $0, value: 0) }))
    case .document(let document) where document.isInclusion:
      var use = FieldUse(projection)
      use.isAll = false
      try check(use, "read")
      return projection
    case .document(let document):
      let more = denied.sorted().filter { !document.contains($0) }
      let own = document.elements.filter { element in
        !denied.contains(Separation.root(of: element.key)) || element.value.isOff
      }
      return .document(Document(own + more.map { .init(key: $0, value: 0) }))
    }
  }

  // MARK: - Refusals

  private func check(_ use: FieldUse, _ verb: String) throws(PrivataError) {
    if use.isAll { throw refused(denied.sorted(), verb) }
    for name in use.names.sorted() { try check(name, verb) }
  }

  private func check(_ path: String, _ verb: String) throws(PrivataError) {
    let name = Separation.root(of: path)
    if denied.contains(name) { throw refused([name], verb) }
  }

  private func refused(_ names: [String], _ verb: String) -> PrivataError {
    PrivataError(
      .accessDenied, "this role and purpose may not \(verb) \(names.joined(separator: ", "))",
      fields: names, model: model.name)
  }
}

extension AuditedSession {
  /// The mask of a caller; breaking the glass is recorded before anything is read.
  func mask(
    _ separation: Separation, _ context: AccessContext
  ) throws(PrivataError) -> FieldMask {
    let model = separation.model
    guard let policy = session.core.options.fieldPolicy, policy.governs(model) else {
      return FieldMask(denied: [], model: model)
    }
    if policy.isEmergency(context) {
      try session.core.recorder.record(
        context, scope: AuditScope(.breakGlass, separation).encoded, result: AuditResult(count: 0),
        isPersonal: true)
    }
    return FieldMask(denied: policy.denied(context, model), model: model)
  }
}

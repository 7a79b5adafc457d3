internal import PrivataCore

/// Takes the fields that a caller may not use out of what is asked of the stores.
struct FieldMask {
  let separation: Separation
  /// `nil` where no policy says anything.
  let decision: PolicyDecision?
  /// The smallest number of records that a statistical purpose may learn.
  var smallestGroup = 0
  /// With which code, for fields that it is not the policy that denies.
  let codes: [String: PrivataError.Code]
  /// Fields that may not be used.
  let denied: Set<String>
  /// Those, and the ones that are shown in part: no question may be asked about them.
  private let closed: Set<String>
  private let hasReason: Bool
  /// True where nothing is taken away.
  let isOpen: Bool
  /// Conditions that records must meet.
  var conditions: [RowCondition]

  var model: ModelSchema { separation.model }

  init(
    _ separation: Separation, _ decision: PolicyDecision?, _ context: AccessContext,
    codes: [String: PrivataError.Code] = [:]
  ) {
    self.separation = separation
    self.decision = decision
    self.codes = codes
    isOpen = (decision?.isOpen ?? true) && codes.isEmpty
    denied = isOpen ? [] : (decision?.denied ?? []).union(codes.keys)
    closed = isOpen ? [] : denied.union(decision.map { Array($0.masks.keys) } ?? [])
    hasReason = context.reason?.isEmpty == false
    conditions = decision?.conditions ?? []
  }

  /// The query without denied fields.
  ///
  /// - Throws: `accessDenied` where it names one, or would learn about one by filter or order.
  func masked(_ query: Query) throws(PrivataError) -> Query {
    guard !isOpen else { return query }
    try check(FieldUse(query.filter, in: separation), "filter by")
    for key in query.sort { try check(key.path, "sort by") }
    var query = query
    switch query.answer {
    case .count, .exists: break
    case .distinct(let path):
      try checkRows()
      try check(path, "read", closed)
    case .rows:
      try checkRows()
      if decision?.needsReason == true, FieldUse(query.projection).isAll { try checkReason() }
      query.projection = try masked(query.projection, query.layout)
    }
    return query
  }

  /// The change, where it neither touches nor learns about a denied field.
  func masked(_ write: Write) throws(PrivataError) -> Write {
    guard !isOpen else { return write }
    switch write {
    case .insert(let insert):
      try check(insert)
      return write
    case .update(var update):
      try check(FieldUse(update.filter, in: separation), "filter by")
      for key in update.sort { try check(key.path, "sort by") }
      switch update.changes {
      case .pipeline, .replacement:
        if !closed.isEmpty { throw refused(closed.sorted(), "replace a record with") }
      case .operators, .assign:
        for name in update.changes.fieldNames { try check(name, "change") }
      }
      if update.returning != .none {
        update.projection = try masked(update.projection, update.layout)
      }
      return .update(update)
    case .delete(var delete):
      try check(FieldUse(delete.filter, in: separation), "filter by")
      for key in delete.sort { try check(key.path, "sort by") }
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

  /// An insert must not tell by a refused duplicate which values are taken.
  private func check(_ insert: Insert) throws(PrivataError) {
    for name in insert.returning { try check(name, "read", denied) }
    let named = insert.rows.fieldNames
    for name in codes.keys.sorted() where named.contains(name) { try check(name, "add") }
    for (position, field) in model.fields.enumerated()
    where closed.contains(field.name) && named.contains(field.name) {
      let isUnique =
        model.isUnique(at: position)
        || model.indexes.contains { index in
          index.isUnique && index.parts.contains { $0.field == field.name }
        }
      if isUnique { throw refused([field.name], "probe the values of") }
    }
    switch insert.onConflict {
    case .fail: break
    case .ignore(let fields): for name in fields { try check(name, "match by") }
    case .update(let fields, let changes):
      for name in fields { try check(name, "match by") }
      for name in changes.fieldNames { try check(name, "change") }
    }
  }

  // MARK: - Projections

  /// What a projection that names no fields leaves out.
  private var unnamed: Set<String> {
    denied.union(decision.map { Array($0.reserved.keys) } ?? [])
  }

  private func masked(
    _ projection: Projection, _ layout: RowLayout
  ) throws(PrivataError) -> Projection {
    switch projection {
    case .fields(let names):
      for name in names { try check(name, "read", denied) }
      return projection
    case .all where unnamed.isEmpty: return projection
    case .all where layout == .cells:
      // Columns of a typed model cannot be left out silently.
      throw refused(unnamed.sorted(), "read all of: select the fields that are needed")
    case .all: return .document(Document(unnamed.sorted().map { .init(key: $0, value: 0) }))
    case .document(let document) where document.isInclusion:
      return try masked(inclusion: document)
    case .document(let document):
      let more = unnamed.sorted().filter { !document.contains($0) }
      let own = document.elements.filter { element in
        !unnamed.contains(Separation.root(of: element.key)) || element.value.isOff
      }
      for element in own where !element.value.isOff { try checkComputed(element) }
      return .document(Document(own + more.map { .init(key: $0, value: 0) }))
    }
  }

  private func masked(inclusion document: Document) throws(PrivataError) -> Projection {
    var use = FieldUse(.document(document))
    use.isAll = false
    try check(use, "read", denied)
    for element in document.elements { try checkComputed(element) }
    return .document(document)
  }

  /// A computed field would carry a masked one under another name.
  private func checkComputed(_ element: Document.Element) throws(PrivataError) {
    var use = FieldUse()
    use.add(expression: element.value)
    try check(use, "compute with")
    let isPlain = element.value.asDouble != nil || element.value.asBool != nil
    // Part of a masked value would pass the mask of the whole.
    if !isPlain || element.key.contains(".") { try check(element.key, "read part of") }
  }

  // MARK: - Refusals

  private func checkRows() throws(PrivataError) {
    guard decision?.isStatistical == true else { return }
    throw PrivataError(
      .accessDenied, "this purpose sees numbers of records and no record", model: model.name)
  }

  private func checkReason() throws(PrivataError) {
    guard !hasReason else { return }
    throw PrivataError(
      .accessDenied,
      "to read all of a record this purpose needs a reason: select fields, or give the context one",
      model: model.name)
  }

  private func check(
    _ use: FieldUse, _ verb: String, _ names: Set<String>? = nil
  ) throws(PrivataError) {
    let names = names ?? closed
    guard !names.isEmpty else { return }
    if use.isAll { throw refused(names.sorted(), verb) }
    for name in use.names.sorted() { try check(name, verb, names) }
  }

  private func check(
    _ path: String, _ verb: String, _ names: Set<String>? = nil
  ) throws(PrivataError) {
    let name = Separation.root(of: path)
    if (names ?? closed).contains(name) { throw refused([name], verb) }
  }

  private func refused(_ names: [String], _ verb: String) -> PrivataError {
    PrivataError(
      names.lazy.compactMap { codes[$0] }.first ?? .accessDenied,
      "this role and purpose may not \(verb) \(names.joined(separator: ", "))",
      fields: names, model: model.name)
  }
}

extension Insert.Rows {
  /// The fields that a record of the insert names.
  var fieldNames: Set<String> {
    switch self {
    case .documents(let documents): documents.reduce(into: []) { $0.formUnion($1.keys) }
    case .cells(let fields, _): Set(fields)
    }
  }
}

internal import PrivataCore

// Operations on records that name this one, or that a table between the two names.
extension RecordWriter {
  func children(
    _ link: RelationLink, _ operations: Document, of record: Document, _ model: PrismaModel,
    isNew: Bool
  ) async throws(PrivataError) {
    let target = try client.schema.model(link.target)
    let scope = Children(
      link: link, target: target, parent: model, key: record[link.localField] ?? .null)
    for element in operations.elements where element.value != .undefined {
      if link.kind == .one {
        try await one(scope, element.key, element.value)
      } else {
        try await many(scope, element.key, element.value)
      }
    }
  }

  /// One relation seen from one record.
  struct Children: Sendable {
    var link: RelationLink
    var target: PrismaModel
    var parent: PrismaModel
    /// What related records name this record by.
    var key: Value

    /// The key that a new related record gets; through a table between it gets none.
    var keys: Document { link.join == nil ? [link.remoteField: key] : [:] }
  }
}

// MARK: - To one

extension RecordWriter {
  private func one(_ scope: Children, _ word: String, _ value: Value) async throws(PrivataError) {
    let document = value.asDocument ?? [:]
    let field = scope.link.remoteField
    let own = Filter.compare(field, .equal, scope.key)
    switch word {
    case "create":
      try await displace(scope, keeping: nil)
      _ = try await create(document, scope.target, keys: scope.keys)
    case "connect", "connectOrCreate":
      let child =
        word == "connect"
        ? try await connected(document, scope.target)
        : try await connectedOrCreated(document, scope.target, keys: scope.keys)
      guard child[field] != scope.key else { return }
      try await displace(scope, keeping: child)
      try await rename(child, scope, to: scope.key)
    case "update": try await updateOne(document, scope.target, field, scope.key)
    case "upsert":
      _ = try await upsertOne(document, scope.target, field, scope.key, keys: scope.keys)
    case "delete":
      guard value != false else { return }
      let condition = try await filter(document, scope.target)
      guard try await delete(scope.target, where: RecordLoader.both(own, condition)) > 0 else {
        throw .recordNotFound(origin)
      }
    case "disconnect":
      guard value != false else { return }
      try await displace(scope, keeping: nil)
    default: throw unknown(word, scope.link, scope.parent)
    }
  }

  /// Takes the name away from the record that has it now.
  private func displace(_ scope: Children, keeping child: Document?) async throws(PrivataError) {
    let own = Filter.compare(scope.link.remoteField, .equal, scope.key)
    guard let old = try await first(scope.target, where: own) else { return }
    let key = scope.target.schema.key.name
    guard old[key] != child?[key] else { return }
    guard !scope.link.isRequired else {
      throw .relationViolated(scope.target.name, scope.link.name)
    }
    try await rename(old, scope, to: .null)
  }

  private func rename(
    _ child: Document, _ scope: Children, to key: Value
  ) async throws(PrivataError) {
    let own = scope.target.schema.key.name
    _ = try await client.store.write(
      .update(
        Update(
          scope.target.schema, where: .compare(own, .equal, child[own] ?? .null),
          .assign([Assignment(scope.link.remoteField, key)]))))
  }
}

// MARK: - To many

extension RecordWriter {
  private func many(_ scope: Children, _ word: String, _ value: Value) async throws(PrivataError) {
    switch word {
    case "create":
      for data in try list(value, word, scope) {
        try await tie(try await create(data, scope.target, keys: scope.keys), scope)
      }
    case "createMany": try await createMany(scope, value.asDocument ?? [:])
    case "connect":
      // All are looked up before any is tied, so that a missing one changes nothing.
      var found: [Document] = []
      for filter in try list(value, word, scope) {
        found.append(try await connected(filter, scope.target))
      }
      for child in found { try await tie(child, scope) }
    case "connectOrCreate":
      for operation in try list(value, word, scope) {
        let child = try await connectedOrCreated(operation, scope.target, keys: scope.keys)
        try await tie(child, scope)
      }
    case "disconnect":
      for filter in try list(value, word, scope) { try await untie(filter, scope) }
    case "set": try await set(scope, try list(value, word, scope))
    default: try await change(scope, word, value)
    }
  }

  private func change(_ scope: Children, _ word: String, _ value: Value) async throws(PrivataError)
  {
    for operation in try list(value, word, scope) {
      switch word {
      case "update":
        let filter = try await mine(scope, operation["where"]?.asDocument ?? [:])
        _ = try await update(operation["data"]?.asDocument ?? [:], scope.target, where: filter)
      case "updateMany":
        let data = try RecordData(operation["data"]?.asDocument ?? [:], scope.target, client.schema)
        let changes = try data.assignments(scope.target, keys: [:], now: client.clock())
        let filter = try await mine(scope, operation["where"]?.asDocument ?? [:])
        _ = try await client.store.write(
          .update(Update(scope.target.schema, where: filter, .assign(changes), isMany: true)))
      case "upsert":
        let filter = try await mine(scope, operation["where"]?.asDocument ?? [:])
        if try await first(scope.target, where: filter) != nil {
          _ = try await update(operation["update"]?.asDocument ?? [:], scope.target, where: filter)
        } else {
          let data = operation["create"]?.asDocument ?? [:]
          try await tie(try await create(data, scope.target, keys: scope.keys), scope)
        }
      case "delete":
        let filter = try await mine(scope, operation)
        guard try await delete(scope.target, where: filter) > 0 else {
          throw .recordNotFound(origin)
        }
      case "deleteMany":
        _ = try await delete(scope.target, where: try await mine(scope, operation))
      default: throw unknown(word, scope.link, scope.parent)
      }
    }
  }

  private func list(_ value: Value, _ word: String, _ scope: Children) throws(PrivataError)
    -> [Document]
  {
    try Arguments.list(value, word, scope.parent.name)
  }

  /// The records that match and belong to this one.
  private func mine(_ scope: Children, _ document: Document) async throws(PrivataError) -> Filter {
    let condition = try await filter(document, scope.target)
    guard let join = scope.link.join else {
      return RecordLoader.both(.compare(scope.link.remoteField, .equal, scope.key), condition)
    }
    let batch = try await client.store.rows(
      for: Query(
        join.schema, where: .compare(join.own, .equal, scope.key),
        projection: .fields([join.other]), layout: .cells))
    let others = (0..<batch.count).compactMap { batch.value(row: $0, column: 0) }
    return RecordLoader.both(.isIn(scope.link.remoteField, others), condition)
  }

  private func createMany(_ scope: Children, _ operation: Document) async throws(PrivataError) {
    for data in try list(operation["data"] ?? .array([]), "data", scope) {
      _ = try await create(data, scope.target, keys: scope.keys)
    }
  }

  /// Makes a record one of this one's: by its own key, or by a row between the two.
  private func tie(_ child: Document, _ scope: Children) async throws(PrivataError) {
    guard let join = scope.link.join else {
      if child[scope.link.remoteField] != scope.key {
        try await rename(child, scope, to: scope.key)
      }
      return
    }
    var batch = RowBatch(width: 2)
    batch.append(scope.key)
    batch.append(child[scope.link.remoteField] ?? .null)
    _ = try await client.store.write(
      .insert(
        Insert(
          join.schema, .cells(fields: [join.own, join.other], batch), onConflict: .ignore([]))))
  }

  private func untie(_ document: Document, _ scope: Children) async throws(PrivataError) {
    guard let child = try await first(scope.target, where: try await mine(scope, document)) else {
      return
    }
    guard let join = scope.link.join else {
      guard !scope.link.isRequired else {
        throw .relationViolated(scope.target.name, scope.link.name)
      }
      return try await rename(child, scope, to: .null)
    }
    let other = child[scope.link.remoteField] ?? .null
    _ = try await client.store.write(
      .delete(
        Delete(
          join.schema,
          where: .and([
            .compare(join.own, .equal, scope.key), .compare(join.other, .equal, other),
          ]))))
  }

  /// Replaces this record's related ones by exactly those named.
  private func set(_ scope: Children, _ filters: [Document]) async throws(PrivataError) {
    var wanted: [Document] = []
    for filter in filters { wanted.append(try await connected(filter, scope.target)) }
    if let join = scope.link.join {
      _ = try await client.store.write(
        .delete(Delete(join.schema, where: .compare(join.own, .equal, scope.key))))
    } else {
      let key = scope.target.schema.key.name
      let kept = Filter.isNotIn(key, wanted.compactMap { $0[key] })
      let dropped = RecordLoader.both(
        .compare(scope.link.remoteField, .equal, scope.key), wanted.isEmpty ? .all : kept)
      if scope.link.isRequired {
        guard try await first(scope.target, where: dropped) == nil else {
          throw .relationViolated(scope.target.name, scope.link.name)
        }
      } else {
        let clear = Changes.assign([Assignment(scope.link.remoteField, .null)])
        _ = try await client.store.write(
          .update(Update(scope.target.schema, where: dropped, clear, isMany: true)))
      }
    }
    for child in wanted { try await tie(child, scope) }
  }
}

internal import PrivataCore

/// Turns Prisma's `where` into a ``Filter``. Conditions on related records become a list of keys that
/// one query per relation has fetched before: a semi-join that works on every store and across a
/// vault's halves.
struct WhereCompiler: Sendable {
  let client: PrismaClient

  func filter(_ document: Document, _ model: PrismaModel) async throws(PrivataError) -> Filter {
    var parts: [Filter] = []
    for element in document.elements where element.value != .undefined {
      parts.append(try await condition(element.key, element.value, model))
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .all : .and(parts)
  }

  private func condition(
    _ key: String, _ value: Value, _ model: PrismaModel
  ) async throws(PrivataError) -> Filter {
    switch key {
    case "AND": return .and(try await filters(value, key, model))
    case "OR":
      let parts = try await filters(value, key, model)
      return parts.isEmpty ? .none : .or(parts)
    case "NOT":
      return .and(try await filters(value, key, model).map { .not($0) })
    default: break
    }
    if let field = model.schema.field(key) { return try await self.field(field, value, model) }
    if let link = client.schema.link(key, of: model.name) {
      return try await relation(link, value, model)
    }
    if let unique = model.uniques.first(where: { $0.name == key }) {
      return try await compound(unique, value, model)
    }
    throw .refused("\(model.name) has no field '\(key)'", model: model.name, fields: [key])
  }

  private func filters(
    _ value: Value, _ key: String, _ model: PrismaModel
  ) async throws(PrivataError) -> [Filter] {
    var parts: [Filter] = []
    for document in try Arguments.list(value, key, model.name) {
      parts.append(try await filter(document, model))
    }
    return parts
  }

  private func compound(
    _ unique: PrismaUnique, _ value: Value, _ model: PrismaModel
  ) async throws(PrivataError) -> Filter {
    guard case .document(let values) = value,
      Set(values.keys) == Set(unique.fields)
    else {
      throw .refused(
        "'\(unique.name)' takes \(unique.fields.joined(separator: " and "))", model: model.name,
        fields: unique.fields)
    }
    return try await filter(values, model)
  }

  private func field(
    _ field: FieldSchema, _ value: Value, _ model: PrismaModel
  ) async throws(PrivataError) -> Filter {
    if field.type == .json { return try await json(field, value, model) }
    let isSQLite = client.store.traits.kind == .sqlite
    return try FieldFilter(field: field, model: model, alwaysIgnoresCase: isSQLite).filter(value)
  }

  /// JSON conditions are decided here, over the keys and values of one query.
  private func json(
    _ field: FieldSchema, _ value: Value, _ model: PrismaModel
  ) async throws(PrivataError) -> Filter {
    guard case .document(let operators) = value else {
      throw .refused(
        "'\(field.name)' takes an object of JSON conditions", model: model.name,
        fields: [field.name])
    }
    let condition = try JSONCondition(operators, field: field.name, model: model.name)
    let key = model.schema.key.name
    let batch = try await client.store.rows(
      for: Query(model.schema, projection: .fields([key, field.name]), layout: .cells))
    let keys = (0..<batch.count).filter { condition.holds(batch.value(row: $0, column: 1)) }
      .compactMap { batch.value(row: $0, column: 0) }
    return .isIn(key, keys)
  }
}

// MARK: - Conditions on related records

extension WhereCompiler {
  private func relation(
    _ link: RelationLink, _ value: Value, _ model: PrismaModel
  ) async throws(PrivataError) -> Filter {
    if value.isNull { return try await toOne(link, "is", .null, model) }
    guard case .document(let document) = value else {
      throw .refused(
        "'\(link.name)' takes conditions on \(link.target)", model: model.name,
        fields: [link.name])
    }
    let operators: Set<String> = link.kind == .one ? ["is", "isNot"] : ["some", "every", "none"]
    let present = document.elements.filter { $0.value != .undefined }
    if link.kind == .one, !present.allSatisfy({ operators.contains($0.key) }) {
      return try await toOne(link, "is", value, model)
    }
    var parts: [Filter] = []
    for element in present {
      guard operators.contains(element.key) else {
        throw .refused(
          "'\(link.name)' takes \(operators.sorted().joined(separator: ", "))", model: model.name,
          fields: [element.key])
      }
      parts.append(
        link.kind == .one
          ? try await toOne(link, element.key, element.value, model)
          : try await toMany(link, element.key, element.value, model))
    }
    return .and(parts)
  }

  private func toOne(
    _ link: RelationLink, _ word: String, _ value: Value, _ model: PrismaModel
  ) async throws(PrivataError) -> Filter {
    let positive: Filter
    if value.isNull {
      positive =
        link.holdsKey
        ? .isNull(link.localField)
        : .not(.isIn(link.localField, try await keys(link, .all)))
    } else {
      positive = try await matching(link, value, negated: false)
    }
    guard word == "isNot" else { return positive }
    // A record without a related one is not related to a matching one, so it passes `isNot`.
    return value.isNull || !link.holdsKey
      ? .not(positive) : .or([.not(positive), .isNull(link.localField)])
  }

  private func toMany(
    _ link: RelationLink, _ word: String, _ value: Value, _ model: PrismaModel
  ) async throws(PrivataError) -> Filter {
    switch word {
    case "some": try await matching(link, value, negated: false)
    case "none": .not(try await matching(link, value, negated: false))
    default: .not(try await matching(link, value, negated: true))
    }
  }

  private func matching(
    _ link: RelationLink, _ value: Value, negated: Bool
  ) async throws(PrivataError) -> Filter {
    guard case .document(let document) = value else {
      throw .refused("'\(link.name)' takes an object", model: link.target, fields: [link.name])
    }
    let inner = try await filter(document, try client.schema.model(link.target))
    return .isIn(link.localField, try await keys(link, negated ? .not(inner) : inner))
  }

  /// The values of `localField` for which a related record matches.
  private func keys(_ link: RelationLink, _ filter: Filter) async throws(PrivataError) -> [Value] {
    let target = try client.schema.model(link.target)
    let remote = try await column(link.remoteField, of: target.schema, where: filter)
    guard let join = link.join else { return remote }
    return try await column(join.own, of: join.schema, where: .isIn(join.other, remote))
  }

  private func column(
    _ field: String, of model: ModelSchema, where filter: Filter
  ) async throws(PrivataError) -> [Value] {
    let batch = try await client.store.rows(
      for: Query(model, where: filter, projection: .fields([field]), layout: .cells))
    var seen: Set<Value> = []
    return (0..<batch.count).compactMap { batch.value(row: $0, column: 0) }
      .filter { !$0.isNull && seen.insert($0).inserted }
  }
}

internal import PrivataCore

// Operations on the record that this one names: they decide the value of its key.
extension RecordWriter {
  /// The value of the key after the operations. `record` is the record as it was, `nil` for a new one.
  func parentKey(
    _ link: RelationLink, _ operations: Document, of record: Document?, _ model: PrismaModel
  ) async throws(PrivataError) -> Value {
    let target = try client.schema.model(link.target)
    var key = record?[link.localField] ?? .null
    for element in operations.elements where element.value != .undefined {
      let value = element.value.asDocument ?? [:]
      switch element.key {
      case "create": key = try await create(value, target)[link.remoteField] ?? .null
      case "connect": key = try await connected(value, target)[link.remoteField] ?? .null
      case "connectOrCreate":
        key = try await connectedOrCreated(value, target)[link.remoteField] ?? .null
      case "update": try await updateOne(value, target, link.remoteField, key)
      case "upsert":
        key = try await upsertOne(value, target, link.remoteField, key, keys: [:])
      case "disconnect", "delete":
        guard !link.isRequired else { throw .relationViolated(model.name, link.name) }
        key = try await detach(link, target, key, element, record, model)
      default: throw unknown(element.key, link, model)
      }
    }
    return key
  }

  private func detach(
    _ link: RelationLink, _ target: PrismaModel, _ key: Value, _ element: Document.Element,
    _ record: Document?, _ model: PrismaModel
  ) async throws(PrivataError) -> Value {
    guard element.value != false else { return key }
    let own = model.schema.key.name
    if element.key == "delete" {
      guard !key.isNull else { throw .recordNotFound(origin) }
      // The name goes first, or the foreign key would keep the named record.
      let clear = Changes.assign([Assignment(link.localField, .null)])
      _ = try await client.store.write(
        .update(
          Update(model.schema, where: .compare(own, .equal, record?[own] ?? .null), clear)))
      guard try await delete(target, where: .compare(link.remoteField, .equal, key)) > 0 else {
        throw .recordNotFound(origin)
      }
    }
    return .null
  }

  /// The existing record that a `connect` names.
  func connected(_ filter: Document, _ target: PrismaModel) async throws(PrivataError) -> Document {
    try ModelClient(client: client, name: target.name).requireUnique(filter, target)
    guard let record = try await first(target, where: try await self.filter(filter, target)) else {
      throw .recordNotFound(origin)
    }
    return record
  }

  /// The record that a `connectOrCreate` names, made where it is missing.
  func connectedOrCreated(
    _ operation: Document, _ target: PrismaModel, keys: Document = [:]
  ) async throws(PrivataError) -> Document {
    let filter = try await self.filter(operation["where"]?.asDocument ?? [:], target)
    if let record = try await first(target, where: filter) { return record }
    return try await create(operation["create"]?.asDocument ?? [:], target, keys: keys)
  }

  /// `update: {…}` or `update: {where: {…}, data: {…}}` on a to-one relation.
  func updateOne(
    _ operation: Document, _ target: PrismaModel, _ field: String, _ key: Value
  ) async throws(PrivataError) {
    guard !key.isNull else { throw .recordNotFound(origin) }
    let (condition, data) = try await taken(operation, target)
    _ = try await update(
      data, target, where: RecordLoader.both(.compare(field, .equal, key), condition))
  }

  /// `upsert: {create, update, where?}` on a to-one relation; answers the related record's field.
  func upsertOne(
    _ operation: Document, _ target: PrismaModel, _ field: String, _ key: Value, keys: Document
  ) async throws(PrivataError) -> Value {
    let condition = try await filter(operation["where"]?.asDocument ?? [:], target)
    let same = RecordLoader.both(.compare(field, .equal, key), condition)
    if !key.isNull, try await first(target, where: same) != nil {
      _ = try await update(operation["update"]?.asDocument ?? [:], target, where: same)
      return key
    }
    return try await create(operation["create"]?.asDocument ?? [:], target, keys: keys)[field]
      ?? .null
  }

  private func taken(
    _ operation: Document, _ target: PrismaModel
  ) async throws(PrivataError) -> (Filter, Document) {
    guard let data = operation["data"]?.asDocument, target.schema.field("data") == nil else {
      return (.all, operation)
    }
    return (try await filter(operation["where"]?.asDocument ?? [:], target), data)
  }

  func unknown(_ word: String, _ link: RelationLink, _ model: PrismaModel) -> PrivataError {
    .refused(
      "'\(link.name)' has no operation '\(word)'", model: model.name, fields: [link.name, word])
  }
}

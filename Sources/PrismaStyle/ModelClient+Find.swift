public import PrivataCore

extension ModelClient {
  /// The records that match, with the relations asked for: one query, and one per relation and level.
  ///
  /// ```swift
  /// try await db["User"].findMany([
  ///   "where": ["sessions": ["some": ["minutes": ["gt": 30]]]],
  ///   "include": ["profile": true], "orderBy": ["id": "asc"], "take": 10])
  /// ```
  public func findMany(_ arguments: Document = [:]) async throws(PrivataError) -> [Document] {
    let arguments = try self.arguments(arguments, Self.findWords)
    return try await translating(name) { () async throws(PrivataError) in
      try await RecordLoader(client: client).records(arguments)
    }
  }

  /// The first record that matches, `nil` where none does.
  public func findFirst(_ arguments: Document = [:]) async throws(PrivataError) -> Document? {
    let arguments = try self.arguments(arguments, Self.findWords)
    return try await translating(name) { () async throws(PrivataError) in
      try await RecordLoader(client: client).records(arguments, limit: 1).first
    }
  }

  /// The first record that matches.
  ///
  /// - Throws: P2025 where none does.
  public func findFirstOrThrow(_ arguments: Document = [:]) async throws(PrivataError) -> Document {
    guard let record = try await findFirst(arguments) else { throw .recordNotFound(name) }
    return record
  }

  /// The record with these unique values, `nil` where there is none. `where` has to name a unique
  /// field or combination; further conditions may narrow it.
  public func findUnique(_ arguments: Document) async throws(PrivataError) -> Document? {
    let arguments = try self.arguments(arguments, Selection.words.union(["where"]))
    try requireUnique(try arguments.required("where"), arguments.model)
    return try await translating(name) { () async throws(PrivataError) in
      try await RecordLoader(client: client).records(arguments, limit: 1).first
    }
  }

  /// The record with these unique values.
  ///
  /// - Throws: P2025 where there is none.
  public func findUniqueOrThrow(_ arguments: Document) async throws(PrivataError) -> Document {
    guard let record = try await findUnique(arguments) else { throw .recordNotFound(name) }
    return record
  }

  /// The related records of one record, `nil` where the record does not exist: Prisma's fluent call.
  ///
  /// ```swift
  /// try await db["User"].findUnique(["where": ["id": "u5"]], "sessions", ["take": 3])
  /// ```
  public func findUnique(
    _ arguments: Document, _ relation: String, _ related: Document = [:]
  ) async throws(PrivataError) -> Value? {
    var arguments = arguments
    arguments["include"] = nil
    arguments["select"] = .document([relation: related.isEmpty ? true : .document(related)])
    return try await findUnique(arguments)?[relation]
  }

  /// Refuses a `where` that cannot name a single record.
  func requireUnique(_ filter: Document, _ model: PrismaModel) throws(PrivataError) {
    let singles = model.schema.fields.enumerated().filter { position, field in
      field.isUnique || model.schema.primaryKey == [position]
    }.map(\.element.name)
    let names = singles + model.uniques.map(\.name)
    let present = names.contains { name in
      guard let value = filter[name] else { return false }
      guard case .document(let operators) = value else { return !value.isNull }
      return model.schema.field(name) == nil || operators["equals"] != nil
    }
    guard present else {
      throw .refused(
        "'where' has to name a unique field of \(model.name): \(names.joined(separator: ", "))",
        model: model.name, fields: names)
    }
  }
}

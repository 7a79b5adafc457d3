public import PrivataCore

extension ModelClient {
  /// Removes one record and answers it as it was.
  ///
  /// - Throws: P2025 where no record matches; P2003 where records that must not be lost name it.
  @discardableResult
  public func delete(_ arguments: Document) async throws(PrivataError) -> Document {
    let arguments = try self.arguments(arguments, Selection.words.union(["where"]))
    let selection = try Selection(arguments, client.schema)
    let condition = try arguments.required("where")
    try requireUnique(condition, arguments.model)
    return try await translating(name) { () async throws(PrivataError) in
      try await client.atomically { scope throws(PrivataError) in
        let writer = RecordWriter(client: scope, origin: name)
        let filter = try await writer.filter(condition, arguments.model)
        guard let record = try await writer.first(arguments.model, where: filter) else {
          throw .recordNotFound(name)
        }
        let answer = try await RecordLoader(client: scope)
          .complete([record], selection, arguments.model)[0]
        let key = arguments.model.schema.key.name
        _ = try await writer.delete(
          arguments.model, where: .compare(key, .equal, record[key] ?? .null))
        return answer
      }
    }
  }

  /// Removes all matching records and answers how many.
  ///
  /// Without a `where` nothing is removed and the call is refused: ask for ``deleteAll()``.
  public func deleteMany(_ arguments: Document) async throws(PrivataError) -> Int {
    let arguments = try self.arguments(arguments, ["where", "limit"])
    guard try arguments.document("where").contains(where: { $0.value != .undefined }) else {
      throw PrivataError(
        .unboundedDelete,
        "deleteMany without a condition would remove every record of \(name); "
          + "call deleteAll()", model: name, underlying: PrismaError("ValidationError"))
    }
    return try await translating(name) { () async throws(PrivataError) in
      try await client.atomically { scope throws(PrivataError) in
        let model = ModelClient(client: scope, name: name)
        return try await RecordWriter(client: scope, origin: name)
          .delete(arguments.model, where: try await model.limited(arguments))
      }
    }
  }

  /// Removes every record of the model and answers how many.
  public func deleteAll() async throws(PrivataError) -> Int {
    let arguments = try self.arguments([:], [])
    return try await translating(name) { () async throws(PrivataError) in
      try await client.atomically { scope throws(PrivataError) in
        try await RecordWriter(client: scope, origin: name).delete(arguments.model, where: .all)
      }
    }
  }
}

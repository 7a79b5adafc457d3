internal import PrivataCompliance
internal import PrivataCore
internal import PrivataSQL

/// What queries run on: a store or a transaction of one, with what watches and answers beside it.
struct Session: Sendable {
  let dialect: SQLDialect
  /// `nil` for stores that take no SQL, as a vault.
  let executor: (any SQLExecutor)?
  let store: any Store
  var relations: Relations?
  var logger: (any QueryLogger)?
  var cache: CacheBinding?
  /// The vault, where the store is one.
  var vault: Vault?
  /// How many transactions surround the queries.
  var depth = 0

  /// The executor of SQL.
  ///
  /// - Throws: `unsupported` where the store takes none; `instead` says what to use.
  func sqlExecutor(instead: String) throws(PrivataError) -> any SQLExecutor {
    guard let executor else {
      throw PrivataError(
        .unsupported,
        "a \(store.traits.kind.rawValue) store takes no SQL text, since it would go round its "
          + "policies: \(instead)")
    }
    return executor
  }

  /// Runs a rendered statement.
  func run(
    _ rendered: RenderedSQL, template: SQLTemplate? = nil, _ values: [String: Value] = [:],
    instead: String = "use select, insert, update and delete of one table"
  ) async throws(PrivataError) -> SQLAnswer {
    let executor = try sqlExecutor(instead: instead)
    let parameters = try rendered.bound(values, dialect)
    let template = template ?? rendered.template(isCompiled: false)
    logger?.willRun(.init(sql: rendered.text, parameters: parameters))
    do {
      let result = try await executor.execute(SQLStatement(template, parameters))
      return SQLAnswer(result: result, types: template.columns ?? [], dialect: dialect)
    } catch {
      throw QueryError.wrap(error, rendered.text)
    }
  }

  /// Runs a statement that is given as SQL text alone.
  func runText(_ text: String) async throws(PrivataError) {
    let executor = try sqlExecutor(instead: "begin the transaction without that option")
    _ = try await executor.execute(SQLStatement(SQLTemplate(text, kind: "schema")))
  }
}

/// What a statement answered, with what is needed to read it.
struct SQLAnswer: Sendable {
  let result: SQLResult
  let types: [FieldType?]
  let dialect: SQLDialect

  /// The answers of one row.
  func row(_ index: Int) -> [Answer] {
    (0..<result.rows.width).map { column in
      Answer(result.rows.value(row: index, column: column) ?? .null, form(column))
    }
  }

  /// Where a cell comes from.
  private func form(_ column: Int) -> Answer.Form {
    if column < types.count, types[column] != nil, types[column] != .string { return .decoded }
    if dialect == .sqlite { return .sqlite }
    return .postgres(column < result.types.count ? result.types[column] : 0)
  }

  /// The rows as a shape reads them.
  func documents(_ shape: RowShape) throws(PrivataError) -> [Document] {
    var documents: [Document] = []
    documents.reserveCapacity(result.rows.count)
    for index in 0..<result.rows.count { documents.append(try shape.document(row(index))) }
    return documents
  }

  /// The rows by the names of their columns, read as the store's types say.
  func plainDocuments() throws(PrivataError) -> [Document] {
    var documents: [Document] = []
    for index in 0..<result.rows.count {
      var elements: [Document.Element] = []
      for (name, answer) in zip(result.columns, row(index)) {
        elements.append(.init(key: name, value: try answer.plain))
      }
      documents.append(Document(elements))
    }
    return documents
  }

  /// The rows as lists.
  func lists(width: Int? = nil) throws(PrivataError) -> [[Value]] {
    var lists: [[Value]] = []
    for index in 0..<result.rows.count {
      var list: [Value] = []
      for answer in row(index).prefix(width ?? .max) { list.append(try answer.plain) }
      lists.append(list)
    }
    return lists
  }
}

// MARK: - Parameters

extension RenderedSQL {
  /// The values to bind, in order.
  ///
  /// - Throws: `badArgument` that names a placeholder without a value.
  func bound(
    _ values: [String: Value], _ dialect: SQLDialect
  ) throws(PrivataError) -> [Value] {
    var bound: [Value] = []
    bound.reserveCapacity(parameters.count)
    for parameter in parameters {
      switch parameter {
      case .value(let value, nil): bound.append(value.wire(dialect))
      case .value(let value, _?): bound.append(value)
      case .placeholder(let name, let encoder):
        guard let value = values[name] else {
          throw PrivataError(.badArgument, "no value for placeholder '\(name)' was given")
        }
        bound.append(try Self.encoded(value, encoder, dialect))
      }
    }
    return bound
  }

  private static func encoded(
    _ value: Value, _ encoder: SQLColumn?, _ dialect: SQLDialect
  ) throws(PrivataError) -> Value {
    guard let encoder, !value.isNull else { return value.wire(dialect) }
    guard case .value(let encoded) = try encoder.codec.encode(value) else {
      throw PrivataError(
        .unsupported, "column '\(encoder.key)' binds an expression, which a placeholder cannot be",
        fields: [encoder.key])
    }
    return encoder.fieldType == nil ? encoded.wire(dialect) : encoded
  }

  /// The statement as drivers take it.
  func template(isCompiled: Bool) -> SQLTemplate {
    let types: [FieldType?] = parameters.map { parameter in
      switch parameter {
      case .value(_, let type): type
      case .placeholder(_, let encoder): encoder?.fieldType
      }
    }
    return SQLTemplate(
      text, kind: kind, collection: table, parameters: types, columns: shape?.columns,
      isCompiled: isCompiled, answersText: shape.map { $0.columns.contains(nil) } ?? true)
  }
}

extension Value {
  /// The value as it is bound where no type is known. PostgreSQL reads texts as whatever type the
  /// statement needs there.
  func wire(_ dialect: SQLDialect) -> Value {
    guard dialect == .postgres else {
      if case .undefined = self { return .null }
      return self
    }
    switch self {
    case .int32, .int64, .double, .decimal, .bool, .date, .objectID:
      return .string(JSText.text(self))
    case .document: return .string(JSONForm.text(self))
    case .binary(let binary) where binary.subtype == 4: return .string(UUIDText.text(binary.bytes))
    default: return self
    }
  }
}

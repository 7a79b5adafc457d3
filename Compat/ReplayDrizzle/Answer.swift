import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

/// What one call answered, in the recorded form.
enum CallAnswer {
  case rows([Document])
  case row(Document?)
  case lists([[Value]])
  case number(Int)
  case result(RunResult, verb: String)
  case raw(RawResult, method: String, verb: String)
}

extension Built {
  /// The text and parameters that the call would send.
  func rendered(_ dialect: SQLDialect, _ db: any QueryInterface) throws -> RenderedSQL {
    switch self {
    case .select(let query): try query.toSQL(dialect)
    case .insert(let query): try query.toSQL(dialect)
    case .update(let query): try query.toSQL(dialect)
    case .delete(let query): try query.toSQL(dialect)
    case .refresh(let query): try query.toSQL(dialect)
    case .relational(let query, _): try query.toSQL(dialect)
    case .count(let source, let condition):
      try db.select(["count": DrizzleStyle.count()]).from(source).where(condition).toSQL(dialect)
    case .execute(let fragment, _): try fragment.toSQL(dialect)
    case .prepared(let query, _): query.rendered
    case .method(let inner, _): try inner.rendered(dialect, db)
    }
  }

  /// Runs the call.
  func run(_ db: any QueryInterface) async throws -> CallAnswer {
    switch self {
    case .select(let query): return .rows(try await query.all())
    case .insert(let query): return try await write(query, "INSERT")
    case .update(let query): return try await write(query, "UPDATE")
    case .delete(let query): return try await write(query, "DELETE")
    case .refresh(let query): return .result(try await query.run(), verb: "REFRESH")
    case .relational(let query, let isFirst):
      return isFirst ? .row(try await query.get()) : .rows(try await query.all())
    case .count(let source, let condition):
      return .number(try await db.count(source, where: condition))
    case .execute(let fragment, let method):
      if method == "values" || method == "all" { return .lists(try await db.values(fragment)) }
      let text = try fragment.toSQL(.sqlite).text
      return .raw(try await db.execute(fragment), method: method, verb: Self.verb(text))
    case .prepared(let query, let isFirst):
      return isFirst ? .row(try await query.get()) : .rows(try await query.all())
    case .method(let inner, let name): return try await inner.run(db, as: name)
    }
  }

  /// The first word of a statement; of one that begins with parts, a select.
  private static func verb(_ text: String) -> String {
    let word = text.split { !$0.isLetter }.first.map { $0.uppercased() } ?? ""
    return word == "WITH" ? "SELECT" : word
  }

  private func write(_ query: some RunnableQuery, _ verb: String) async throws -> CallAnswer {
    if query.answersRows { return .rows(try await query.all()) }
    return .result(try await query.run(), verb: verb)
  }

  private func run(_ db: any QueryInterface, as method: String) async throws -> CallAnswer {
    switch self {
    case .select(let query): try await run(query, as: method)
    case .insert(let query): try await run(query, as: method)
    case .update(let query): try await run(query, as: method)
    case .delete(let query): try await run(query, as: method)
    default: try await run(db)
    }
  }

  private func run(_ query: some RunnableQuery, as method: String) async throws -> CallAnswer {
    switch method {
    case "get": .row(try await query.get())
    case "values": .lists(try await query.values())
    case "run": .result(try await query.run(), verb: "")
    default: .rows(try await query.all())
    }
  }
}

extension CallAnswer {
  /// The answer as it is recorded.
  func value(_ dialect: SQLDialect) -> Value {
    switch self {
    case .rows(let rows): return .array(rows.map { .document($0) })
    case .row(let row): return row.map { .document($0) } ?? .undefined
    case .lists(let lists): return .array(lists.map { .array($0) })
    case .number(let number): return .int(number)
    case .result(let result, let verb): return .document(Self.document(result, verb, dialect))
    case .raw(let raw, let method, let verb):
      if dialect == .sqlite {
        let lists = raw.rows.map { row in Value.array(row.elements.map(\.value)) }
        if method == "run" { return .document(Self.document(raw.result, verb, dialect)) }
        return method == "get" ? lists.first ?? .undefined : .array(lists)
      }
      var result = raw.result
      if !["SELECT", "INSERT", "UPDATE", "DELETE"].contains(verb) { result.affected = nil }
      var document = Self.document(result, verb, dialect)
      document.append("rows", .array(raw.rows.map { .document($0) }))
      return .document(document)
    }
  }

  private static func document(
    _ result: RunResult, _ verb: String, _ dialect: SQLDialect
  ) -> Document {
    var document = Document()
    if dialect == .postgres { document.append("command", .string(verb)) }
    document.append("affected", result.affected.map { .int($0) } ?? .null)
    if dialect == .sqlite, verb == "INSERT", let id = result.lastInsertRowID {
      document.append("lastInsertRowid", .int(Int(id)))
    }
    return document
  }
}

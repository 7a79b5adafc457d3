import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

/// What the names in recorded expressions stand for.
struct Scope: Sendable {
  var tables: [String: SQLTable]
  var views: [String: SQLView]
  let dialect: SQLDialect
  /// Subqueries, common table expressions and aliases of the case.
  var parts: [String: Part] = [:]
  /// Columns of the table that a callback was handed.
  var own: (@Sendable (String) -> SQLColumn)?
  /// Fields of the selection that a callback was handed.
  var fields: SelectedFields?
  var database: DatabaseHandle?

  enum Part: Sendable {
    case subquery(Subquery)
    case table(SQLTable)
    case view(SQLView)
  }

  init(tables: [String: SQLTable], views: [String: SQLView], dialect: SQLDialect) {
    self.tables = tables
    self.views = views
    self.dialect = dialect
  }

  init(fixture: Fixture) {
    self.init(tables: fixture.tables, views: fixture.views, dialect: fixture.dialect)
  }

  // MARK: - Names

  /// A column by `table.column`, `view.field` or `part.field`.
  func column(_ path: String) -> SQLColumn {
    let parts = path.split(separator: ".").map(String.init)
    let key = parts.dropFirst().joined(separator: ".")
    switch self.parts[parts[0]] {
    case .subquery(let part)?: return part[key]
    case .table(let table)?: return table[key]
    case .view(let view)?: return view[key]
    case nil: break
    }
    if let table = tables[parts[0]] { return table[key] }
    if let view = views[parts[0]] { return view[key] }
    return SQLTable(parts[0], [:])[key]
  }

  func source(_ json: JSON) throws -> any QuerySource & SQLConvertible & Selectable {
    if let key = json["table"]?.string {
      guard let table = tables[key] else { throw ReplayFailure("unknown table '\(key)'") }
      return table
    }
    if let key = json["view"]?.string {
      guard let view = views[key] else { throw ReplayFailure("unknown view '\(key)'") }
      return view
    }
    if let key = json["ref"]?.string {
      switch parts[key] {
      case .subquery(let part)?: return part
      case .table(let table)?: return table
      case .view(let view)?: return view
      case nil: throw ReplayFailure("unknown part '\(key)'")
      }
    }
    return try fragment(json)
  }

  func table(_ json: JSON) throws -> SQLTable {
    guard let table = try source(json) as? SQLTable else {
      throw ReplayFailure("what is written to is no table")
    }
    return table
  }

  // MARK: - Expressions

  /// What a recorded expression is.
  enum Node {
    case value(Value)
    case sql(any SQLConvertible & SQLOperand)
    case placeholder(Placeholder<Value>)
    case list([Node])
    case undefined
  }

  func node(_ json: JSON) throws -> Node {
    switch json.kind {
    case .array(let parts): return try Operation(scope: self, parts).node()
    case .object(let members): return try object(json, members)
    default: return .value(try TypedJSON.value(json))
    }
  }

  private func object(_ json: JSON, _ members: [JSON.Member]) throws -> Node {
    guard let first = members.first else { return .value(.document(Document())) }
    switch first.key {
    case "value": return .value(try TypedJSON.value(first.value))
    case "date":
      guard let date = first.value.string.flatMap({ DateTime(iso8601: $0) }) else {
        throw ReplayFailure("a date that cannot be read")
      }
      return .value(.date(date))
    case "bigint":
      let text = first.value.string ?? ""
      return .value(
        Int64(text).map { .int64($0) } ?? Decimal128(text).map { .decimal($0) } ?? .null)
    case "bytes":
      return .value(.binary(Binary(Base64.decode(first.value.string ?? "") ?? [])))
    case "undefined": return .undefined
    case "list": return .list(try (first.value.elements ?? []).map { try node($0) })
    case "placeholder": return .placeholder(Placeholder(first.value.string ?? ""))
    case "col": return .sql(column(first.value.string ?? ""))
    case "colAs":
      let parts = first.value.elements?.compactMap(\.string) ?? []
      guard parts.count == 2 else { throw ReplayFailure("a column without its name") }
      return .sql(column(parts[0]).as(parts[1]))
    case "self":
      guard let own else { throw ReplayFailure("no table of its own here") }
      return .sql(own(first.value.string ?? ""))
    case "fieldRef":
      guard let fields else { throw ReplayFailure("no selection of its own here") }
      return .sql(fields[first.value.string ?? ""])
    case "table", "view", "ref":
      return .sql(try source(json).sql)
    default: return .sql(try part(json, first))
    }
  }

  private func part(
    _ json: JSON, _ first: JSON.Member
  ) throws -> any SQLConvertible & SQLOperand {
    switch first.key {
    case "sql", "as", "mapWith", "inlineParams": return try template(json)
    case "raw": return SQL(unsafeRaw: first.value.string ?? "")
    case "identifier": return SQL.identifier(first.value.string ?? "")
    case "join", "separator":
      let parts = try (json["join"]?.elements ?? []).map { try piece($0) }
      return parts.joined(separator: SQL(unsafeRaw: json["separator"]?.string ?? ""))
    case "param":
      let parts = first.value.elements ?? []
      guard let value = parts.first, case .value(let bound) = try node(value) else {
        throw ReplayFailure("a parameter without a value")
      }
      return SQL.param(bound, encodedBy: parts.count > 1 ? column(parts[1].string ?? "") : nil)
    case "expr":
      let fragment = try fragment(first.value)
      return json["as"]?.string.map { fragment.as($0) } ?? fragment
    case "chain": return try query(first.value.elements ?? [])
    case "dbcount":
      let parts = first.value.elements ?? []
      guard let source = parts.first else { throw ReplayFailure("a count of nothing") }
      return countOf(
        try self.source(source), where: parts.count > 1 ? try condition(parts[1]) : nil)
    default: throw ReplayFailure("unknown expression '\(first.key)'")
    }
  }

  /// A piece of a template or of a join: a string is SQL text.
  private func piece(_ json: JSON) throws -> SQL {
    if let text = json.string { return SQL(unsafeRaw: text) }
    return try spliced(try node(json))
  }

  private func spliced(_ node: Node) throws -> SQL {
    switch node {
    case .value(let value): .param(value)
    case .sql(let part): part.sql
    case .placeholder(let placeholder): placeholder.operand(for: nil)
    case .list(let nodes): "\(try nodes.map { try spliced($0) })"
    case .undefined: .empty
    }
  }

  private func template(_ json: JSON) throws -> SQL {
    var fragment = try (json["sql"]?.elements ?? []).map { try piece($0) }.joined()
    if let decoder = json["mapWith"]?.string {
      switch decoder {
      case "Number": fragment = fragment.mapWith(.number)
      case "String": fragment = fragment.mapWith(.text)
      default: fragment = fragment.mapWith(.column(column(decoder)))
      }
    }
    if json["inlineParams"]?.bool == true { fragment = fragment.inlined() }
    return json["as"]?.string.map { fragment.as($0) } ?? fragment
  }

  /// The expression as a fragment.
  func fragment(_ json: JSON?) throws -> SQL {
    guard let json else { throw ReplayFailure("a missing expression") }
    switch try node(json) {
    case .sql(let part):
      if let fragment = part as? SQL { return fragment }
      return part.sql
    case .value(let value): return .param(value)
    case .placeholder(let placeholder): return placeholder.operand(for: nil)
    case .list, .undefined: throw ReplayFailure("an expression that is none")
    }
  }

  func fragmentOrNil(_ json: JSON?) -> SQL? { json.flatMap { try? fragment($0) } }

  /// A condition, `nil` for one that is undefined.
  func condition(_ json: JSON?) throws -> SQL? {
    guard let json else { return nil }
    switch try node(json) {
    case .undefined: return nil
    case .sql(let part): return (part as? SQL) ?? part.sql
    default: throw ReplayFailure("a condition that is none")
    }
  }

  /// A query that is a part of an expression.
  func query(_ chain: [JSON]) throws -> any SQLQuery {
    switch try build(chain, nil) {
    case .select(let query): return query
    case .insert(let query): return query
    case .update(let query): return query
    case .delete(let query): return query
    default: throw ReplayFailure("a nested call that is no query")
    }
  }
}

internal import PrivataCore
internal import PrivataSQL

/// A table in a relational query: its key, and the handle that the query gives it.
struct RelationScope {
  let relations: Relations
  let key: String
  let source: SQLSource

  var table: RelationTable { RelationTable(source: source) }

  /// The condition of a filter, `nil` where it says nothing.
  func condition(_ filter: RelationFilter, depth: Int = 0) throws(PrivataError) -> SQL? {
    var parts: [SQL] = []
    for (key, value) in filter.parts {
      if let part = try part(key, value, depth) { parts.append(part) }
    }
    return and(parts)
  }

  private func part(
    _ key: String, _ value: FilterValue, _ depth: Int
  ) throws(PrivataError) -> SQL? {
    switch (key, value) {
    case ("RAW", .raw(let make)): return make(table)
    case ("RAW", .sql(let fragment)): return fragment
    case ("OR", .list(let filters)): return try list(filters, depth).map { or($0) }
    case ("AND", .list(let filters)): return try list(filters, depth).flatMap { and($0) }
    case ("NOT", .object(let filter)): return try condition(filter, depth: depth).map { not($0) }
    default: break
    }
    if case .column(let column)? = source.selection[key] {
      return try FieldFilter(column: column).condition(value)
    }
    guard let relation = relations.relation(key, of: self.key) else {
      throw PrivataError(
        .unknownField, "'\(self.key)' has neither a column nor a relation '\(key)'",
        fields: [key], model: self.key)
    }
    return try related(relation, value, depth)
  }

  /// The conditions of a list; `nil` for an empty one, which says nothing.
  private func list(_ filters: [FilterValue], _ depth: Int) throws(PrivataError) -> [SQL]? {
    var conditions: [SQL] = []
    for case .object(let filter) in filters {
      if let condition = try condition(filter, depth: depth) { conditions.append(condition) }
    }
    return conditions.isEmpty ? nil : conditions
  }

  /// `exists (select * from ... limit 1)` over the related rows.
  private func related(
    _ relation: Relation, _ value: FilterValue, _ depth: Int
  ) throws(PrivataError) -> SQL? {
    let target = try scope(of: relation, "f\(depth)")
    let junction = try junction(of: relation, "ft\(depth)")
    let link = try link(relation, target, junction)
    var inner: SQL?
    var isWanted = true
    switch value {
    case .value(.bool(let flag)): isWanted = flag
    case .object(let filter): inner = try target.condition(filter, depth: depth + 1)
    default:
      throw PrivataError(
        .badArgument, "relation '\(relation.name)' takes a filter, true or false",
        fields: [relation.name], model: key)
    }
    var chunks: [SQL.Chunk] = [
      .text(isWanted ? "exists (select * from " : "not exists (select * from ")
    ]
    chunks.append(.nested(target.source.asNamed))
    if let junction, let join = link.join {
      chunks += [.text(" inner join "), .nested(junction.asNamed), .text(" on "), .nested(join)]
    }
    if let condition = and(link.condition, inner) {
      chunks += [.text(" where "), .nested(condition)]
    }
    return SQL(chunks + [.text(" limit 1)")])
  }
}

// MARK: - Following a relation

extension RelationScope {
  /// The scope of the other side.
  func scope(of relation: Relation, _ alias: String) throws(PrivataError) -> RelationScope {
    guard let source = relations.sources[relation.target] else {
      throw PrivataError(.badArgument, "no table '\(relation.target)'", model: key)
    }
    return RelationScope(
      relations: relations, key: relation.target, source: source.source.aliased(alias))
  }

  /// The table between.
  func junction(of relation: Relation, _ alias: String) throws(PrivataError) -> SQLSource? {
    guard let junction = relation.junction else { return nil }
    guard let source = relations.sources[junction.table] else {
      throw PrivataError(.badArgument, "no table '\(junction.table)'", model: key)
    }
    return source.source.aliased(alias)
  }

  /// What relates the rows of both sides: a condition, and over a junction what joins it.
  func link(
    _ relation: Relation, _ target: RelationScope, _ junction: SQLSource?
  ) throws(PrivataError) -> (condition: SQL?, join: SQL?) {
    let declared = relation.isReversed ? self : target
    var own: SQL?
    if let condition = relation.condition { own = try declared.condition(condition) }
    guard let junction, let between = relation.junction else {
      let pairs = zip(relation.from, relation.to).map { eq(table[$0], target.table[$1]) }
      return (and(pairs + [own]), nil)
    }
    let middle = RelationTable(source: junction)
    let outer = zip(relation.from, between.from).map { eq(table[$0], middle[$1]) }
    let inner = zip(between.to, relation.to).map { eq(middle[$0], target.table[$1]) }
    return (and([own] + outer), and(inner))
  }
}

extension SQLSource {
  /// The table under its handle: `"users" as "d0"`.
  var asNamed: SQL {
    switch self {
    case .table(let table): Self.named(table.schema, table.name, table.alias)
    case .view(let view): Self.named(view.schema, view.name, view.alias)
    default: SQL([.source(self)])
    }
  }

  private static func named(_ schema: String?, _ name: String, _ alias: String?) -> SQL {
    var chunks: [SQL.Chunk] = schema.map { [.name($0), .text(".")] } ?? []
    chunks.append(.name(name))
    if let alias { chunks += [.text(" as "), .name(alias)] }
    return SQL(chunks)
  }
}

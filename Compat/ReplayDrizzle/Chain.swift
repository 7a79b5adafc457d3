import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

/// What a recorded chain of calls has built.
enum Built {
  case select(SelectQuery)
  case insert(InsertQuery)
  case update(UpdateQuery)
  case delete(DeleteQuery)
  case refresh(RefreshQuery)
  case relational(RelationalQuery, isFirst: Bool)
  case count(any QuerySource, SQL?)
  case execute(SQL, method: String)
  case prepared(PreparedQuery, Bool)
  /// A query whose last call says how its rows are wanted.
  indirect case method(Built, String)
}

extension Scope {
  /// Applies the calls of a chain from left to right; without a database for parts of queries.
  func build(_ chain: [JSON], _ database: (any QueryInterface)?) throws -> Built {
    let builder = ChainBuilder(scope: self, database: database)
    return try builder.build(chain)
  }

  // MARK: - Arguments of calls

  func selection(_ json: JSON?) throws -> Selection? {
    guard let json else { return nil }
    if let key = json["columnsOf"]?.string {
      guard let table = tables[key] else { throw ReplayFailure("unknown table '\(key)'") }
      return table.except()
    }
    guard let members = json["fields"]?.members else { return nil }
    return try selection(members)
  }

  func selection(_ members: [JSON.Member]) throws -> Selection {
    var fields: [(key: String, field: any Selectable)] = []
    for member in members { fields.append((member.key, try field(member.value))) }
    return Selection(fields: fields)
  }

  func field(_ json: JSON) throws -> any Selectable {
    if let nested = json["nested"]?.members { return try selection(nested) }
    if json.has("table") || json.has("view") || json.has("ref") { return try source(json) }
    switch try node(json) {
    case .sql(let part):
      if let column = part as? SQLColumn { return column }
      if let fragment = part as? SQL { return fragment }
      return part.sql
    case .value(let value): return SQL.param(value)
    default: throw ReplayFailure("a field that is none")
    }
  }

  /// A row of values; what is undefined is left out.
  func values(_ json: JSON) throws -> [String: SQLValue] {
    var row: [String: SQLValue] = [:]
    for member in json.members ?? [] {
      switch try node(member.value) {
      case .undefined: break
      case .value(let value): row[member.key] = .value(value)
      case .sql(let part): row[member.key] = .sql((part as? SQL) ?? part.sql)
      case .placeholder(let placeholder): row[member.key] = .placeholder(placeholder.name)
      case .list: throw ReplayFailure("a value that is a list of expressions")
      }
    }
    return row
  }

  func bound(_ json: JSON?) throws -> RowBound {
    if let name = json?["placeholder"]?.string { return .placeholder(name) }
    guard let number = json?.int else { throw ReplayFailure("a limit that is no number") }
    return .rows(number)
  }

  func caching(_ json: JSON?) -> Caching {
    if json?.bool == false { return .off }
    return Caching(
      tag: json?["tag"]?.string, isInvalidatedByWrites: json?["autoInvalidate"]?.bool ?? true,
      lifetimeSeconds: json?["config"]?["ex"]?.int)
  }
}

/// Builds one chain.
struct ChainBuilder {
  let scope: Scope
  let database: (any QueryInterface)?

  func build(_ chain: [JSON]) throws -> Built {
    var steps = chain.compactMap(\.elements)[...]
    guard let first = steps.popFirst(), let name = first.first?.string else {
      throw ReplayFailure("an empty chain")
    }
    let arguments = Array(first.dropFirst())
    switch name {
    case "with":
      let parts = arguments.compactMap { argument -> Subquery? in
        if case .subquery(let part)? = scope.parts[argument["ref"]?.string ?? ""] {
          part
        } else {
          nil
        }
      }
      guard let next = steps.popFirst() else { throw ReplayFailure("a with alone") }
      return try start(next, steps, parts)
    case "select", "selectDistinct", "selectDistinctOn", "insert", "update", "delete":
      return try start(first, steps, [])
    case "union", "unionAll", "intersect", "intersectAll", "except", "exceptAll":
      return try combined(name, arguments, steps)
    case "$count":
      return .count(
        try scope.source(arguments[0]),
        arguments.count > 1 ? try scope.condition(arguments[1]) : nil)
    case "query": return try relational(arguments[0].string ?? "", steps)
    case "refreshMaterializedView":
      guard let view = try scope.source(arguments[0]) as? SQLView, let database else {
        throw ReplayFailure("a refresh of what is no view")
      }
      return try refresh(database.refreshMaterializedView(view), steps)
    case "execute", "all", "get", "values", "run":
      let fragment =
        try arguments[0].string.map { SQL(unsafeRaw: $0) } ?? scope.fragment(arguments[0])
      return .execute(fragment, method: name)
    default: throw ReplayFailure("unknown call '\(name)'")
    }
  }

  // MARK: - Selects and writes

  func start(
    _ first: [JSON], _ steps: ArraySlice<[JSON]>, _ parts: [Subquery]
  ) throws -> Built {
    let name = first.first?.string ?? ""
    let arguments = Array(first.dropFirst())
    switch name {
    case "insert":
      return try insert(interface.with(parts).insert(try scope.table(arguments[0])), steps)
    case "update":
      return try update(interface.with(parts).update(try scope.table(arguments[0])), steps)
    case "delete":
      return try delete(interface.with(parts).delete(try scope.table(arguments[0])), steps)
    default: return try select(selectStart(name, arguments, parts), steps)
    }
  }

  var interface: any QueryInterface { database ?? QueryBuilder() }

  func selectStart(
    _ name: String, _ arguments: [JSON], _ parts: [Subquery]
  ) throws -> SelectStart {
    let begin = interface.with(parts)
    if name == "selectDistinctOn" {
      let expressions = try (arguments[0].elements ?? []).map { try scope.fragment($0) }
      return begin.selectDistinctOn(
        expressions, try scope.selection(arguments.count > 1 ? arguments[1] : nil))
    }
    let fields = try scope.selection(arguments.first)
    return name == "selectDistinct" ? begin.selectDistinct(fields) : begin.select(fields)
  }

  func select(_ start: SelectStart, _ steps: ArraySlice<[JSON]>) throws -> Built {
    var steps = steps
    guard let from = steps.popFirst(), from.first?.string == "from", from.count > 1 else {
      throw ReplayFailure("a select without from")
    }
    return try clauses(start.from(try scope.source(from[1])), steps)
  }

  func clauses(_ query: SelectQuery, _ steps: ArraySlice<[JSON]>) throws -> Built {
    var query = query
    for (index, step) in zip(steps.indices, steps) {
      let name = step.first?.string ?? ""
      let arguments = Array(step.dropFirst())
      switch name {
      case "get", "all", "values", "run", "execute": return .method(.select(query), name)
      case "prepare":
        _ = index
        return .prepared(try query.prepare(), false)
      default: query = try clause(query, name, arguments)
      }
    }
    return .select(query)
  }

  func clause(
    _ query: SelectQuery, _ name: String, _ arguments: [JSON]
  ) throws -> SelectQuery {
    let first = arguments.first
    switch name {
    case "where": return try filtered(query, first) { query, condition in query.where(condition) }
    case "having": return try filtered(query, first) { query, condition in query.having(condition) }
    case "groupBy": return try listed(query, arguments) { query, make in query.groupBy(make) }
    case "orderBy": return try listed(query, arguments) { query, make in query.orderBy(make) }
    case "limit":
      if let number = first?.int { return query.limit(number) }
      return query.limit(try scope.bound(first))
    case "offset":
      if let number = first?.int { return query.offset(number) }
      return query.offset(try scope.bound(first))
    case "for": return try locked(query, arguments)
    case "comment": return commented(query, first)
    case "$dynamic": return query
    case "$withCache": return query.withCache(scope.caching(first))
    case "union", "unionAll", "intersect", "intersectAll", "except", "exceptAll":
      return try combine(name, query, first)
    default: return try joined(query, name, arguments)
    }
  }

  func filtered(
    _ query: SelectQuery, _ json: JSON?,
    _ apply: (SelectQuery, (SelectedFields) -> SQL?) -> SelectQuery
  ) throws -> SelectQuery {
    var failure: (any Error)?
    let query = apply(query) { fields in
      var inner = scope
      inner.fields = fields
      do { return try inner.condition(json) } catch {
        failure = error
        return nil
      }
    }
    if let failure { throw failure }
    return query
  }

  func listed(
    _ query: SelectQuery, _ arguments: [JSON],
    _ apply: (SelectQuery, (SelectedFields) -> [SQL]) -> SelectQuery
  ) throws -> SelectQuery {
    var failure: (any Error)?
    let query = apply(query) { fields in
      var inner = scope
      inner.fields = fields
      do { return try arguments.map { try inner.fragment($0).sql } } catch {
        failure = error
        return []
      }
    }
    if let failure { throw failure }
    return query
  }

  func joined(
    _ query: SelectQuery, _ name: String, _ arguments: [JSON]
  ) throws -> SelectQuery {
    let source = try scope.source(arguments[0])
    let condition = arguments.count > 1 ? try scope.condition(arguments[1]) : nil
    switch name {
    case "innerJoin": return query.innerJoin(source, on: condition)
    case "leftJoin": return query.leftJoin(source, on: condition)
    case "rightJoin": return query.rightJoin(source, on: condition)
    case "fullJoin": return query.fullJoin(source, on: condition)
    case "crossJoin": return query.crossJoin(source)
    case "leftJoinLateral": return query.leftJoinLateral(source, on: condition ?? "true")
    case "innerJoinLateral": return query.innerJoinLateral(source, on: condition ?? "true")
    case "crossJoinLateral": return query.crossJoinLateral(source)
    default: throw ReplayFailure("unknown call '\(name)'")
    }
  }

  func locked(_ query: SelectQuery, _ arguments: [JSON]) throws -> SelectQuery {
    let options = arguments.count > 1 ? arguments[1] : nil
    guard let strength = LockStrength(rawValue: arguments.first?.string ?? "") else {
      throw ReplayFailure("unknown lock")
    }
    let wait: LockWait? =
      options?["noWait"]?.bool == true
      ? .noWait : options?["skipLocked"]?.bool == true ? .skipLocked : nil
    let named = options?["of"].map { $0.elements ?? [$0] } ?? []
    return query.for(strength, of: try named.map { try scope.table($0) }, wait: wait)
  }

  func commented(_ query: SelectQuery, _ json: JSON?) -> SelectQuery {
    if let text = json?.string { return query.comment(text) }
    return query.comment(tags(json))
  }

  func tags(_ json: JSON?) -> [String: String?] {
    var tags: [String: String?] = [:]
    for member in json?.members ?? [] {
      let text = member.value.string ?? member.value.int.map { String($0) }
      tags[member.key] = .some(text)
    }
    return tags
  }

  // MARK: - Set operators

  func combined(
    _ name: String, _ arguments: [JSON], _ steps: ArraySlice<[JSON]>
  ) throws -> Built {
    var query: SelectQuery?
    for argument in arguments {
      query = try query.map { try combine(name, $0, argument) } ?? select(argument)
    }
    guard let query else { throw ReplayFailure("a set operator of nothing") }
    return try clauses(query, steps)
  }

  func select(_ json: JSON) throws -> SelectQuery {
    guard let chain = json["chain"]?.elements, case .select(let query) = try build(chain) else {
      throw ReplayFailure("a set operator of what is no select")
    }
    return query
  }

  func combine(
    _ name: String, _ query: SelectQuery, _ json: JSON?
  ) throws -> SelectQuery {
    guard let json else { throw ReplayFailure("a set operator of nothing") }
    let other = try select(json)
    switch name {
    case "union": return query.union(other)
    case "unionAll": return query.unionAll(other)
    case "intersect": return query.intersect(other)
    case "intersectAll": return query.intersectAll(other)
    case "except": return query.except(other)
    default: return query.exceptAll(other)
    }
  }

  // MARK: - Views and relations

  func refresh(_ query: RefreshQuery, _ steps: ArraySlice<[JSON]>) throws -> Built {
    var query = query
    for step in steps {
      switch step.first?.string {
      case "concurrently": query = query.concurrently()
      case "withNoData": query = query.withNoData()
      default: throw ReplayFailure("unknown call on a refresh")
      }
    }
    return .refresh(query)
  }

  func relational(_ key: String, _ steps: ArraySlice<[JSON]>) throws -> Built {
    guard let database, let verb = steps.first, let name = verb.first?.string else {
      throw ReplayFailure("a relational query without a verb")
    }
    let json = verb.count > 1 ? verb[1] : nil
    let config = try scope.config(json)
    let start = database.query(key)
    let isFirst = name == "findFirst"
    var query = isFirst ? start.findFirst(config) : start.findMany(config)
    if let comment = json?["comment"] {
      query = comment.string.map { query.comment($0) } ?? query.comment(tags(comment))
    }
    if steps.dropFirst().first?.first?.string == "prepare" {
      return .prepared(try query.prepare(), isFirst)
    }
    return .relational(query, isFirst: isFirst)
  }
}

/// A call that the recorded library takes at run time and that cannot be written in Swift.
struct Unwritable: Error {}

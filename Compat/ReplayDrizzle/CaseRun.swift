import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

/// One case on one database.
struct CaseRun {
  let json: JSON
  let fixture: Fixture
  let db: Database
  var otherTexts: [String] = []

  init(json: JSON, fixture: Fixture, db: Database) {
    self.json = json
    self.fixture = fixture
    self.db = db
  }

  var dialect: SQLDialect { fixture.dialect }

  var match: Match {
    Match(
      dialect: dialect,
      unorderedNested: json["unorderedNested"]?.elements?.compactMap(\.string) ?? [],
      isUnordered: json["unordered"]?.bool ?? false)
  }

  mutating func run() async throws {
    switch json["kind"]?.string {
    case "query": try await query()
    case "prepared": try await prepared()
    case "transaction": try await transaction()
    case "relations": try relations()
    case "cache": try await cache()
    case "replicas": try await replicas()
    case "batch": try await batch()
    case let kind: throw ReplayFailure("cases of kind '\(kind ?? "")' are not replayed")
    }
    try await after()
  }

  // MARK: - Queries

  private mutating func query() async throws {
    let expected = json["error"]?.recorded(dialect)
    do {
      let scope = try scope()
      let built = try scope.build(json["call"]?.elements ?? [], db)
      try check(built)
      if json["renderedOnly"]?.bool == true { return }
      let answer = try await built.run(db).value(dialect)
      if let expected { throw ReplayFailure("expected the error \(Self.name(expected))") }
      guard let recorded = json["rows"]?.recorded(dialect) else { return }
      if let found = match.difference(recorded, answer) { throw ReplayFailure(found) }
    } catch let error as PrivataError {
      guard let expected else { throw error }
      try Self.check(error, expected)
    } catch is Unwritable {
      if expected == nil { throw Unwritable() }
    }
  }

  /// The parts that the case names beforehand.
  func scope(_ names: JSON? = nil, _ outer: Scope? = nil) throws -> Scope {
    var scope = outer ?? Scope(fixture: fixture)
    for part in (names ?? json["let"])?.elements ?? [] {
      guard let name = part["name"]?.string else { continue }
      scope.parts[name] = try self.part(part, scope)
    }
    return scope
  }

  private func part(_ json: JSON, _ scope: Scope) throws -> Scope.Part {
    if let alias = json["alias"]?.string, let of = json["of"]?.string {
      if let table = scope.tables[of] { return .table(table.as(alias)) }
      if let view = scope.views[of] { return .view(view.as(alias)) }
      throw ReplayFailure("an alias of nothing")
    }
    if let alias = json["with"]?.string {
      if let chain = json["chain"]?.elements {
        return .subquery(try named(alias, try scope.query(chain)))
      }
      let fields = try scope.selection(json)
      return .subquery(db.with(alias).as(fields ?? [:], try scope.fragment(json["sql"])))
    }
    guard let alias = json["subquery"]?.string, let chain = json["chain"]?.elements else {
      throw ReplayFailure("a part that is none")
    }
    return .subquery(try scope.query(chain).as(alias))
  }

  private func named(_ alias: String, _ query: some SQLQuery) throws -> Subquery {
    db.with(alias).as(query)
  }

  /// Compares text and parameters.
  mutating func check(_ built: Built) throws {
    let rendered = try built.rendered(dialect, db)
    let texts = json["sql"]
    let text = (dialect == .sqlite ? texts?["sqlite:json"] : nil) ?? texts?.recorded(dialect)
    if let expected = json["params"]?.recorded(dialect),
      let found = match.parameters(expected, rendered.parameters)
    {
      throw ReplayFailure(found)
    }
    guard let expected = text?.string, !Match.sameText(expected, rendered.text) else { return }
    if json["renderedOnly"]?.bool == true { throw ReplayFailure("sql: \(rendered.text)") }
    otherTexts.append(rendered.text)
  }

  static func name(_ error: JSON) -> String {
    (error["name"]?.string ?? "?") + (error["cause"]?["code"]?.string.map { " " + $0 } ?? "")
  }

  /// Compares the class of an error and the database's code.
  static func check(_ error: PrivataError, _ expected: JSON) throws {
    let failure = error.underlying as? QueryError
    switch expected["name"]?.string {
    case "DrizzleQueryError":
      guard let failure else {
        throw ReplayFailure("expected \(name(expected)), refused while building: \(error)")
      }
      let cause = expected["cause"]
      if let code = cause?["code"]?.string, code != failure.code {
        throw ReplayFailure("expected the code \(code), got \(failure.code ?? "none")")
      }
      if let constraint = cause?["constraint"]?.string, constraint != failure.constraint {
        throw ReplayFailure(
          "expected the constraint \(constraint), got \(failure.constraint ?? "none")")
      }
    case "TransactionRollbackError":
      if error.code != .transactionRollback { throw ReplayFailure("expected a rollback: \(error)") }
    default:
      if let failure { throw ReplayFailure("expected \(name(expected)), got \(failure)") }
    }
  }

  // MARK: - What the tables hold afterwards

  private func after() async throws {
    for check in json["after"]?.recorded(dialect)?.elements ?? [] {
      guard let sql = check["sql"]?.string, let rows = check["rows"] else { continue }
      let lists = try await db.values(SQL(unsafeRaw: sql))
      let answer = Value.array(lists.map { .array($0) })
      let same =
        rows.elements?.count == lists.count
        && zip(rows.elements ?? [], lists).allSatisfy { Match.same($0, .array($1)) }
      if !same { throw ReplayFailure("after: '\(sql)' answers \(answer)") }
    }
  }

  // MARK: - Prepared

  private mutating func prepared() async throws {
    let scope = try scope()
    let built = try scope.build(json["call"]?.elements ?? [], db)
    try check(built)
    guard case .prepared(let query, let isFirst) = built else {
      throw ReplayFailure("a prepared case that prepares nothing")
    }
    let recorded = json["rows"]?.recorded(dialect)?.elements ?? []
    for (index, execution) in (json["execute"]?.elements ?? []).enumerated() {
      guard index < recorded.count else { throw ReplayFailure("no answer recorded for \(index)") }
      try await execute(query, execution, isFirst, recorded[index], scope)
    }
  }

  private func execute(
    _ query: PreparedQuery, _ execution: JSON, _ isFirst: Bool, _ recorded: JSON, _ scope: Scope
  ) async throws {
    var values: [String: Value] = [:]
    for member in execution["values"]?.members ?? [] {
      if case .value(let value) = try scope.node(member.value) { values[member.key] = value }
    }
    do {
      let method = execution["method"]?.string ?? (isFirst ? "get" : "all")
      let answer: CallAnswer =
        switch method {
        case "get": .row(try await query.get(values))
        case "values": .lists(try await query.values(values))
        case "run": .result(try await query.run(values), verb: verb)
        case "execute" where isFirst: .row(try await query.get(values))
        default:
          recorded.elements == nil && recorded["affected"] != nil
            ? .result(try await query.run(values), verb: verb) : .rows(try await query.all(values))
        }
      if recorded.has("error") { throw ReplayFailure("expected an error") }
      if let found = match.difference(recorded, answer.value(dialect)) {
        throw ReplayFailure(found)
      }
    } catch let error as PrivataError {
      guard let expected = recorded["error"] else { throw error }
      try Self.check(error, expected)
    }
  }

  private var verb: String {
    switch json["call"]?.elements?.first?.elements?.first?.string {
    case "insert": "INSERT"
    case "update": "UPDATE"
    case "delete": "DELETE"
    default: "SELECT"
    }
  }

  // MARK: - Relations

  private func relations() throws {
    let expected = json["error"]?.recorded(dialect) ?? json["error"]?.recorded(.postgres)
    let reader = try SchemaReader(fixture.schema, .postgres)
    do {
      let relations = try reader.relations(json["relations"])
      if let expected { throw ReplayFailure("expected the error \(Self.name(expected))") }
      for member in (json["defined"]?.recorded(.postgres)?.members) ?? [] {
        let names = member.value.elements?.compactMap(\.string).sorted() ?? []
        if relations.names(of: member.key) != names {
          throw ReplayFailure("'\(member.key)' has other relations")
        }
      }
    } catch let error as PrivataError {
      guard expected != nil else { throw error }
    }
  }
}

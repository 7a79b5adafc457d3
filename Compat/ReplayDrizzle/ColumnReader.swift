import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

/// Reads one column of a recorded schema.
struct ColumnReader {
  private let schema: SchemaReader
  private let json: JSON
  private let config: JSON?

  init(_ schema: SchemaReader, _ json: JSON) {
    self.schema = schema
    self.json = json
    config = json["config"]
  }

  func definition() throws -> ColumnDefinition {
    var column: ColumnDefinition =
      schema.dialect == .postgres ? .postgres(try postgres()) : .sqlite(try sqlite())
    if let name = json["name"]?.string { column = column.named(name) }
    for mod in json["mods"]?.elements ?? [] {
      column = try modified(column, mod.elements ?? [])
    }
    return column
  }

  private var type: String { json["type"]?.string ?? "" }
  private var mode: String? { config?["mode"]?.string }

  private func sqlite() throws -> SQLiteColumn {
    switch (type, mode) {
    case ("integer", nil), ("integer", "number"), ("int", _): .integer()
    case ("integer", "boolean"): .integer(.boolean)
    case ("integer", "timestamp"): .integer(.timestampSeconds)
    case ("integer", "timestamp_ms"): .integer(.timestampMilliseconds)
    case ("real", _): .real
    case ("text", "json"): .json
    case ("text", _): .text(length: config?["length"]?.int)
    case ("numeric", _): .numeric(number)
    case ("blob", "json"): .blob(.json)
    case ("blob", "bigint"): .blob(.digits)
    case ("blob", _): .blob(.bytes)
    case ("custom:reversed", _): .custom("text", Reversed())
    default: throw ReplayFailure("unknown column type '\(type)'")
    }
  }

  private var number: NumberMode {
    switch mode {
    case "number": .number
    case "bigint": .integer
    default: .text
    }
  }

  private var integer: NumberMode {
    switch mode {
    case "bigint": .integer
    case "string": .text
    default: .number
    }
  }

  private var date: DateMode { mode == "string" ? .text : .date }
  private var geometry: GeometryMode { mode == "xy" || mode == "abc" ? .named : .tuple }

  private func postgres() throws -> PostgresColumn {
    switch type {
    case "smallint": .smallint
    case "integer": .integer
    case "bigint": .bigint(integer)
    case "smallserial": .smallserial
    case "serial": .serial
    case "bigserial": .bigserial(integer)
    case "boolean": .boolean
    case "text": .text
    case "varchar": .varchar(config?["length"]?.int)
    case "char": .char(config?["length"]?.int)
    case "numeric", "decimal":
      .numeric(precision: config?["precision"]?.int, scale: config?["scale"]?.int, number)
    case "real": .real
    case "doublePrecision": .doublePrecision
    case "json": .json
    case "jsonb": .jsonb
    case "uuid": .uuid
    default: try rarePostgres()
    }
  }

  private func rarePostgres() throws -> PostgresColumn {
    let precision = config?["precision"]?.int
    let hasZone = config?["withTimezone"]?.bool ?? false
    switch type {
    case "date": return .date(mode == "date" ? .date : .text)
    case "time": return .time(precision: precision, withTimezone: hasZone)
    case "timestamp": return .timestamp(precision: precision, withTimezone: hasZone, date)
    case "interval": return .interval(fields: config?["fields"]?.string, precision: precision)
    case "bytea": return .bytea
    case "inet": return .inet
    case "cidr": return .cidr
    case "macaddr": return .macaddr
    case "macaddr8": return .macaddr8
    case "point": return .point(geometry)
    case "line": return .line(geometry)
    case "bit": return .bit(config?["dimensions"]?.int ?? config?["length"]?.int)
    case "enum":
      guard let name = json["enum"]?.string, let type = schema.enums[name] else {
        throw ReplayFailure("unknown enumeration")
      }
      return .enumeration(type)
    case "custom:reversed": return .custom("text", Reversed())
    default: throw ReplayFailure("unknown column type '\(type)'")
    }
  }

  private func modified(_ column: ColumnDefinition, _ mod: [JSON]) throws -> ColumnDefinition {
    let argument = mod.count > 1 ? mod[1] : nil
    switch mod.first?.string {
    case "primaryKey":
      return column.primaryKey(autoincrement: argument?["autoIncrement"]?.bool ?? false)
    case "notNull": return column.notNull()
    case "unique":
      let nulls = (mod.count > 2 ? mod[2] : nil)?["nulls"]?.string
      return column.unique(argument?.string, nullsNotDistinct: nulls == "not distinct")
    case "default": return try defaulted(column, argument)
    case "defaultNow": return column.defaultNow()
    case "defaultRandom": return column.defaultRandom()
    case "$default", "$defaultFn": return column.onInsert(try maker(argument))
    case "$onUpdate", "$onUpdateFn": return column.onUpdate(try maker(argument))
    case "array": return column.array(dimensions: max(1, (argument?.string ?? "[]").count / 2))
    case "generatedAlwaysAs":
      let mode = (mod.count > 2 ? mod[2] : nil)?["mode"]?.string
      let fragment = try Scope(tables: [:], views: [:], dialect: schema.dialect).fragment(argument)
      return column.generatedAlwaysAs(
        fragment, isStored: schema.dialect == .postgres || mode == "stored")
    case "generatedAlwaysAsIdentity": return column.generatedAlwaysAsIdentity(sequence(argument))
    case "generatedByDefaultAsIdentity":
      return column.generatedByDefaultAsIdentity(sequence(argument))
    case "references": return references(column, mod)
    case "$type": return column
    case let name: throw ReplayFailure("unknown modifier '\(name ?? "")'")
    }
  }

  private func defaulted(_ column: ColumnDefinition, _ json: JSON?) throws -> ColumnDefinition {
    let scope = Scope(tables: [:], views: [:], dialect: schema.dialect)
    switch try scope.node(json ?? JSON(parsing: "null")) {
    case .value(let value): return column.default(value)
    case .sql(let fragment): return column.default(fragment.sql)
    default: throw ReplayFailure("a default that is no value")
    }
  }

  private func maker(_ json: JSON?) throws -> @Sendable () -> SQLValue {
    let scope = Scope(tables: [:], views: [:], dialect: schema.dialect)
    switch try scope.node(json ?? JSON(parsing: "null")) {
    case .value(let value): return { .value(value) }
    case .sql(let part):
      let fragment = part.sql
      return { .sql(fragment) }
    default: throw ReplayFailure("a default that is no value")
    }
  }

  private func sequence(_ json: JSON?) -> SequenceOptions {
    var options = SequenceOptions()
    options.name = json?["name"]?.string
    options.startWith = json?["startWith"]?.int
    options.increment = json?["increment"]?.int
    options.minValue = json?["minValue"]?.int
    options.maxValue = json?["maxValue"]?.int
    options.cache = json?["cache"]?.int
    options.cycles = json?["cycle"]?.bool ?? false
    return options
  }

  private func references(_ column: ColumnDefinition, _ mod: [JSON]) -> ColumnDefinition {
    let path = mod.count > 1 ? mod[1].string ?? "" : ""
    let actions = mod.count > 2 ? mod[2] : nil
    let book = schema.tables
    return column.references(
      onDelete: Reference.Action(actions?["onDelete"]?.string),
      onUpdate: Reference.Action(actions?["onUpdate"]?.string)
    ) { book.column(path) }
  }
}

extension Reference.Action {
  init?(_ words: String?) {
    switch words {
    case "cascade": self = .cascade
    case "restrict": self = .restrict
    case "no action": self = .noAction
    case "set null": self = .setNull
    case "set default": self = .setDefault
    default: return nil
    }
  }
}

/// Reads the extras of a recorded table.
struct ExtraReader {
  private let schema: SchemaReader
  private let table: SQLTable

  init(_ schema: SchemaReader, _ table: SQLTable) {
    self.schema = schema
    self.table = table
  }

  func extra(_ json: JSON) -> TableExtra? {
    let parts = json.elements ?? []
    let name = parts.count > 1 ? parts[1].string : nil
    let body = parts.count > 2 ? parts[2] : nil
    switch parts.first?.string {
    case "primaryKey":
      return .primaryKey(name: name, keys: body?.elements?.compactMap(\.string) ?? [])
    case "unique":
      return .unique(
        name: name, keys: body?["on"]?.elements?.compactMap(\.string) ?? [],
        nullsNotDistinct: body?["nullsNotDistinct"]?.bool ?? false)
    case "index": return index(name, body, isUnique: false)
    case "uniqueIndex": return index(name, body, isUnique: true)
    case "check": return scope.fragmentOrNil(body).map { .check(name: name ?? "", $0) }
    case "foreignKey":
      let book = schema.tables
      let paths = body?["to"]?.elements?.compactMap(\.string) ?? []
      return .foreignKey(
        ForeignKeyDefinition(
          name, body?["from"]?.elements?.compactMap(\.string) ?? [],
          references: { paths.map { book.column($0) } },
          onDelete: Reference.Action(body?["onDelete"]?.string),
          onUpdate: Reference.Action(body?["onUpdate"]?.string)))
    case "policy":
      let roles = body?["to"]?.string.map { [$0] } ?? body?["to"]?.elements?.compactMap(\.string)
      return .policy(
        PolicyDefinition(
          name ?? "", as: body?["as"]?.string, for: body?["for"]?.string, to: roles ?? [],
          using: scope.fragmentOrNil(body?["using"]),
          withCheck: scope.fragmentOrNil(body?["withCheck"])))
    default: return nil
    }
  }

  private var scope: Scope {
    var scope = Scope(tables: schema.tables.tables, views: [:], dialect: schema.dialect)
    scope.own = { [table] key in table[key] }
    return scope
  }

  private func index(_ name: String?, _ body: JSON?, isUnique: Bool) -> TableExtra {
    let elements = body?["on"]?.elements?.compactMap { element($0) } ?? []
    let parameters = (body?["with"]?.members ?? []).map { member in
      (name: member.key, value: member.value.string ?? member.value.int.map(String.init) ?? "")
    }
    return .index(
      IndexDefinition(
        name, isUnique: isUnique, on: elements, where: scope.fragmentOrNil(body?["where"]),
        using: body?["using"]?.string, with: parameters))
  }

  private func element(_ json: JSON) -> IndexDefinition.Element? {
    if let key = json.string { return .init(table[key].sql) }
    guard let key = json["self"]?.string else { return scope.fragmentOrNil(json).map { .init($0) } }
    var element = IndexDefinition.Element(table[key].sql)
    for mod in json["mods"]?.elements ?? [] {
      let words = mod.elements?.compactMap(\.string) ?? mod.string.map { [$0] } ?? []
      switch words.first {
      case "asc": element.isDescending = false
      case "desc": element.isDescending = true
      case "nullsFirst": element.nullsFirst = true
      case "nullsLast": element.nullsFirst = false
      case "op": element.operatorClass = words.last
      default: break
      }
    }
    return element
  }
}

import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit
import Synchronization

/// The tables by their keys, which references and defaults look up when they are asked.
final class TableBook: Sendable {
  private let book = Mutex<[String: SQLTable]>([:])

  var tables: [String: SQLTable] { book.withLock { $0 } }

  func add(_ table: SQLTable, _ key: String) { book.withLock { $0[key] = table } }

  func column(_ path: String) -> SQLColumn {
    let parts = path.split(separator: ".").map(String.init)
    guard let table = tables[parts[0]] else { return SQLTable(parts[0], [:])[path] }
    return table[parts.dropFirst().joined(separator: ".")]
  }
}

/// Reads the schema of a file of cases, or of one case, as one database sees it.
struct SchemaReader {
  let json: JSON?
  let dialect: SQLDialect
  let tables = TableBook()
  let enums: [String: PostgresEnum]

  init(_ json: JSON?, _ dialect: SQLDialect) throws {
    self.json = json
    self.dialect = dialect
    var enums: [String: PostgresEnum] = [:]
    for member in json?["enums"]?.members ?? [] {
      enums[member.key] = PostgresEnum(
        member.value["name"]?.string ?? member.key, schema: member.value["pgSchema"]?.string,
        member.value["values"]?.elements?.compactMap(\.string) ?? [])
    }
    self.enums = enums
    for member in json?["tables"]?.members ?? [] {
      let names = member.value["dialects"]?.elements?.compactMap(\.string)
      if let names, !names.contains(dialect.rawValue) { continue }
      tables.add(try table(member.value), member.key)
    }
  }

  private func table(_ json: JSON) throws -> SQLTable {
    var columns: [(key: String, definition: ColumnDefinition)] = []
    for member in json["columns"]?.members ?? [] {
      let column = member.value[dialect.rawValue] ?? member.value
      columns.append((member.key, try ColumnReader(self, column).definition()))
    }
    let casing: Casing =
      switch json["casing"]?.string {
      case "snake", "snake_case": .snakeCase
      case "camel", "camelCase": .camelCase
      default: .preserve
      }
    let extras = json["extras"]?.elements ?? []
    let reader = self
    return SQLTable(
      json["name"]?.string ?? "", schema: json["pgSchema"]?.string, casing: casing,
      rowLevelSecurity: json["rls"]?.bool ?? false, columns: columns,
      extras: { table in extras.compactMap { ExtraReader(reader, table).extra($0) } })
  }

  /// The views, in the order in which they are defined.
  func views() throws -> [String: SQLView] {
    var views: [String: SQLView] = [:]
    for member in json?["views"]?.members ?? [] {
      let names = member.value["dialects"]?.elements?.compactMap(\.string)
      if let names, !names.contains(dialect.rawValue) { continue }
      let scope = Scope(tables: tables.tables, views: views, dialect: dialect)
      guard let chain = member.value["chain"]?.elements else { continue }
      guard case .select(let query) = try scope.build(chain, nil) else { continue }
      views[member.key] = SQLView(
        member.value["name"]?.string ?? member.key, schema: member.value["pgSchema"]?.string,
        isMaterialized: member.value["materialized"]?.bool ?? false, as: query)
    }
    return views
  }

  /// The relations of the schema, or of one case.
  func relations(_ json: JSON?, views: [String: SQLView] = [:]) throws(PrivataError) -> Relations {
    var sources: [String: any QuerySource] = tables.tables
    for (key, view) in views { sources[key] = view }
    var definitions: [String: [String: RelationDefinition]] = [:]
    let scope = Scope(tables: tables.tables, views: views, dialect: dialect)
    for table in json?.members ?? [] where sources[table.key] != nil {
      for relation in table.value.members ?? [] {
        guard let parts = relation.value.elements, parts.count > 1,
          let target = parts[1].string, sources[target] != nil
        else { continue }
        let config = parts.count > 2 ? parts[2] : nil
        var definition =
          parts[0].string == "one" ? RelationDefinition.one(target) : .many(target)
        definition.from = columns(config?["from"])
        definition.to = columns(config?["to"])
        definition.alias = config?["alias"]?.string
        definition.isOptional = config?["optional"]?.bool ?? true
        if let condition = config?["where"] {
          definition.condition = try? scope.filter(condition)
        }
        definitions[table.key, default: [:]][relation.key] = definition
      }
    }
    return try Relations(sources, definitions)
  }

  /// `"users.id"`, a list of those, or `[column, junction column]`.
  private func columns(_ json: JSON?) -> [RelationColumn]? {
    guard let json else { return nil }
    if let path = json.string { return [RelationColumn(path)] }
    let parts = json.elements ?? []
    if parts.count == 2, let path = parts[0].string, let through = parts[1].string,
      RelationColumn(path).path.split(separator: ".")[0] != through.split(separator: ".")[0]
    {
      return [RelationColumn(path, through: through)]
    }
    return parts.map { part in
      if let path = part.string { return RelationColumn(path) }
      let pair = part.elements?.compactMap(\.string) ?? []
      return RelationColumn(pair.first ?? "", through: pair.count > 1 ? pair[1] : nil)
    }
  }
}

/// The custom type of the notation: "enc:" and the text from its end to its start.
struct Reversed: ColumnCodec {
  func encode(_ value: Value) -> SQLBinding {
    .value(.string("enc:" + String((value.asString ?? "").reversed())))
  }

  func decode(_ answer: Answer) -> Value {
    .string(String(answer.text.dropFirst(4).reversed()))
  }
}

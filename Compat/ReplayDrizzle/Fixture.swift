import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

/// The schema, seed and statements of a file of cases, for one database.
struct Fixture: Sendable {
  let dialect: SQLDialect
  let tables: [String: SQLTable]
  let views: [String: SQLView]
  let relations: Relations
  /// The recorded schema.
  let schema: JSON?
  let statements: [String]
  let afterSeed: [String]
  private let seedOrder: [String]
  private let seed: JSON?

  init(_ file: JSON, _ dialect: SQLDialect) throws {
    self.dialect = dialect
    schema = file["schema"]
    let reader = try SchemaReader(file["schema"], dialect)
    tables = reader.tables.tables
    let key = dialect.rawValue
    statements = file["ddl"]?[key]?.elements?.compactMap(\.string) ?? []
    afterSeed = file["afterSeed"]?[key]?.elements?.compactMap(\.string) ?? []
    seedOrder = file["seedOrder"]?.elements?.compactMap(\.string) ?? []
    seed = file["seed"]
    views = try reader.views()
    relations = try reader.relations(file["schema"]?["relations"], views: views)
  }

  /// Adds the seed, and what is to follow it.
  func plant(_ db: Database) async throws {
    let scope = Scope(fixture: self)
    for key in seedOrder {
      guard let table = tables[key], let rows = seed?[key]?.elements, !rows.isEmpty else {
        continue
      }
      let values = try rows.map { try scope.values($0) }
      try await db.insert(table).values(values).run()
    }
    for statement in afterSeed { _ = try await db.execute(SQL(unsafeRaw: statement)) }
  }

  /// The statement that empties all tables.
  var truncation: String {
    let names = seedOrder.compactMap { tables[$0] }.map { table in
      (table.schema.map { dialect.quote($0) + "." } ?? "") + dialect.quote(table.name)
    }
    return "truncate " + names.joined(separator: ", ") + " restart identity cascade"
  }
}

extension JSON {
  var int: Int? { if case .integer(let value) = kind { Int(value) } else { nil } }
  var bool: Bool? { if case .bool(let value) = kind { value } else { nil } }
  var isNull: Bool { if case .null = kind { true } else { false } }

  /// True for an object that has the key.
  func has(_ key: String) -> Bool { self[key] != nil }

  /// The recorded answer of a database, where the field has one per database.
  func recorded(_ dialect: SQLDialect) -> JSON? { self[dialect.rawValue] }
}

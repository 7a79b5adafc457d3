import Foundation
import PrivataCore
import PrivataSQL
import PrivataSQLite

/// Looks into a SQLite file from outside, as any other program would.
struct Shelf {
  let store: SQLiteStore

  init(_ path: String) async throws(PrivataError) {
    guard let store = try await StoreSource.sqlite(path).open() as? SQLiteStore else {
      throw PrivataError(.unsupported, "not a SQLite file")
    }
    self.store = store
  }

  func count(_ table: String) async throws(PrivataError) -> Int {
    let result = try await store.execute(SQLStatement(sql: "SELECT count(*) FROM \"\(table)\""))
    return result.rows.value(row: 0, column: 0)?.asInt ?? 0
  }

  /// The first row of a table as `column = value` lines, long values cut.
  func firstRow(_ table: String, where condition: String = "1") async throws(PrivataError)
    -> [String]
  {
    let result = try await store.execute(
      SQLStatement(sql: "SELECT * FROM \"\(table)\" WHERE \(condition) LIMIT 1"))
    guard !result.rows.isEmpty else { return [] }
    return result.columns.enumerated().compactMap { column, name in
      guard !name.hasPrefix("_o"), !name.hasPrefix("_r"),
        let value = result.rows.value(row: 0, column: column), !value.isNull
      else { return nil }
      return "\(name) = \(Self.text(value))"
    }
  }

  func tables() async throws(PrivataError) -> [String] {
    let result = try await store.execute(
      SQLStatement(
        sql:
          "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"
      ))
    return (0..<result.rows.count).compactMap { result.rows.value(row: $0, column: 0)?.asString }
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .string(let text): text.count > 30 ? text.prefix(29) + "…" : text
    case .binary(let binary): "(\(binary.bytes.count) bytes)"
    case .int32(let number): "\(number)"
    case .int64(let number): "\(number)"
    case .double(let number): "\(number)"
    default: value.typeName
    }
  }

  func close() async { await store.close() }
}

internal import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// Which columns a constraint or unique index covers, by its name: errors name fields, and the
/// server's own words about them hold values.
final class PostgresConstraints: Sendable {
  struct Name: Hashable, Sendable {
    var schema: String
    var name: String
  }

  private let known = Mutex<[Name: [String]]>([:])

  /// The columns of a constraint, `nil` where it is not known.
  func columns(of name: Name) -> [String]? { known.withLock { $0[name] } }

  /// Takes note of constraints.
  func learn(_ columns: [Name: [String]]) {
    known.withLock { $0.merge(columns) { _, new in new } }
  }
}

extension PostgresSession {
  /// The columns of all constraints and unique indexes of a schema; of the session's own where `nil`.
  func constraintColumns(
    in schema: String?, _ terms: Terms = Terms(isRead: true)
  ) async throws(PrivataError) -> [PostgresConstraints.Name: [String]] {
    var statement = SQLStatement(Self.constraintQuery)
    statement.parameters = [schema.map { .string($0) } ?? .null]
    let rows = try await rows(of: statement, terms)
    var columns: [PostgresConstraints.Name: [String]] = [:]
    for row in 0..<rows.count {
      guard let schema = rows.value(row: row, column: 0)?.asString,
        let name = rows.value(row: row, column: 1)?.asString,
        let list = rows.value(row: row, column: 2)?.asArray
      else { continue }
      columns[.init(schema: schema, name: name)] = list.compactMap(\.asString)
    }
    return columns
  }

  // An index over an expression has no columns of its own; those it depends on are listed, without
  // the two that the layout adds.
  private static let constraintQuery = SQLTemplate(
    """
    SELECT n.nspname::text, c.relname::text, coalesce(
      nullif(ARRAY(
        SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
        WHERE k.number > 0 ORDER BY k.place), '{}'),
      ARRAY(
        SELECT DISTINCT a.attname::text FROM pg_depend d
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.objid = i.indexrelid AND d.refobjid = i.indrelid AND d.refobjsubid > 0
          AND a.attname NOT IN ('_rest', '_odd')))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indisunique AND n.nspname = coalesce($1, current_schema())
    UNION ALL
    SELECT n.nspname::text, k.conname::text, ARRAY(
      SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(number, place)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
    WHERE k.contype IN ('f', 'c', 'x') AND k.conrelid <> 0
      AND n.nspname = coalesce($1, current_schema())
    """, kind: "schema", collection: "pg_constraint", parameters: [.string],
    columns: [.string, .string, .array(.string)])
}

package import PrivataCore

/// The indexes of a model's table in MongoDB's terms. One of a model is up to three of SQL: for the
/// column, for records without a value, and for values of another type than the column's.
package struct IndexListing: Sendable {
  /// An index in MongoDB's terms, and those of SQL that make it.
  private struct Entry: Sendable {
    var description: Document
    var names: [String]
    var keyed: [KeyedIndex] = []

    var name: String { description["name"]?.asString ?? "" }
  }

  private let layout: TableLayout
  private let stored: [StoredIndex]
  private let entries: [Entry]

  init(_ layout: TableLayout, _ stored: [StoredIndex]) {
    self.layout = layout
    // The order of arrival is the store's own, nothing that a model asks for.
    let stored = stored.filter { $0.columns.first?.name != TableLayout.sequenceName }
    self.stored = stored
    let present = Set(stored.map(\.name))
    var entries = Self.wanted(layout).filter { entry in
      entry.names.allSatisfy { present.contains(layout.dialect.identifier($0)) }
    }
    // What is there of an index of the model that is not whole is no index of its own.
    let known = Set(
      Self.wanted(layout).flatMap(\.names).map(layout.dialect.identifier)
        + [layout.dialect.identifier(layout.indexName(["odd"], "idx"))])
    entries += Self.others(stored.filter { !$0.isPrimary && !known.contains($0.name) }, layout)
    self.entries = entries
  }

  /// What a model's table keeps, the primary key first; nothing where there is no table.
  package var descriptions: [Document] {
    let key = layout.key.map { Document.Element(key: $0.field, value: 1) }
    let primary: Document = ["key": .document(Document(key)), "name": "_id_"]
    return [primary] + entries.map(\.description)
  }

  /// The indexes that a model asks for and a table of SQL keeps.
  package static func wanted(of model: ModelSchema, _ dialect: SQLDialect) -> [Document] {
    wanted(TableLayout(model, dialect: dialect)).map(\.description)
  }

  /// Those of SQL that go with an index of that name, `*` for all, and the keyed ones among them.
  package func parts(of name: String) -> (names: [String], keyed: [KeyedIndex]) {
    let dropped = entries.filter { name == "*" || $0.name == name }
    let kept = Set(
      entries.filter { entry in !dropped.contains { $0.name == entry.name } }
        .flatMap(\.names))
    return (
      dropped.flatMap(\.names).filter { !kept.contains($0) }, dropped.flatMap(\.keyed)
    )
  }

  // MARK: - Of the model

  private static func wanted(_ layout: TableLayout) -> [Entry] {
    var entries: [Entry] = []
    for field in layout.model.fields where field.isUnique || field.isIndexed {
      guard !layout.isSoleKey(field.name) else { continue }
      let schema = IndexSchema(parts: [.init(field.name)], isUnique: field.isUnique)
      entries.append(entry(schema, layout.fieldIndex(field), layout))
    }
    for index in layout.model.indexes {
      entries.append(entry(index, layout.index(index), layout))
    }
    var names: Set<String> = []
    return entries.filter { !$0.names.isEmpty && names.insert($0.name).inserted }
  }

  private static func entry(
    _ schema: IndexSchema, _ statements: [IndexStatement], _ layout: TableLayout
  ) -> Entry {
    let keyed = layout.keyed.filter { index in
      index.hasKeys(of: schema, isOdd: index.isOdd)
        || !schema.isUnique
          && index.hasKeys(of: IndexSchema(parts: [schema.parts[0]]), isOdd: false)
    }
    return Entry(
      description: description(schema), names: statements.map(\.name) + keyed.map(layout.name),
      keyed: keyed.filter { $0.schema.isUnique })
  }

  private static func description(_ schema: IndexSchema, name: String? = nil) -> Document {
    let key = schema.parts.map { part in
      Document.Element(
        key: part.field, value: part.kind.map { .string($0) } ?? (part.isDescending ? -1 : 1))
    }
    let usual = key.map { "\($0.key)_\($0.value.asString ?? "\($0.value.asInt ?? 1)")" }
    var description: Document = ["key": .document(Document(key))]
    description["name"] = .string(name ?? schema.name ?? usual.joined(separator: "_"))
    if schema.isUnique { description["unique"] = true }
    if schema.isSparse { description["sparse"] = true }
    if let filter = schema.partialFilter {
      description["partialFilterExpression"] = .document(filter)
    }
    if let collation = schema.collation { description["collation"] = .document(collation) }
    return description
  }

  // MARK: - Of others

  /// Indexes that the model does not ask for: made for an earlier schema, or by hand.
  private static func others(_ stored: [StoredIndex], _ layout: TableLayout) -> [Entry] {
    var left = stored
    var entries: [Entry] = []
    for index in layout.keyed where !index.isOdd {
      let name = layout.dialect.identifier(layout.name(of: index))
      guard left.contains(where: { $0.name == name }) else { continue }
      let fields = index.schema.parts.map(\.field)
      let names = left.filter { $0.name == name || $0.fields(in: layout) == fields }.map(\.name)
      left.removeAll { names.contains($0.name) }
      entries.append(
        Entry(
          description: description(index.schema, name: name), names: names, keyed: [index]))
    }
    for index in left {
      guard let parts = index.parts(in: layout) else { continue }
      let schema = IndexSchema(parts: parts, isUnique: index.isUnique)
      let odd = layout.keyed.filter {
        $0.isOdd && $0.schema.parts.map(\.field) == parts.map(\.field)
      }
      let beside =
        odd.map { layout.dialect.identifier(layout.name(of: $0)) }
        + [layout.dialect.identifier(layout.indexName(parts.map(\.field), "null"))]
      let helpers = left.map(\.name).filter { index.isUnique && beside.contains($0) }
      entries.append(
        Entry(
          description: description(schema, name: index.name), names: [index.name] + helpers,
          keyed: index.isUnique ? odd : []))
    }
    return entries
  }
}

/// An index as the database's own tables say it.
struct StoredIndex: Sendable {
  var name: String
  var isUnique: Bool
  var isPrimary: Bool
  /// The columns; `nil` for an expression.
  var columns: [(name: String?, isDescending: Bool)] = []

  /// The fields of the columns; `nil` where one is an expression or a column of a keyed index.
  func parts(in layout: TableLayout) -> [IndexSchema.Part]? {
    var parts: [IndexSchema.Part] = []
    for column in columns {
      guard let name = column.name, KeyedIndex.fields(ofColumn: name) == nil else { return nil }
      let known = layout.columns.first { layout.dialect.identifier($0.name) == name }
      parts.append(.init(known?.field ?? name, isDescending: column.isDescending))
    }
    return parts.isEmpty ? nil : parts
  }

  func fields(in layout: TableLayout) -> [String]? { parts(in: layout)?.map(\.field) }

  /// Asks for the indexes of a model's table, one row per column.
  static func statement(_ model: ModelSchema, _ dialect: SQLDialect) -> SQLStatement {
    let columns: [FieldType?] = [.string, .bool, .bool, .string, .bool]
    switch dialect {
    case .sqlite:
      var statement = LayoutMeta.schema(
        """
        SELECT l.name, l."unique", l.origin = 'pk', x.name, x."desc" \
        FROM pragma_index_list(?) l, pragma_index_xinfo(l.name) x \
        WHERE x.key ORDER BY l.seq DESC, x.seqno
        """, parameters: [.string], columns: columns)
      let name = model.namespace.map { "\($0).\(model.collection)" } ?? model.collection
      statement.parameters = [.string(name)]
      return statement
    case .postgres:
      var statement = LayoutMeta.schema(
        """
        SELECT i.relname::text, x.indisunique, x.indisprimary, a.attname::text, \
        (x.indoption[k.place - 1] & 1) = 1 \
        FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid \
        JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_class i ON i.oid = x.indexrelid \
        CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY k(number, place) \
        LEFT JOIN pg_attribute a \
        ON a.attrelid = t.oid AND a.attnum = k.number AND k.number > 0 \
        WHERE n.nspname = coalesce($1, current_schema()) AND t.relname = $2 \
        ORDER BY i.oid, k.place
        """, parameters: [.string, .string], columns: columns)
      statement.parameters = [
        model.namespace.map { .string(dialect.identifier($0)) } ?? .null,
        .string(dialect.identifier(model.collection)),
      ]
      return statement
    }
  }

  static func all(_ rows: RowBatch) -> [StoredIndex] {
    var all: [StoredIndex] = []
    for row in 0..<rows.count {
      let name = rows.value(row: row, column: 0)?.asString ?? ""
      if all.last?.name != name {
        all.append(
          StoredIndex(
            name: name, isUnique: rows.value(row: row, column: 1)?.asBool ?? false,
            isPrimary: rows.value(row: row, column: 2)?.asBool ?? false))
      }
      all[all.count - 1].columns.append(
        (
          rows.value(row: row, column: 3)?.asString,
          rows.value(row: row, column: 4)?.asBool ?? false
        ))
    }
    return all
  }
}
